//! The encryption context: what a data key is for, repeated by whoever wants it back.

use crate::encode::part;

const LABEL: &[u8] = b"strongroom/context/v1\0";

/// Pairs of text, sorted by the bytes of their keys, in their canonical form: `"strongroom/context/v1\0"`, then key and
/// value of each pair in turn, each u32-length-prefixed. Not secret; authenticated with the wrapped data key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EncryptionContext(Vec<u8>);

impl EncryptionContext {
    /// The canonical form.
    pub fn canonical(&self) -> &[u8] {
        &self.0
    }
}

/// Of several pairs with one key the last counts.
impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for EncryptionContext {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<(K, V)> = pairs.into_iter().collect();
        pairs.sort_by(|(one, _), (other, _)| one.as_ref().cmp(other.as_ref()));
        let lengths = pairs.iter().map(|(key, value)| 8 + key.as_ref().len() + value.as_ref().len());
        let mut canonical = Vec::with_capacity(LABEL.len() + lengths.sum::<usize>());
        canonical.extend_from_slice(LABEL);
        // Sorting keeps the order of equal ones.
        for same in pairs.chunk_by(|(one, _), (next, _)| one.as_ref() == next.as_ref()) {
            let Some((key, value)) = same.last() else { continue };
            part(&mut canonical, key.as_ref().as_bytes());
            part(&mut canonical, value.as_ref().as_bytes());
        }
        Self(canonical)
    }
}
