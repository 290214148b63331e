//! Field policies: how a collection keeps the fields of its records, and what it refuses.

use serde::{Deserialize, Serialize};

use crate::fields::{Fields, GivenFields, JsonType, MAX_NAME_BYTES, MAX_RECORD_BYTES, Unreadable, check_name};
use crate::problems::Problems;

/// Most policies of one collection.
pub const MAX_POLICIES: usize = 256;
/// Most purposes of one collection.
pub const MAX_PURPOSES: usize = 32;
/// Purposes of a collection that names none.
pub const DEFAULT_PURPOSES: [&str; 5] = ["treatment", "payment", "operations", "support", "legal"];

/// What kind of regulated data a field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// Not said: treated as the most sensitive.
    #[default]
    Unspecified,
    /// Not regulated.
    None,
    /// Personally identifiable information.
    Pii,
    /// Protected health information.
    Phi,
    /// Payment card data.
    Pci,
}

/// How a field is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// Sealed under the revision's data key.
    #[default]
    Encrypt,
    /// Refused.
    NeverStore,
}

/// How one top-level field of a collection's records is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldPolicy {
    /// Exact name of the field.
    pub field: String,
    /// What kind of data it holds.
    pub classification: Classification,
    /// How it is stored.
    pub treatment: Treatment,
    /// Type its value must have; any where it is `None`.
    #[serde(rename = "type")]
    pub json_type: Option<FieldType>,
    /// Whether every record must have it, and not as null.
    pub required: bool,
    /// Longest value in bytes of its JSON; 0 for the general limit.
    pub max_size: u32,
}

/// A JSON type that a policy may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
}

impl FieldType {
    fn json_type(self) -> JsonType {
        match self {
            Self::String => JsonType::String,
            Self::Number => JsonType::Number,
            Self::Boolean => JsonType::Boolean,
            Self::Object => JsonType::Object,
            Self::Array => JsonType::Array,
        }
    }

    fn expectation(self) -> &'static str {
        match self {
            Self::String => "must be a string",
            Self::Number => "must be a number",
            Self::Boolean => "must be true or false",
            Self::Object => "must be an object",
            Self::Array => "must be an array",
        }
    }
}

/// The policies of a collection, sorted by field, one a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policies {
    policies: Vec<FieldPolicy>,
}

impl Policies {
    /// Checks and sorts policies as a caller gave them; problems are reported below `field_policies`.
    pub fn new(mut policies: Vec<FieldPolicy>, problems: &mut Problems) -> Self {
        if policies.len() > MAX_POLICIES {
            problems.add("field_policies", format_args!("at most {MAX_POLICIES} policies"));
        }
        for (index, policy) in policies.iter().enumerate() {
            let at = format!("field_policies[{index}]");
            if check_name(&policy.field).is_err() {
                let rule = format!("must have 1 to {MAX_NAME_BYTES} bytes without control characters");
                problems.add(format!("{at}.field"), rule);
            }
            if policies.iter().take(index).any(|other| other.field == policy.field) {
                problems.add(format!("{at}.field"), "this field has a policy already");
            }
            if policy.treatment == Treatment::NeverStore && policy.required {
                problems.add(format!("{at}.required"), "a field that is never stored cannot be required");
            }
            if usize::try_from(policy.max_size).is_ok_and(|size| size > MAX_RECORD_BYTES) {
                problems.add(format!("{at}.max_size"), format_args!("must be 0 to {MAX_RECORD_BYTES}"));
            }
        }
        policies.sort_by(|a, b| a.field.cmp(&b.field));
        Self { policies }
    }

    /// The policies, sorted by field.
    pub fn iter(&self) -> impl Iterator<Item = &FieldPolicy> {
        self.policies.iter()
    }

    /// Reports what is wrong with values that are to be stored, below `fields`.
    pub fn check_given(&self, given: &GivenFields, problems: &mut Problems) {
        for (name, json) in given.iter() {
            let Some(policy) = self.of(name) else { continue };
            let at = format!("fields.{name}");
            if policy.treatment == Treatment::NeverStore {
                problems.add_never_store(at);
                continue;
            }
            let Some(json) = json else { continue };
            let found = JsonType::of(json.expose());
            if let Some(wanted) = policy.json_type.filter(|wanted| wanted.json_type() != found)
                && found != JsonType::Null
            {
                problems.add(&at, wanted.expectation());
            }
            if policy.max_size > 0 && usize::try_from(policy.max_size).is_ok_and(|most| json.len() > most) {
                problems.add(&at, format_args!("takes {} bytes as JSON: at most {}", json.len(), policy.max_size));
            }
        }
    }

