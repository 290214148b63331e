//! Field policies: how a collection keeps the fields of its records, what it refuses, and what a masked view shows.
//!
//! # Layout
//! - [`kinds`]: enumerations that later versions may extend
//! - [`folding`]: names that look alike
//! - [`mod@never_store`]: fields that are never stored, wherever they stand

pub mod folding;
pub mod kinds;
pub mod never_store;

use std::sync::OnceLock;

pub use kinds::{Classification, TenantState, Treatment, WantedType};
use never_store::{Folded, NeverStore};
use serde::{Deserialize, Serialize};

use crate::fields::name::check_name;
use crate::fields::path::Path;
use crate::fields::{Fields, GivenFields, JsonType, MAX_RECORD_BYTES, Unreadable};
use crate::problems::Problems;

/// Most policies of one collection.
pub const MAX_POLICIES: usize = 256;
/// Most purposes of one collection.
pub const MAX_PURPOSES: usize = 32;
/// Purposes of a collection that names none.
pub const DEFAULT_PURPOSES: [&str; 5] = ["treatment", "payment", "operations", "support", "legal"];

/// What a masked view shows of a value that it hides: always the same, as JSON.
pub const MASK: &str = "\"********\"";

const GIVEN: &str = "the collection never stores this field: leave it out";
const CARRIED_OVER: &str =
    "has what the collection never stores: replace the field or name it in update_fields, which removes it";
const UNREADABLE: &str = "cannot be read";
const TOO_MANY_NAMES: &str =
    "names in a request that are not ASCII, each counted once, take at most 32 KiB where fields are never stored";

/// How one top-level field of a collection's records is kept. Stored as JSON: a member that is added later has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPolicy {
    /// Exact name of the field.
    pub field: String,
    /// What kind of data it holds.
    #[serde(default)]
    pub classification: Classification,
    /// How it is stored.
    #[serde(default)]
    pub treatment: Treatment,
    /// JSON type that its value must have; any where it is `None`.
    #[serde(default)]
    pub json_type: Option<WantedType>,
    /// Whether every record must have it, and not as null.
    #[serde(default)]
    pub required: bool,
    /// Longest value in bytes of its JSON; 0 for the general limit.
    #[serde(default)]
    pub max_size: u32,
}

impl FieldPolicy {
    /// Whether its values are refused; a treatment that is not known refuses them too.
    fn refuses(&self) -> bool {
        self.treatment != Treatment::Encrypt
    }
}

impl WantedType {
    /// What a value that is not of this type must be. A type of a later version cannot be checked here, so it is refused.
    fn unmet(&self, found: JsonType) -> Option<&'static str> {
        let (wanted, rule) = match self {
            Self::String => (Some(JsonType::String), "must be a string"),
            Self::Number => (Some(JsonType::Number), "must be a number"),
            Self::Bool => (Some(JsonType::Boolean), "must be true or false"),
            Self::Object => (Some(JsonType::Object), "must be an object"),
            Self::Array => (Some(JsonType::Array), "must be an array"),
            Self::Unknown(_) => (None, "must have a type that this version does not know yet"),
        };
        (found != JsonType::Null && wanted != Some(found)).then_some(rule)
    }
}

/// The policies of a collection, sorted by field, one a field.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<FieldPolicy>", into = "Vec<FieldPolicy>")]
pub struct Policies {
    policies: Vec<FieldPolicy>,
    /// Folded once, for the first record that needs it: a list of collections needs none.
    never_store: OnceLock<NeverStore>,
}

impl PartialEq for Policies {
    fn eq(&self, other: &Self) -> bool {
        self.policies == other.policies
    }
}

impl Eq for Policies {}

/// Policies that were checked when they were stored.
impl From<Vec<FieldPolicy>> for Policies {
    fn from(mut policies: Vec<FieldPolicy>) -> Self {
        policies.sort_by(|a, b| a.field.cmp(&b.field));
        Self { policies, never_store: OnceLock::new() }
    }
}

impl From<Policies> for Vec<FieldPolicy> {
    fn from(policies: Policies) -> Self {
        policies.policies
    }
}

