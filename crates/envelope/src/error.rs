//! What can go wrong. Whether a key, a place or a byte was wrong is not told apart: that would be an oracle.

use secret::RandomError;

/// Why something was not sealed or does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes were altered, or belong to another place, context, subject, time, key or key version.
    #[error("the sealed bytes do not open in this place")]
    DoesNotOpen,
    /// The bytes are not of this format at all: too short, too long, or of an unknown version.
    #[error("the bytes are not of a known format")]
    Malformed,
    /// Two fields to be sealed have the same name.
    #[error("a field name occurs twice")]
    DuplicateField,
    /// A part or all of it is longer than the format can say (4 GiB).
    #[error("the value is too long to be sealed")]
    TooLong,
    /// No randomness for a salt or a key.
    #[error("no random bytes")]
    Random(#[from] RandomError),
    /// A cryptographic operation refused its own input: a mistake in this crate.
    #[error("internal mistake: {0}")]
    Bug(&'static str),
}
