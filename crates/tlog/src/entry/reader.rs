//! Reads the parts of an entry, one after the other, without copying, and says why bytes are no entry.

/// Why bytes are no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end within a field.
    #[error("entry ends within {field}")]
    Truncated {
        /// The field.
        field: &'static str,
    },
    /// The label is not that of a version that this program knows.
    #[error("unknown entry version")]
    UnknownVersion,
    /// A text field is not UTF-8.
    #[error("{field} is not UTF-8")]
    NotUtf8 {
        /// The field.
        field: &'static str,
    },
    /// The index is one that no column holds.
    #[error("index beyond the greatest there can be")]
    Index,
    /// The outcome's number is 0.
    #[error("no outcome")]
    NoOutcome,
    /// A counter stands without a boot id, or is one that no column holds.
    #[error("key operation without a boot id, or with too large a counter")]
    KeyOperation,
    /// Attributes are not in ascending order of their names.
    #[error("attributes out of order")]
    AttributeOrder,
    /// Bytes follow the last field.
    #[error("bytes follow the entry")]
    Trailing,
    /// The entry is longer than [`MAX_ENTRY_BYTES`](super::MAX_ENTRY_BYTES).
    #[error("entry too long")]
    TooLong,
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn label(&mut self, label: &[u8]) -> Result<(), DecodeError> {
        self.rest = self.rest.strip_prefix(label).ok_or(DecodeError::UnknownVersion)?;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let (array, rest) = self.rest.split_first_chunk::<N>().ok_or(DecodeError::Truncated { field })?;
        self.rest = rest;
        Ok(*array)
    }

    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        let [byte] = self.array(field)?;
        Ok(byte)
    }

    /// Bytes behind their length as u32.
    pub(super) fn bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length = u32::from_be_bytes(self.array(field)?);
        let length = usize::try_from(length).map_err(|_overflow| DecodeError::Truncated { field })?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(DecodeError::Truncated { field })?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(field)?).map_err(|_position| DecodeError::NotUtf8 { field })
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn end(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}
