//! Fields that are never stored, wherever they stand in a record.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::folding::folds;
use crate::fields::JsonType;
use crate::fields::path::Path;

/// The names of fields that are never stored, folded: once for each policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeverStore {
    folds: HashSet<String>,
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

    /// Tells `found` where in a field's value members are that are never stored. An error if the value is no JSON.
    pub fn search(
        &self,
        json: &[u8],
        path: &Path<'_>,
        found: &mut dyn FnMut(&Path<'_>),
    ) -> Result<(), serde_json::Error> {
        if self.is_empty() || !matches!(JsonType::of(json), JsonType::Array | JsonType::Object) {
            return Ok(());
        }
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        Search { names: self, path, found }.deserialize(&mut deserializer)?;
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
            let search = Search { names: self.names, path: &path, found: &mut *self.found };
            if sequence.next_element_seed(search)?.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let path = self.path.name(&name);
            if self.names.has(&name) {
                (self.found)(&path);
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Search { names: self.names, path: &path, found: &mut *self.found })?;
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
        names.search(json.as_bytes(), &path, &mut |path| paths.push(path.text())).unwrap();
        paths
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
            assert!(names.search(json.as_bytes(), &Path::FIELDS, &mut |_| ()).is_err(), "{json}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_told_from_others_refuses_none() {
        let names: NeverStore = ["--", "\u{301}"].into_iter().collect();
        assert!(names.is_empty() && !names.has("--") && !names.has("**"));
        assert!(!NeverStore::can_tell("--") && NeverStore::can_tell("-1-"));
    }
}
