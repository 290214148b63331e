//! Fields that are never stored, wherever they stand in a record.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::folding::folds;
use crate::fields::JsonType;
use crate::fields::path::Path;

/// The names of fields that are never stored, folded: once for each policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeverStore {
    folds: HashSet<String>,
}

/// Most bytes of names in a request, of fields and of members of their values, that are not ASCII, each counted once: one
/// character may fold to eighteen, and takes a microsecond for each.
const MAX_FOLDED: usize = 32 << 10;

/// The names in one request that were folded, whatever number of records it has: most stand in it many times.
#[derive(Debug, Default)]
pub struct Folded {
    are_refused: HashMap<String, bool>,
    bytes: usize,
}

impl Folded {
    /// Whether there were more than are compared.
    pub fn is_too_much(&self) -> bool {
        self.bytes > MAX_FOLDED
    }
}

impl NeverStore {
    /// Whether a name can be told from others: one without letters and digits folds to nothing, like all such names.
    pub fn can_tell(name: &str) -> bool {
        folds(name).iter().any(|fold| !fold.is_empty())
    }

    /// Whether all names are allowed.
    pub fn is_empty(&self) -> bool {
        self.folds.is_empty()
    }

    /// Whether a field or a member of an object with this name is never stored.
    pub fn has(&self, name: &str) -> bool {
        !self.is_empty() && folds(name).iter().any(|fold| self.folds.contains(fold))
    }

    /// As [`Self::has`] for one of many names; none if they are too many.
    pub fn has_beside(&self, name: &str, folded: &mut Folded) -> Option<bool> {
        if self.is_empty() || name.is_ascii() {
            return Some(self.has(name));
        }
        if let Some(is_refused) = folded.are_refused.get(name) {
            return Some(*is_refused);
        }
        folded.bytes = folded.bytes.saturating_add(name.len());
        if folded.is_too_much() {
            return None;
        }
        let is_refused = self.has(name);
        folded.are_refused.insert(name.to_owned(), is_refused);
        Some(is_refused)
    }

    /// Tells `found` where in a field's value members are that are never stored. An error if the value is no JSON, or the names
    /// in it are too many.
    pub fn search(
        &self,
        json: &[u8],
        path: &Path<'_>,
        folded: &mut Folded,
        found: &mut dyn FnMut(&Path<'_>),
    ) -> Result<(), serde_json::Error> {
        if self.is_empty() || !matches!(JsonType::of(json), JsonType::Array | JsonType::Object) {
            return Ok(());
        }
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        Search { names: self, path, folded, found }.deserialize(&mut deserializer)?;
        deserializer.end()
    }
}

impl<'a> FromIterator<&'a str> for NeverStore {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self { folds: names.into_iter().flat_map(folds).filter(|fold| !fold.is_empty()).collect() }
    }
}

/// Walks through a value, without a tree of it (which would have to be wiped).
struct Search<'a> {
    names: &'a NeverStore,
    path: &'a Path<'a>,
    folded: &'a mut Folded,
    found: &'a mut dyn FnMut(&Path<'_>),
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            let path = self.path.index(index);
            let search = Search { names: self.names, path: &path, folded: &mut *self.folded, found: &mut *self.found };
            if sequence.next_element_seed(search)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let path = self.path.name(&name);
            let is_refused = self.names.has_beside(&name, self.folded);
            if is_refused.ok_or_else(|| A::Error::custom("too many names to compare"))? {
                (self.found)(&path);
                map.next_value::<IgnoredAny>()?;
            } else {
                let search =
                    Search { names: self.names, path: &path, folded: &mut *self.folded, found: &mut *self.found };
                map.next_value_seed(search)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Vec<String> {
        let names: NeverStore = ["cvv", "pin"].into_iter().collect();
        let mut paths = Vec::new();
        let path = Path::FIELDS.name("f");
        names.search(json.as_bytes(), &path, &mut Folded::default(), &mut |path| paths.push(path.text())).unwrap();
        paths
    }

    #[test]
    fn names_that_fold_to_much_are_bounded_and_each_is_folded_once() {
        let names: NeverStore = ["cvv"].into_iter().collect();
        let search = |json: &str, folded: &mut Folded| {
            let mut found = 0;
            names.search(json.as_bytes(), &Path::FIELDS, folded, &mut |_| found += 1).map(|()| found)
        };
        let mut folded = Folded::default();
        let many = format!("[{}]", vec![r#"{"сvv":1,"имя":2,"ﷺ":3}"#; 20_000].join(","));
        assert_eq!(search(&many, &mut folded).unwrap(), 20_000);
        assert_eq!(folded.are_refused.len(), 3);
        for json in [
            format!(r#"{{"{}":1}}"#, "ﷺ".repeat(300_000)),
            format!(
                "{{{}}}",
                (0..8_000).map(|n| format!(r#""{n}{}":1"#, "ﷺ".repeat(40))).collect::<Vec<_>>().join(",")
            ),
        ] {
            let mut folded = Folded::default();
            assert!(search(&json, &mut folded).is_err() && folded.is_too_much());
            assert!(folded.are_refused.keys().map(String::len).sum::<usize>() <= MAX_FOLDED);
        }
        // ASCII costs nothing to speak of.
        assert_eq!(search(&format!(r#"{{"{}cvv":1}}"#, "-".repeat(900_000)), &mut Folded::default()).unwrap(), 1);
    }

    #[test]
    fn a_name_is_found_in_objects_and_arrays_of_objects_at_any_depth() {
        for (json, paths) in [
            (r#"{"cvv":"1"}"#, &["fields.f.cvv"][..]),
            (r#"[{"cvv":null}]"#, &["fields.f[0].cvv"]),
            (r#"{"a":[1,[{"b":{"C-V-V":{}}}]],"pin":1}"#, &["fields.f.a[1][0].b.C-V-V", "fields.f.pin"]),
            (r#"{"\u0063\u0076\u0076":1}"#, &["fields.f.cvv"]),
            (r#"[true,{"a":-1.5e300,"b":"x"},{"cvv":[{"pin":1}]},{"pin":2}]"#, &["fields.f[2].cvv", "fields.f[3].pin"]),
        ] {
            assert_eq!(found(json), paths, "{json}");
        }
        let deep = format!("{}{}{}", r#"{"a":["#.repeat(15), r#"{"cvv":1}"#, "]}".repeat(15));
        assert_eq!(found(&deep).len(), 1);
    }

    #[test]
    fn names_inside_texts_are_values() {
        for json in [r#""cvv""#, r#"["cvv","{\"cvv\":1}"]"#, r#"{"field":"cvv"}"#, r#"{"a":"cvv=123"}"#, "1", "null"] {
            assert!(found(json).is_empty(), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let names: NeverStore = ["cvv"].into_iter().collect();
        for json in ["{", "[1,]", r#"{"a":1} {"cvv":1}"#] {
            assert!(
                names.search(json.as_bytes(), &Path::FIELDS, &mut Folded::default(), &mut |_| ()).is_err(),
                "{json}"
            );
        }
    }

    #[test]
    fn a_name_that_cannot_be_told_from_others_refuses_none() {
        let names: NeverStore = ["--", "\u{301}"].into_iter().collect();
        assert!(names.is_empty() && !names.has("--") && !names.has("**"));
        assert!(!NeverStore::can_tell("--") && NeverStore::can_tell("-1-"));
    }
}
