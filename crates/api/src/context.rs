//! Encryption contexts, taken apart by who needs them.
//!
//! `map<string, string> context` is a list of encoded entries here, each a slice of the bytes that came: a map of two
//! strings for each pair would be made only to be put into the order of the canonical form at once. The encoding is the
//! same (<https://protobuf.dev/programming-guides/encoding/>, "Maps").

use bytes::{Bytes, BytesMut};

use crate::parts::{ENTRY_HEADS, entry, write_entry};

/// The entries of a context: one for each pair, in the given order.
pub fn context_entries<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<Bytes> {
    let mut buffer = BytesMut::new();
    let mut entries = Vec::new();
    for (key, value) in pairs {
        let (key, value) = (key.as_ref(), value.as_ref());
        buffer.reserve(ENTRY_HEADS + key.len() + value.len());
        write_entry(&mut buffer, key.as_bytes(), value.as_bytes());
        entries.push(buffer.split().freeze());
    }
    entries
}

/// The pair of an entry; nothing if it is none, has one of them twice, or is no UTF-8. What is missing is empty.
pub fn context_pair(encoded: &[u8]) -> Option<(&str, &str)> {
    let (key, value) = entry(encoded)?;
    std::str::from_utf8(key).ok().zip(std::str::from_utf8(value).ok())
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    /// An entry as protobuf's own maps have it.
    #[derive(Clone, PartialEq, Message)]
    struct Entry {
        #[prost(string, tag = "1")]
        key: String,
        #[prost(string, tag = "2")]
        value: String,
    }

    const PAIRS: [(&str, &str); 4] = [("b", "1"), ("a", ""), ("", "x"), ("käse", "ö")];

    #[test]
    fn entries_are_those_of_a_map() {
        let entries = context_entries(PAIRS);
        assert_eq!(entries.len(), PAIRS.len());
        for (entry, (key, value)) in entries.iter().zip(PAIRS) {
            assert_eq!(Entry::decode(&entry[..]).unwrap(), Entry { key: key.to_owned(), value: value.to_owned() });
            assert_eq!(context_pair(entry), Some((key, value)));
        }
    }

    #[test]
    fn entries_of_other_writers_are_read() {
        for (key, value) in PAIRS {
            let entry = Entry { key: key.to_owned(), value: value.to_owned() }.encode_to_vec();
            assert_eq!(context_pair(&entry), Some((key, value)));
        }
        assert_eq!(context_pair(b""), Some(("", "")));
        assert_eq!(context_pair(b"\x12\x01v\x0a\x01k"), Some(("k", "v")), "in any order");
        assert_eq!(context_pair(b"\x0a\x01j\x0a\x01k"), None, "which one is meant?");
        assert_eq!(context_pair(b"\x18\x07\x0a\x01k\x22\x02xx"), Some(("k", "")), "unknown fields are skipped");
    }

    #[test]
    fn what_is_no_pair_of_texts_is_none() {
        for wrong in [&b"\x0a"[..], b"\x0a\x02k", b"\x08\x01", b"\x12\x01\xff", b"\x0a\x01\xc3", b"\x00", b"\x18"] {
            assert_eq!(context_pair(wrong), None, "{wrong:?}");
        }
    }
}
