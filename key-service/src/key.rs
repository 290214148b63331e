//! What a key is: purpose, versions and their states, labels.

use std::collections::BTreeMap;

use clock::Timestamp;
use names::{BirthMark, Etag, KeyId, KeyName, KeyUid, KeyVersionName, TenantUid};

/// What a key is for; one purpose for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Wraps data keys.
    Wrap,
    /// Authenticates audit entries (HMAC-SHA-256).
    Mac,
    /// Signs (Ed25519).
    Sign,
}

impl Purpose {
    /// The number that stands for the purpose in the database and in the AAD of key material.
    pub fn code(self) -> i16 {
        match self {
            Self::Wrap => 1,
            Self::Mac => 2,
            Self::Sign => 3,
        }
    }

    /// The purpose behind a number; `None` for an unknown one.
    pub fn from_code(code: i16) -> Option<Self> {
        match code {
            1 => Some(Self::Wrap),
            2 => Some(Self::Mac),
            3 => Some(Self::Sign),
            _ => None,
        }
    }
}

/// Where a key version stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// Wraps (if primary) and unwraps.
    Enabled,
    /// Refuses both until it is enabled again.
    Disabled,
    /// Is destroyed at its destroy time.
    DestroyScheduled,
    /// Its material is gone.
    Destroyed,
}

impl VersionState {
    /// The number that stands for the state in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::Enabled => 1,
            Self::Disabled => 2,
            Self::DestroyScheduled => 3,
            Self::Destroyed => 4,
        }
    }

    /// The state behind a number; `None` for an unknown one.
    pub fn from_code(code: i16) -> Option<Self> {
        match code {
            1 => Some(Self::Enabled),
            2 => Some(Self::Disabled),
            3 => Some(Self::DestroyScheduled),
            4 => Some(Self::Destroyed),
            _ => None,
        }
    }
}

/// Most bytes of stored labels: those of as many as there may be, all parts as long as they may be. A release that allows longer ones
/// comes after one that reads them.
pub(crate) const MAX_STORED_LABELS: usize = Labels::MAX * 2 * (4 + 63);

/// Caller-chosen labels: at most [`Labels::MAX`] pairs, keys and values `[a-z0-9_-]{1,63}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Most labels that a key may have.
    pub const MAX: usize = 16;

    /// Whether a text may stand as key or value of a label.
    pub fn is_valid_part(text: &str) -> bool {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    }

    /// Labels out of pairs; `None` where there are too many or a part is malformed.
    pub fn new(pairs: BTreeMap<String, String>) -> Option<Self> {
        let valid =
            pairs.len() <= Self::MAX && pairs.iter().all(|(k, v)| Self::is_valid_part(k) && Self::is_valid_part(v));
        valid.then_some(Self(pairs))
    }

    /// The pairs, sorted by key.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Pairs sorted by key, each part u32-length-prefixed (big-endian).
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in self.0.iter().flat_map(|(k, v)| [k, v]) {
            // A part has at most 63 bytes, and a stored one at most those of all labels.
            out.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend(part.as_bytes());
        }
        out
    }

    /// The labels behind their encoding; `None` for anything that [`Labels::encode`] does not write. What a key may be
    /// created with is not asked here: a later version may allow more.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = (bytes.len() <= MAX_STORED_LABELS).then_some(bytes)?;
        let mut pairs = BTreeMap::new();
        while !rest.is_empty() {
            let key = take_part(&mut rest)?;
            let value = take_part(&mut rest)?;
            if pairs.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return None;
            }
            pairs.insert(key, value);
        }
        Some(Self(pairs))
    }
}

fn take_part(rest: &mut &[u8]) -> Option<String> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let (part, tail) = tail.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = tail;
    String::from_utf8(part.to_vec()).ok()
}

/// A key as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Immutable identity, bound into everything under the key.
    pub uid: KeyUid,
    /// Id in its name.
    pub id: KeyId,
    /// The tenant whose key it is, if it is one's.
    pub tenant: Option<TenantUid>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether key-service made it for the system itself.
    pub system: bool,
    /// The version that wraps, authenticates or signs now.
    pub primary_version: u32,
    /// Counts its changes, from 1.
    pub revision: u64,
    /// Caller-chosen labels.
    pub labels: Labels,
    /// When it was made.
    pub create_time: Timestamp,
}

impl Key {
    /// `keys/{key}`.
    pub fn name(&self) -> KeyName {
        KeyName::new(self.id.clone())
    }

    /// `keys/{key}/versions/{primary}`.
    pub fn primary_name(&self) -> KeyVersionName {
        KeyVersionName::new(self.id.clone(), self.primary_version)
    }

    /// Changes with every change of the key.
    pub fn etag(&self) -> Etag {
        Etag::new(self.uid.as_uuid(), self.revision)
    }
}

