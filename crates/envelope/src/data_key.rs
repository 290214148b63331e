//! A key for one sealing.

use secret::SecretBytes;

use crate::error::Error;

/// 32 random bytes that seal one revision of one record. Not `Clone`: sealing and opening take it by value.
#[derive(Debug, PartialEq, Eq)]
pub struct DataKey(SecretBytes<32>);

impl DataKey {
    /// A new key. Where it is wrapped at once, [`wrap::generate`](crate::wrap::generate) takes it from randomness for many.
    pub fn generate() -> Result<Self, Error> {
        Ok(Self(SecretBytes::random()?))
    }

    /// The key with these 32 bytes, as they came from key-service; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        SecretBytes::from_slice(bytes).map(Self)
    }

    /// The bytes themselves. Named so that every use can be found.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    pub(crate) fn zeroed() -> Self {
        Self(SecretBytes::zeroed())
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; 32] {
        self.0.expose_mut()
    }
}
