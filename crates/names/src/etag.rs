//! Etags: which revision of which thing a caller has seen.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::{Kind, NameError};
use crate::parse::malformed;

/// Uid (16 bytes) ‖ revision (u64, big-endian), written in base64url without padding: 32 characters.
///
/// A thing created again under the same name has another uid, so an old etag never fits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Etag {
    uid: Uuid,
    revision: u64,
}

impl Etag {
    /// The etag of this revision of the thing with this uid.
    pub fn new(uid: Uuid, revision: u64) -> Self {
        Self { uid, revision }
    }

    /// The uid of the thing.
    pub fn uid(self) -> Uuid {
        self.uid
    }

    /// Its revision.
    pub fn revision(self) -> u64 {
        self.revision
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        for (byte, value) in bytes.iter_mut().zip(self.uid.into_bytes().into_iter().chain(self.revision.to_be_bytes()))
        {
            *byte = value;
        }
        Base64Display::new(&bytes, &URL_SAFE_NO_PAD).fmt(f)
    }
}

impl FromStr for Etag {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let malformed = || malformed(Kind::Etag, text);
        let mut bytes = [0; 24];
        // 32 characters are 24 bytes exactly, so every etag has one spelling.
        if text.len() != 32 || !matches!(URL_SAFE_NO_PAD.decode_slice(text, &mut bytes), Ok(24)) {
            return Err(malformed());
        }
        let (uid, revision) = bytes.split_first_chunk::<16>().ok_or_else(malformed)?;
        let revision = revision.first_chunk::<8>().ok_or_else(malformed)?;
        Ok(Self::new(Uuid::from_bytes(*uid), u64::from_be_bytes(*revision)))
    }
}