impl Policies {
    /// Checks and sorts policies as a caller gave them; problems are reported below `field_policies`.
    pub fn new(policies: Vec<FieldPolicy>, problems: &mut Problems) -> Self {
        if policies.len() > MAX_POLICIES {
            problems.add("field_policies", format_args!("at most {MAX_POLICIES} policies"));
            return Self::default();
        }
        // Names that are too long are reported, and not folded.
        let never_store = never_store(policies.iter().filter(|policy| check_name(&policy.field).is_ok()));
        for (index, policy) in policies.iter().enumerate() {
            let at = format!("field_policies[{index}]");
            let named = check_name(&policy.field);
            if let Err(rule) = named {
                problems.add(format!("{at}.field"), rule);
            }
            if policies.iter().take(index).any(|other| other.field == policy.field) {
                problems.add(format!("{at}.field"), "this field has a policy already");
            }
            if named.is_ok() && policy.refuses() && !NeverStore::can_tell(&policy.field) {
                let rule = "a field that is never stored has letters or digits in its name: it is told by them";
                problems.add(format!("{at}.field"), rule);
            }
            if policy.refuses() && policy.required {
                problems.add(format!("{at}.required"), "a field that is never stored cannot be required");
            }
            let is_known = |never: &FieldPolicy| never.refuses() && never.field == policy.field;
            let is_stored = named.is_ok() && !policy.refuses() && !policies.iter().any(is_known);
            if is_stored && never_store.has(&policy.field) {
                let rule = "looks like the name of a field that another policy never stores: take another name";
                problems.add(format!("{at}.field"), rule);
            }
            if usize::try_from(policy.max_size).is_ok_and(|size| size > MAX_RECORD_BYTES) {
                problems.add(format!("{at}.max_size"), format_args!("must be 0 to {MAX_RECORD_BYTES}"));
            }
        }
        policies.into()
    }

    /// The policies, sorted by field.
    pub fn iter(&self) -> impl Iterator<Item = &FieldPolicy> {
        self.policies.iter()
    }

    /// Checks the fields that a caller gave: all that is given must be allowed. The record that they make is checked by
    /// [`Self::check_record`]. All records of a request share `folded`.
    pub fn check(&self, given: GivenFields, folded: &mut Folded, problems: &mut Problems) -> (Fields, Unreadable) {
        given.check_names(problems);
        self.check_given(&given, folded, problems);
        let unreadable = given.unreadable();
        (given.into_fields(), unreadable)
    }

    /// Reports what a record as a whole must keep to.
    pub fn check_record(&self, fields: &Fields, unreadable: &Unreadable, problems: &mut Problems) {
        self.check_required(fields, unreadable, problems);
        fields.check_whole(unreadable, problems);
    }

    /// Reports what is wrong with values that are to be stored, below `fields`. The records of a request share `folded`.
    fn check_given(&self, given: &GivenFields, folded: &mut Folded, problems: &mut Problems) {
        for (name, json) in given.iter() {
            let path = Path::FIELDS.name(name);
            match self.refuses(name, folded) {
                Some(true) => {
                    problems.add_never_store(path.text(), GIVEN);
                    continue;
                }
                Some(false) => {}
                None => {
                    problems.add(path.text(), TOO_MANY_NAMES);
                    continue;
                }
            }
            let Some(json) = json else { continue };
            let mut found = |path: &Path<'_>| problems.add_never_store(path.text(), GIVEN);
            if self.never_store().search(json.expose(), &path, folded, &mut found).is_err() {
                problems.add(path.text(), if folded.is_too_much() { TOO_MANY_NAMES } else { UNREADABLE });
            }
            let Some(policy) = self.of(name) else { continue };
            let at = path.text();
            let found = JsonType::of(json.expose());
            if let Some(rule) = policy.json_type.as_ref().and_then(|wanted| wanted.unmet(found)) {
                problems.add(&at, rule);
            }
            if policy.max_size > 0 && usize::try_from(policy.max_size).is_ok_and(|most| json.len() > most) {
                problems.add(&at, format_args!("takes {} bytes as JSON: at most {}", json.len(), policy.max_size));
            }
        }
    }

