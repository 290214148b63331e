//! The fields of a record: names with JSON values, and the limits that hold for every collection.
//!
//! # Layout
//! - [`name`]: what a field may be called
//! - [`path`]: where a value is

pub mod name;
pub mod path;

use std::collections::{BTreeSet, HashSet};

use rpc::bound::at_most;
use secret::SecretVec;

use self::name::check_name;
use crate::problems::Problems;

/// Most fields of one record.
pub const MAX_FIELDS: usize = at_most(256);
/// Longest record: bytes of all names and of all values as JSON.
pub const MAX_RECORD_BYTES: usize = at_most(1 << 20);
/// Most objects and arrays inside each other within one field. Readers of protobuf give up at 100 nested messages, and
/// an object of a `Struct` takes three: whatever is stored here can be read back by all of them.
pub const MAX_DEPTH: usize = 30;

/// The JSON type of a value (RFC 8259, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// An array.
    Array,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// A number.
    Number,
    /// An object.
    Object,
    /// A string.
    String,
}

impl JsonType {
    /// The type of a JSON text without leading white space, which is how this service writes it.
    pub fn of(json: &[u8]) -> Self {
        match json.first() {
            Some(b'[') => Self::Array,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            Some(b'{') => Self::Object,
            Some(b'"') => Self::String,
            _ => Self::Number,
        }
    }
}

/// Fields as a caller gave them: a value that could not be read is `None`, and a problem says why.
#[derive(Debug, Default)]
pub struct GivenFields {
    /// Sorted by name.
    values: Vec<(String, Option<SecretVec>)>,
}

impl GivenFields {
    /// Keeps only the fields that `keep` names.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.values.retain(|(name, _)| keep(name));
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&SecretVec>)> {
        self.values.iter().map(|(name, json)| (name.as_str(), json.as_ref()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The fields, without those that could not be read.
    pub fn into_fields(self) -> Fields {
        Fields { values: self.values.into_iter().filter_map(|(name, json)| Some((name, json?))).collect() }
    }

    /// Names of the values that could not be read.
    pub fn unreadable(&self) -> Unreadable {
        Unreadable(self.iter().filter(|(_, json)| json.is_none()).map(|(name, _)| name.to_owned()).collect())
    }

    /// Reports names that no field may have.
    pub fn check_names(&self, problems: &mut Problems) {
        for (name, _) in &self.values {
            if let Err(rule) = check_name(name) {
                problems.add(format!("fields.{name}"), rule);
            }
        }
    }
}

/// Of several values with one name the last counts, as in every map of protobuf.
impl FromIterator<(String, Option<SecretVec>)> for GivenFields {
    fn from_iter<I: IntoIterator<Item = (String, Option<SecretVec>)>>(values: I) -> Self {
        Self { values: sorted(values.into_iter().collect()) }
    }
}

/// Names of fields whose values could not be read: they are reported already.
#[derive(Debug, Default)]
pub struct Unreadable(BTreeSet<String>);

impl Unreadable {
    /// Whether this field is one of them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The fields of a record: each value is a JSON text in UTF-8.
#[derive(Debug, Default)]
pub struct Fields {
    /// Sorted by name.
    values: Vec<(String, SecretVec)>,
}

impl Fields {
    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretVec)> {
        self.values.iter().map(|(name, json)| (name.as_str(), json))
    }

    /// What the sealing takes: names and values, sorted by name.
    pub fn as_slices(&self) -> Vec<(&str, &[u8])> {
        self.values.iter().map(|(name, json)| (name.as_str(), json.expose())).collect()
    }

    /// The names, sorted. The values are wiped.
    pub fn into_names(self) -> Vec<String> {
        self.values.into_iter().map(|(name, _)| name).collect()
    }

    /// A value.
    pub fn get(&self, name: &str) -> Option<&SecretVec> {
        let index = self.values.binary_search_by(|(one, _)| one.as_str().cmp(name)).ok()?;
        self.values.get(index).map(|(_, json)| json)
    }

    /// The same fields once more, for an attempt that uses them up.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.iter().map(|(name, json)| (name.to_owned(), SecretVec::new(json.expose().to_vec()))).collect()
    }

    /// Replaces the fields that `replaced` names by those of `new`; a name that `new` has not is removed.
    pub fn replace(&mut self, replaced: &[String], new: Self) {
        let replaced: HashSet<&str> = replaced.iter().map(String::as_str).collect();
        let mut values = std::mem::take(&mut self.values);
        values.retain(|(name, _)| !replaced.contains(name.as_str()));
        values.extend(new.values);
        self.values = sorted(values);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Reports what no record may be: without a field, or too large.
    pub fn check_whole(&self, unreadable: &Unreadable, problems: &mut Problems) {
        if self.values.is_empty() && unreadable.0.is_empty() {
            problems.add("fields", "a record has at least one field");
        }
        self.check_size(unreadable, problems);
    }

    /// Reports fields that are more or longer than a record can hold, be they all of it or a part.
    pub fn check_size(&self, unreadable: &Unreadable, problems: &mut Problems) {
        if self.values.len() + unreadable.0.len() > MAX_FIELDS {
            problems.add("fields", format_args!("at most {MAX_FIELDS} fields"));
        }
        let bytes: usize = self.values.iter().map(|(name, json)| name.len() + json.len()).sum();
        if bytes > MAX_RECORD_BYTES {
            let rule = format_args!("names and values take {bytes} bytes as JSON: at most {MAX_RECORD_BYTES}");
            problems.add("fields", rule);
        }
    }
}

impl IntoIterator for Fields {
    type Item = (String, SecretVec);
    type IntoIter = std::vec::IntoIter<(String, SecretVec)>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_iter()
    }
}

impl FromIterator<(String, SecretVec)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, SecretVec)>>(values: I) -> Self {
        Self { values: sorted(values.into_iter().collect()) }
    }
}