    /// Reports fields that a record must have and has not, or as null, below `fields`.
    pub fn check_required(&self, fields: &Fields, unreadable: &Unreadable, problems: &mut Problems) {
        for policy in self.policies.iter().filter(|policy| policy.required) {
            let present = fields.get(&policy.field).is_some_and(|json| JsonType::of(json.expose()) != JsonType::Null);
            if !present && !unreadable.contains(&policy.field) {
                problems.add(format!("fields.{}", policy.field), "is required");
            }
        }
    }

    fn of(&self, field: &str) -> Option<&FieldPolicy> {
        let index = self.policies.binary_search_by(|policy| policy.field.as_str().cmp(field)).ok()?;
        self.policies.get(index)
    }
}

/// Checks purposes as a caller gave them; none means the default ones.
pub fn check_purposes(purposes: Vec<String>, problems: &mut Problems) -> Vec<String> {
    if purposes.is_empty() {
        return DEFAULT_PURPOSES.map(str::to_owned).to_vec();
    }
    if purposes.len() > MAX_PURPOSES {
        problems.add("purposes", format_args!("at most {MAX_PURPOSES} purposes"));
    }
    for (index, purpose) in purposes.iter().enumerate() {
        if !is_purpose(purpose) {
            problems.add(format!("purposes[{index}]"), "must match [a-z][a-z0-9_-]{0,31}");
        }
        if purposes.iter().take(index).any(|other| other == purpose) {
            problems.add(format!("purposes[{index}]"), "is given twice");
        }
    }
    purposes
}

fn is_purpose(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && text.len() <= 32
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use secret::SecretVec;

    use super::*;

    fn policy(field: &str) -> FieldPolicy {
        FieldPolicy {
            field: field.to_owned(),
            classification: Classification::Phi,
            treatment: Treatment::Encrypt,
            json_type: None,
            required: false,
            max_size: 0,
        }
    }

    fn given(pairs: &[(&str, &str)]) -> GivenFields {
        let json = |json: &str| Some(SecretVec::new(json.as_bytes().to_vec()));
        pairs.iter().map(|(name, text)| ((*name).to_owned(), json(text))).collect()
    }

    fn complaints(policies: Vec<FieldPolicy>, pairs: &[(&str, &str)]) -> Vec<String> {
        let mut problems = Problems::default();
        let policies = Policies::new(policies, &mut problems);
        let (fields, unreadable) = given(pairs).check(&policies, &mut problems);
        policies.check_required(&fields, &unreadable, &mut problems);
        problems
            .finish()
            .err()
            .map(|invalid| invalid.iter().map(|(field, _)| field.to_owned()).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_never_stored_field_is_refused_even_as_null() {
        let cvv = FieldPolicy { treatment: Treatment::NeverStore, ..policy("cvv") };
        assert_eq!(complaints(vec![cvv.clone()], &[("cvv", "null")]), ["fields.cvv"]);
        assert_eq!(complaints(vec![cvv], &[("cvc", "null")]), Vec::<String>::new());
    }

    #[test]
    fn a_required_field_may_be_neither_absent_nor_null() {
        let ssn = FieldPolicy { required: true, ..policy("ssn") };
        assert_eq!(complaints(vec![ssn.clone()], &[("name", "\"x\"")]), ["fields.ssn"]);
        assert_eq!(complaints(vec![ssn.clone()], &[("ssn", "null")]), ["fields.ssn"]);
        assert_eq!(complaints(vec![ssn], &[("ssn", "\"1\"")]), Vec::<String>::new());
    }

    #[test]
    fn type_and_size_are_reported_together() {
        let note = FieldPolicy { json_type: Some(FieldType::String), max_size: 5, ..policy("note") };
        assert_eq!(complaints(vec![note.clone()], &[("note", "123456")]), ["fields.note", "fields.note"]);
        assert_eq!(complaints(vec![note], &[("note", "\"123\"")]), Vec::<String>::new());
    }

    #[test]
    fn policies_are_one_a_field_and_consistent() {
        let never = FieldPolicy { treatment: Treatment::NeverStore, required: true, ..policy("a") };
        let mut problems = Problems::default();
        Policies::new(vec![never, policy("a"), policy("")], &mut problems);
        let invalid = problems.finish().unwrap_err();
        let fields: Vec<_> = invalid.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["field_policies[0].required", "field_policies[1].field", "field_policies[2].field"]);
    }

    #[test]
    fn no_purposes_means_the_default_ones() {
        let mut problems = Problems::default();
        assert_eq!(check_purposes(Vec::new(), &mut problems), DEFAULT_PURPOSES);
        check_purposes(vec!["Treatment".to_owned(), "1a".to_owned(), String::new()], &mut problems);
        assert_eq!(problems.finish().unwrap_err().iter().count(), 3);
    }
}