    /// Reports stored fields that are to be stored once more and are not allowed any more, below `fields`. Names inside
    /// their values are not repeated: who may change a record may not see into it.
    pub fn check_carried_over(&self, fields: &Fields, given: &Fields, problems: &mut Problems) {
        let mut folded = Folded::default();
        // The names of those that come beside them count, and were found to be allowed.
        for (name, json) in given.iter() {
            let _counted = self.refuses(name, &mut folded);
            let _counted = self.never_store().search(json.expose(), &Path::FIELDS, &mut folded, &mut |_| ());
        }
        for (name, json) in fields.iter() {
            let path = Path::FIELDS.name(name);
            let Some(mut is_refused) = self.refuses(name, &mut folded) else {
                problems.add(path.text(), TOO_MANY_NAMES);
                continue;
            };
            let mut found = |_: &Path<'_>| is_refused = true;
            if self.never_store().search(json.expose(), &path, &mut folded, &mut found).is_err() {
                problems.add(path.text(), if folded.is_too_much() { TOO_MANY_NAMES } else { UNREADABLE });
            }
            if is_refused {
                problems.add_never_store(path.text(), CARRIED_OVER);
            }
        }
    }

    /// Whether fields with this name are never stored, or with one that looks like it; none if the names are too many.
    fn refuses(&self, name: &str, folded: &mut Folded) -> Option<bool> {
        if self.of(name).is_some_and(FieldPolicy::refuses) {
            return Some(true);
        }
        self.never_store().has_beside(name, folded)
    }

    /// Reports fields that a record must have and has not, or as null, below `fields`.
    fn check_required(&self, fields: &Fields, unreadable: &Unreadable, problems: &mut Problems) {
        for policy in self.policies.iter().filter(|policy| policy.required) {
            let present = fields.get(&policy.field).is_some_and(|json| JsonType::of(json.expose()) != JsonType::Null);
            if !present && !unreadable.contains(&policy.field) {
                problems.add(format!("fields.{}", policy.field), "is required");
            }
        }
    }

    /// Whether there is a policy for a field: its name is the collection's, not a caller's.
    pub fn names(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    /// Whether a masked view shows the whole value of a field: only where its policy says that it is not regulated.
    pub fn shows(&self, field: &str) -> bool {
        self.of(field).is_some_and(|policy| policy.classification == Classification::None && !policy.refuses())
    }

    fn never_store(&self) -> &NeverStore {
        self.never_store.get_or_init(|| never_store(self.policies.iter()))
    }

    fn of(&self, field: &str) -> Option<&FieldPolicy> {
        let index = self.policies.binary_search_by(|policy| policy.field.as_str().cmp(field)).ok()?;
        self.policies.get(index)
    }
}

/// What policies refuse wherever it stands.
fn never_store<'a>(policies: impl Iterator<Item = &'a FieldPolicy>) -> NeverStore {
    policies.filter(|policy| policy.refuses()).map(|policy| policy.field.as_str()).collect()
}

