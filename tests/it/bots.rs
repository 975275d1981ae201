//! Bots: the same one on the same prices trades the same, wherever it runs; and none is lost, doubled
//! or in the way of another.

mod alike;
mod candles;
mod lives;
mod restless;
mod slow;
