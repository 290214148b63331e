//! Who may do what, and where: roles with permissions, bindings of a subject to a role at a scope. Deny by default.
//! And whose events the log takes.

mod file;
mod handle;
mod producers;
mod rules;

pub use file::{PolicyError, PolicyFile};
pub use handle::{PolicyChange, PolicyDigest, PolicyHandle};
pub use producers::{Producer, ProducerEntry};
pub use rules::{Binding, Policy};

#[cfg(test)]
mod tests;