/// Checks purposes as a caller gave them; none means the default ones.
pub fn check_purposes(purposes: Vec<String>, problems: &mut Problems) -> Vec<String> {
    if purposes.is_empty() {
        return DEFAULT_PURPOSES.map(str::to_owned).to_vec();
    }
    if purposes.len() > MAX_PURPOSES {
        problems.add("purposes", format_args!("at most {MAX_PURPOSES} purposes"));
        return Vec::new();
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
        let (fields, unreadable) = policies.check(given(pairs), &mut Folded::default(), &mut problems);
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
        let note = FieldPolicy { json_type: Some(WantedType::String), max_size: 5, ..policy("note") };
        assert_eq!(complaints(vec![note.clone()], &[("note", "123456")]), ["fields.note", "fields.note"]);
        assert_eq!(complaints(vec![note], &[("note", "\"123\"")]), Vec::<String>::new());
    }

    /// Names that take this many bytes, none twice.
    fn names(of: &str, bytes: usize) -> String {
        let name = |number| format!("\"{of}-{number}-{}\":1", "ﷺ".repeat(30));
        let names: Vec<String> = (0..bytes / 100).map(name).collect();
        format!("{{{}}}", names.join(","))
    }

    #[test]
    fn names_are_counted_over_all_records_of_a_request_each_once() {
        let cvv = FieldPolicy { treatment: Treatment::NeverStore, ..policy("cvv") };
        let policies = Policies::new(vec![cvv], &mut Problems::default());
        let (mut folded, mut problems) = (Folded::default(), Problems::default());
        let check = |fields: GivenFields, folded: &mut Folded, problems: &mut Problems| {
            policies.check_given(&fields, folded, problems);
        };
        for _ in 0..1_000 {
            check(given(&[("a", &names("a", 20_000))]), &mut folded, &mut problems);
        }
        assert!(problems.is_empty());
        check(given(&[("b", &names("b", 20_000)), ("c", "1"), ("ç", "1")]), &mut folded, &mut problems);
        let invalid = problems.finish().unwrap_err();
        assert_eq!(invalid.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["fields.b", "fields.ç"]);
        // The names of fields count like those inside their values.
        let (mut folded, mut problems) = (Folded::default(), Problems::default());
        check(given(&[(&"ﷺ".repeat(300_000), "1"), ("ﷺ", "1")]), &mut folded, &mut problems);
        assert!(folded.is_too_much());
        assert!(problems.finish().is_err());
    }

    fn later(text: &str) -> FieldPolicy {
        let json = format!(r#"{{"field":"f","classification":"none",{text}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_treatment_of_a_later_version_stores_and_shows_nothing() {
        let policy = later(r#""treatment":"tokenize""#);
        assert_eq!(complaints(vec![policy.clone()], &[("f", "1")]), ["fields.f"]);
        assert!(!Policies::from(vec![policy]).shows("f"));
    }

    #[test]
    fn a_type_of_a_later_version_is_met_by_null_alone() {
        let policy = later(r#""json_type":"decimal""#);
        assert_eq!(complaints(vec![policy.clone()], &[("f", "1")]), ["fields.f"]);
        assert_eq!(complaints(vec![policy], &[("f", "null")]), Vec::<String>::new());
    }

    #[test]
    fn a_masked_view_shows_what_is_said_to_be_unregulated_and_nothing_else() {
        let of = |classification: &str| {
            let json = format!(r#"{{"field":"{classification}","classification":"{classification}"}}"#);
            serde_json::from_str::<FieldPolicy>(&json).unwrap()
        };
        let all = ["unspecified", "none", "pii", "phi", "pci", "credential", "biometric"];
        let policies = Policies::from(all.map(of).to_vec());
        let shown: Vec<_> = all.into_iter().filter(|field| policies.shows(field)).collect();
        assert_eq!(shown, ["none"]);
        assert!(!policies.shows("without a policy"));
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

    /// Every record would be refused: with the field, for it looks like one that is never stored, or without it.
    #[test]
    fn a_policy_for_a_field_that_another_one_never_stores_is_refused() {
        let never = |field: &str| FieldPolicy { treatment: Treatment::NeverStore, ..policy(field) };
        let required = FieldPolicy { required: true, ..policy("CVV") };
        let mut problems = Problems::default();
        let policies = vec![required, policy("c.v.v"), policy("cvv2"), never("cvv"), never("Cvv"), policy("-")];
        Policies::new(policies.clone(), &mut problems);
        let invalid = problems.finish().unwrap_err();
        let fields: Vec<_> = invalid.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["field_policies[0].field", "field_policies[1].field"]);
        // What was stored before this was checked can still be read.
        let stored: Policies = serde_json::from_str(&serde_json::to_string(&policies).unwrap()).unwrap();
        assert_eq!(stored, Policies::from(policies));
    }

    #[test]
    fn no_purposes_means_the_default_ones() {
        let mut problems = Problems::default();
        assert_eq!(check_purposes(Vec::new(), &mut problems), DEFAULT_PURPOSES);
        check_purposes(vec!["Treatment".to_owned(), "1a".to_owned(), String::new()], &mut problems);
        assert_eq!(problems.finish().unwrap_err().iter().count(), 3);
    }
}
