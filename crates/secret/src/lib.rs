//! Secret bytes from birth to death: random, redacted, compared in constant time, wiped.
//!
//! This is the only crate of the workspace with `unsafe` code; each block carries its safety argument.
//!
//! # Layout
//! - [`bytes`]: [`SecretBytes`] and [`SecretVec`], wiped when dropped, without `Clone`, `Serialize` or a telling `Debug`
//! - [`scrub`]: [`scrubbed`], which runs a function and then wipes the stack it used
//! - `wipe`: overwriting memory in a way that no compiler removes
//! - [`alloc`]: [`ZeroAlloc`], the global allocator that wipes what is freed
//! - [`locked`]: pages kept out of swap and core dumps, where long-lived keys live
//! - [`process`]: [`harden_process`], no core dumps and no tracing by other processes of the same user
//! - [`mod@file`]: [`read_secret_file`], the way secrets come into a process
//! - [`random`]: the operating system's randomness, the only source there is
//!
//! # What is promised, and what is not
//! With the allocator installed and every use of a key inside [`scrubbed`], no data key is left in the memory of the
//! process when a request has ended. Registers saved by the kernel, memory that C code allocates (PKCS#11 modules) and
//! pages that were swapped out before they were locked are beyond it.

pub mod alloc;
pub mod bytes;
pub mod file;
pub mod locked;
pub mod process;
pub mod random;
pub mod scrub;
mod wipe;

pub use alloc::ZeroAlloc;
pub use bytes::{SecretBytes, SecretVec, constant_time_eq};
pub use file::{read_password_file, read_plain_file, read_secret_file};
pub use locked::Residence;
pub use process::{Hardening, harden_process, runs_as_root};
pub use random::{RandomError, random_array};
pub use scrub::{SCRUBS, scrubbed, scrubbed_deep};
