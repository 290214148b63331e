//! Errors of any kind.

use std::error::Error;

/// An error of any kind; its chain is logged once, by the harness.
pub type BoxError = Box<dyn Error + Send + Sync>;
