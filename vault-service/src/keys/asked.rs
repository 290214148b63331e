//! What is asked of key-service, and what it gives.

use bytes::Bytes;
use envelope::DataKey;
use names::{BootId, KeyName};

use super::context::Context;

/// Number of a key operation, as key-service counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The key-service process.
    pub boot: BootId,
    /// Counter within it, from 1.
    pub counter: u64,
}

/// Asks for a new data key.
#[derive(Debug, Clone)]
pub struct GenerateKey {
    /// The key that wraps it.
    pub key: KeyName,
    /// The person whose subject key it depends on.
    pub subject: Option<String>,
    /// What it is bound to.
    pub context: Context,
}

/// A new data key.
#[derive(Debug)]
pub struct GeneratedKey {
    /// The key, to be used once.
    pub data_key: DataKey,
    /// The key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The number of this use.
    pub operation: Operation,
}

/// Asks for a wrapped data key to be opened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnwrapKey {
    /// The key that it must be wrapped by.
    pub key: KeyName,
    /// As when it was made.
    pub subject: Option<String>,
    /// As when it was made.
    pub context: Context,
    /// The wrapped key.
    pub wrapped_key: Bytes,
}

/// An unwrapped data key.
#[derive(Debug)]
pub struct UnwrappedKey {
    /// The key, to be used once: another reveal gets a copy of its own.
    pub data_key: DataKey,
    /// The number of this use; of the first one, where the key is used again.
    pub operation: Operation,
    /// Whether it was used before: key-service did not see this use.
    pub is_cached: bool,
}
