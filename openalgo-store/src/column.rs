//! What single columns hold, and how it becomes a value of the domain.
//!
//! Rows are read as they stand; [`Place`] then turns each cell into a value and, where that fails,
//! says which table, column and row is damaged.

mod cells;
mod place;
mod real;
mod text;
mod whole;

pub(crate) use cells::{Cells, Selected, selection};
pub(crate) use place::Place;
pub(crate) use real::Real;
pub(crate) use text::Text;
pub(crate) use whole::Whole;
