//! The encryption context: what a data key is for, repeated by whoever wants it back.

use std::collections::BTreeMap;

use crate::encode::part;

const LABEL: &[u8] = b"strongroom/context/v1\0";

/// Pairs of text, sorted by the bytes of their keys. Not secret; authenticated with the wrapped data key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// A context without pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The context with one more pair; an earlier value of `key` is replaced.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// The pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// The pairs, to be sent.
    pub fn into_pairs(self) -> BTreeMap<String, String> {
        self.0
    }

    /// `"strongroom/context/v1\0"`, then key and value of each pair in turn, each u32-length-prefixed.
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.canonical_len());
        self.append_canonical(&mut out);
        out
    }

    /// How many bytes [`canonical`](Self::canonical) has.
    pub(crate) fn canonical_len(&self) -> usize {
        LABEL.len() + self.0.iter().map(|(key, value)| 8 + key.len() + value.len()).sum::<usize>()
    }

    /// Appends what [`canonical`](Self::canonical) returns.
    pub fn append_canonical(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(LABEL);
        for (key, value) in &self.0 {
            part(out, key.as_bytes());
            part(out, value.as_bytes());
        }
    }
}

impl From<BTreeMap<String, String>> for EncryptionContext {
    fn from(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
