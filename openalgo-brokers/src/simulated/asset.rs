//! A row together with its course.

use super::course::Course;
use super::row::Row;

/// What a price course exists for.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) row: Row,
    pub(super) course: Course,
}

impl Asset {
    pub(super) fn new(seed: u64, row: Row) -> Self {
        Self {
            course: Course::new(seed, &row),
            row,
        }
    }
}