/// A version that is missing among those of a key which follow `after`: the versions given, in order, and all up to `last`.
/// Each names the one before it, and a destroyed one keeps its row: one that is missing was deleted.
pub fn missing_version<'a>(after: u32, versions: impl Iterator<Item = &'a KeyVersion>, last: u32) -> Option<u32> {
    let mut newest = after;
    for version in versions {
        if version.before() > newest {
            return Some(version.before());
        }
        newest = version.version;
    }
    (newest < last).then_some(last)
}

/// One version of a key, without its material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersion {
    /// Its number, from 1.
    pub version: u32,
    /// What tells it from another version of that number, as there can be after the database was restored.
    pub birth_mark: BirthMark,
    /// Where it stands.
    pub state: VersionState,
    /// When it was made.
    pub create_time: Timestamp,
    /// When its material goes, if that is scheduled or done.
    pub destroy_time: Option<Timestamp>,
    /// Ed25519 public key of a signing key.
    pub public_key: Option<[u8; 32]>,
    /// The version before it, where numbers were passed over.
    pub previous: Option<u32>,
}

impl KeyVersion {
    /// The number of the version before it; 0 for the first.
    pub fn before(&self) -> u32 {
        self.previous.unwrap_or(self.version.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Option<Labels> {
        Labels::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn labels_with_foreign_characters_or_too_many_are_refused() {
        assert!(labels(&[("Team", "a")]).is_none());
        assert!(labels(&[("team", "")]).is_none());
        assert!(labels(&[("team", &"x".repeat(64))]).is_none());
        let many: BTreeMap<_, _> = (0..17).map(|i| (format!("k{i}"), "v".to_owned())).collect();
        assert!(Labels::new(many.clone()).is_none());
        // A later version may have stored them.
        let many = Labels(many);
        assert_eq!(Labels::decode(&many.encode()), Some(many));
        let part = |n: usize| format!("{n:0>63}");
        let longest = Labels::new((0..Labels::MAX).map(|n| (part(n), part(n))).collect()).unwrap();
        assert_eq!(longest.encode().len(), MAX_STORED_LABELS);
        assert_eq!(Labels::decode(&longest.encode()), Some(longest));
        let huge = Labels(BTreeMap::from([("k".to_owned(), "v".repeat(MAX_STORED_LABELS))]));
        assert_eq!(Labels::decode(&huge.encode()), None);
    }

    #[test]
    fn labels_decode_only_what_encode_writes() {
        let two = labels(&[("b", "2"), ("a", "1")]).unwrap();
        let bytes = two.encode();
        assert_eq!(Labels::decode(&bytes).unwrap(), two);
        for cut in 1..bytes.len() {
            assert!(Labels::decode(&bytes[..cut]).is_none_or(|l| l != two));
        }
        let (first, second) = bytes.split_at(bytes.len() / 2);
        assert!(Labels::decode(&[second, first].concat()).is_none(), "unsorted");
        assert!(Labels::decode(&[first, first].concat()).is_none(), "repeated");
    }

    #[test]
    fn a_gap_in_the_versions_is_found_wherever_it_is() {
        let version = |(number, previous): &(u32, Option<u32>)| KeyVersion {
            version: *number,
            birth_mark: BirthMark::new([0; 8]),
            state: VersionState::Enabled,
            create_time: Timestamp::from_micros(0),
            destroy_time: None,
            public_key: None,
            previous: *previous,
        };
        let missing = |after, numbers: &[(u32, Option<u32>)], last| {
            let versions: Vec<_> = numbers.iter().map(version).collect();
            missing_version(after, versions.iter(), last)
        };
        let plain = |numbers: &[u32]| numbers.iter().map(|number| (*number, None)).collect::<Vec<_>>();
        assert_eq!(missing(0, &[], 1), Some(1));
        assert_eq!(missing(0, &plain(&[2, 3]), 3), Some(1));
        assert_eq!(missing(0, &plain(&[1, 3]), 3), Some(2));
        assert_eq!(missing(0, &plain(&[1, 2]), 3), Some(3));
        assert_eq!(missing(2, &plain(&[4]), 4), Some(3));
        assert_eq!(missing(2, &plain(&[3, 4]), 3), None);
        assert_eq!(missing(9, &[], 4), None, "a page after the last");
        let passed_over = [(1, None), (2, None), (1002, Some(2)), (1003, None)];
        assert_eq!(missing(0, &passed_over, 1003), None, "numbers that were never given");
        assert_eq!(missing(2, &passed_over[2..], 1003), None, "on a page of its own");
        assert_eq!(missing(0, &[passed_over[0], passed_over[2]], 1002), Some(2));
        assert_eq!(missing(0, &[passed_over[0], passed_over[1], passed_over[3]], 1003), Some(1002));
    }

    #[test]
    fn codes_of_purposes_and_states_round_trip() {
        for purpose in [Purpose::Wrap, Purpose::Mac, Purpose::Sign] {
            assert_eq!(Purpose::from_code(purpose.code()), Some(purpose));
        }
        for code in 1..=4 {
            assert_eq!(VersionState::from_code(code).map(VersionState::code), Some(code));
        }
        assert_eq!(VersionState::from_code(5), None);
    }
}
