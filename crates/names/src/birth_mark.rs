//! What tells two versions of one number apart.

use std::fmt;

/// Eight random bytes that a key version gets when it is made and keeps for ever.
///
/// After the key database was restored from a backup, a rotation makes the same number again with other material. What was
/// wrapped or authenticated under a version therefore names its birth mark beside its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthMark([u8; BirthMark::BYTES]);

impl BirthMark {
    /// Length in bytes.
    pub const BYTES: usize = 8;

    /// Gives eight bytes their meaning.
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Takes exactly eight bytes. `None` for any other number of them.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Display for BirthMark {
    /// Sixteen hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BirthMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
