//! Time as a parameter: services take a [`Clock`], tests set it.
//!
//! # Layout
//! - [`timestamp`]: [`Timestamp`], nanoseconds since the Unix epoch
//! - [`clock`](mod@clock): [`Clock`], [`SystemClock`] and the settable [`TestClock`]
//! - [`database_time`]: [`DatabaseTime`], what a database's clock shows, as far as that can be true
//! - [`id`]: [`uuid_v7`], time-ordered unique ids

pub mod clock;
pub mod database_time;
pub mod id;
pub mod timestamp;

pub use clock::{Clock, SharedClock, SystemClock, TestClock};
pub use database_time::DatabaseTime;
pub use id::uuid_v7;
pub use timestamp::Timestamp;
