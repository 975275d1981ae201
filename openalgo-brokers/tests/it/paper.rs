//! The paper exchange: what fills, what it costs, and that nothing is ever lost or made up.

mod books;
mod costs;
mod delivery;
mod exposure;
mod fills;
mod hours;
mod jobs;
mod modifying;
mod netting;
mod reserving;
mod samples;
mod sequences;
mod terms;
mod watching;
mod world;