/// Sorts by name; of several values with one name the last stays. Next to nothing where they are sorted already.
pub(crate) fn sorted<N: Ord, T>(mut values: Vec<(N, T)>) -> Vec<(N, T)> {
    if !values.is_sorted_by(|(one, _), (next, _)| one < next) {
        values.reverse();
        values.sort_by(|(one, _), (other, _)| one.cmp(other));
        values.dedup_by(|(later, _), (kept, _)| later == kept);
    }
    values
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, json)| ((*name).to_owned(), SecretVec::new(json.as_bytes().to_vec()))).collect()
    }

    #[test]
    fn an_empty_record_is_refused() {
        let mut problems = Problems::default();
        Fields::default().check_whole(&Unreadable::default(), &mut problems);
        assert!(problems.finish().is_err());
    }

    #[test]
    fn a_record_of_more_than_a_mebibyte_is_refused() {
        let big = format!("\"{}\"", "x".repeat(MAX_RECORD_BYTES));
        let mut problems = Problems::default();
        fields(&[("note", &big)]).check_whole(&Unreadable::default(), &mut problems);
        assert!(problems.finish().is_err());
    }

    #[test]
    fn a_named_field_that_the_new_fields_lack_is_removed() {
        let mut old = fields(&[("a", "1"), ("b", "2"), ("c", "3")]);
        old.replace(&["a".to_owned(), "b".to_owned()], fields(&[("a", "9")]));
        assert_eq!(old.get("a").unwrap().expose(), b"9");
        assert!(old.get("b").is_none());
        assert_eq!(old.into_names(), ["a", "c"]);
    }

    /// With a search through all names for each field this takes minutes.
    #[test]
    fn as_many_fields_as_a_message_holds_are_replaced_at_once() {
        let names: Vec<String> = (0..100_000).map(|number| format!("f{number}")).collect();
        let all = || names.iter().map(|name| (name.clone(), SecretVec::new(b"1".to_vec())));
        let mut old: Fields = all().chain([("kept".to_owned(), SecretVec::new(b"2".to_vec()))]).collect();
        let begun = Instant::now();
        old.replace(&names, Fields::default());
        assert_eq!(old.into_names(), ["kept"]);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[test]
    fn fields_are_sorted_and_of_one_name_the_last_counts() {
        let fields = fields(&[("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("b", "5")]);
        assert_eq!(fields.get("b").unwrap().expose(), b"5");
        assert_eq!(fields.into_names(), ["a", "b", "c"]);
    }

    #[test]
    fn types_are_told_by_the_first_byte() {
        for (json, json_type) in [
            ("[1]", JsonType::Array),
            ("true", JsonType::Boolean),
            ("null", JsonType::Null),
            ("-1.5", JsonType::Number),
            ("{}", JsonType::Object),
            ("\"x\"", JsonType::String),
        ] {
            assert_eq!(JsonType::of(json.as_bytes()), json_type);
        }
    }
}
