//! Time as a parameter: services take a [`Clock`], tests set it.
//!
//! # Layout
//! - [`timestamp`]: [`Timestamp`], nanoseconds since the Unix epoch
//! - [`clock`](mod@clock): [`Clock`], [`SystemClock`] and the settable [`TestClock`]
//! - [`id`]: [`uuid_v7`], time-ordered unique ids

pub mod clock;
pub mod id;
pub mod timestamp;

pub use clock::{Clock, SharedClock, SystemClock, TestClock};
pub use id::uuid_v7;
pub use timestamp::Timestamp;
