//! JSON that is stored in columns: policies, and the answers of requests. It outlives the version that wrote it, in both
//! directions: while replicas are updated one after the other, an older one reads what a newer one wrote.
//!
//! ```text
//! {"v": 1, "min": 1, "value": …}
//! ```
//! `v` is the version of the form that it was written in, `min` the oldest version of reader that may read it. A reader
//! that may passes over members that it does not know, gives those that it lacks their default, and keeps values of
//! enumerations that it does not know ([`kinds`](crate::policy::kinds)). A form that an older reader would misread (show or
//! store more than it should) raises `min`.
//!
//! Only what a row's HMAC vouches for is read, so nobody else can make a reader believe that it is too old.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A kind of stored JSON.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// The form that is written, and the newest that this version knows.
    version: u32,
    /// The oldest reader that understands it rightly.
    oldest_reader: u32,
}

/// `collections.field_policies`.
pub const POLICIES: Form = Form { version: 1, oldest_reader: 1 };
/// `requests.answer`.
pub const ANSWER: Form = Form { version: 1, oldest_reader: 1 };

/// Why stored JSON cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A newer version wrote it for newer readers only.
    #[error("written for newer readers")]
    Newer,
    /// It is not of this form.
    #[error("not of the form that it should have")]
    Malformed,
}

#[derive(Serialize)]
struct Written<'a, T> {
    v: u32,
    min: u32,
    value: &'a T,
}

#[derive(Deserialize)]
struct Versions {
    v: u32,
    min: u32,
}

#[derive(Deserialize)]
struct Read<T> {
    value: T,
}

impl Form {
    /// The JSON of a value. Fails for a map whose keys are no texts.
    pub fn write<T: Serialize>(self, value: &T) -> serde_json::Result<String> {
        serde_json::to_string(&Written { v: self.version, min: self.oldest_reader, value })
    }

    /// The value of a JSON text that a row's HMAC vouches for.
    pub fn read<T: DeserializeOwned>(self, json: &[u8]) -> Result<T, Unreadable> {
        let malformed = |_| Unreadable::Malformed;
        let Versions { v, min } = serde_json::from_slice(json).map_err(malformed)?;
        if min > self.version {
            return Err(Unreadable::Newer);
        }
        if v == 0 || min == 0 || min > v {
            return Err(Unreadable::Malformed);
        }
        Ok(serde_json::from_slice::<Read<T>>(json).map_err(malformed)?.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Classification, FieldPolicy, Policies, Treatment, WantedType};

    fn policies(json: &str) -> Result<Vec<FieldPolicy>, Unreadable> {
        POLICIES.read::<Policies>(json.as_bytes()).map(|policies| policies.iter().cloned().collect())
    }

    #[test]
    fn what_was_written_for_newer_readers_is_not_read() {
        assert_eq!(policies(r#"{"v":9,"min":2,"value":{"so":"new"}}"#), Err(Unreadable::Newer));
    }

    #[test]
    fn what_is_no_stored_json_is_malformed() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"v":1,"value":[]}"#,
            r#"{"v":0,"min":0,"value":[]}"#,
            r#"{"v":1,"min":1}"#,
            r#"{"v":1,"min":1,"value":7}"#,
        ] {
            assert_eq!(policies(bad), Err(Unreadable::Malformed), "{bad}");
        }
    }

    /// As this version writes it, byte for byte: rows in this form are kept for years.
    const TODAY: &str = r#"{"v":1,"min":1,"value":[{"field":"ssn","classification":"pii","treatment":"encrypt","json_type":"string","required":true,"max_size":11}]}"#;

    #[test]
    fn the_form_of_today_is_written_and_read() {
        let read = policies(TODAY).unwrap();
        let expected = FieldPolicy {
            field: "ssn".to_owned(),
            classification: Classification::Pii,
            treatment: Treatment::Encrypt,
            json_type: Some(WantedType::String),
            required: true,
            max_size: 11,
        };
        assert_eq!(read, [expected]);
        assert_eq!(POLICIES.write(&Policies::from(read)).unwrap(), TODAY);
    }

    #[test]
    fn an_older_form_gets_defaults() {
        let read = policies(r#"{"v":1,"min":1,"value":[{"field":"zip"}]}"#).unwrap();
        let expected = FieldPolicy {
            field: "zip".to_owned(),
            classification: Classification::Unspecified,
            treatment: Treatment::Encrypt,
            json_type: None,
            required: false,
            max_size: 0,
        };
        assert_eq!(read, [expected]);
    }

    #[test]
    fn a_newer_form_is_read_without_what_this_version_does_not_know() {
        let newer = r#"{"v":7,"min":1,"signed":true,"value":[{"field":"iban","classification":"biometric","treatment":"tokenize",
            "json_type":"decimal","mask":{"kind":"last","count":4},"required":false,"max_size":0}]}"#;
        let read = policies(newer).unwrap();
        let [policy] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(policy.classification.as_str(), "biometric");
        assert_eq!(policy.treatment.as_str(), "tokenize");
        assert_eq!(policy.json_type.as_ref().unwrap().as_str(), "decimal");
        let again: Vec<FieldPolicy> = policies(&POLICIES.write(&Policies::from(read.clone())).unwrap()).unwrap();
        assert_eq!(again, read, "what is unknown is kept as it was");
    }
}
