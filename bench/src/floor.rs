//! The floors: the least work that could do the same, written as well as the product's own code.

pub(crate) mod empty;
pub(crate) mod sql;
