//! Wrapping data keys, sealing records, and the keys that hang on the root key. No I/O and no clock.
//!
//! Every byte layout is drawn in `docs/envelope-format.md`; vectors for it are in `docs/vectors/envelope.json`.
//!
//! # Layout
//! - [`context`]: the encryption context a data key is bound to
//! - [`data_key`]: a key that seals once
//! - [`wrap`]: a data key under a key version (and a subject's key)
//! - [`record`]: a record's fields and what surrounds them, under its data key
//! - [`padding`]: spaces behind a field's JSON, so that short values look alike
//! - [`stored`]: columns of the key database, under the root key
//! - [`mac`]: fingerprints of requests
//! - [`kdf`]: subkeys by label
//! - [`error`]: what can go wrong, without telling an attacker why
//!
//! # Known limits
//! - Putting an older genuine row back as a whole is not found by opening it: compare revisions with the audit log, or
//!   give the etag.
//! - Field names and the number of fields are not hidden, the lengths of values only within the steps of [`padding`].

mod aead;
mod committed;
pub mod context;
pub mod data_key;
mod encode;
pub mod error;
pub mod kdf;
pub mod mac;
pub mod padding;
pub mod record;
pub mod stored;
pub mod wrap;

pub use context::EncryptionContext;
pub use data_key::DataKey;
pub use error::Error;
pub use kdf::derive;

#[cfg(test)]
mod tests;
