//! How much of a record a reveal shows, and what its event says of that.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use audit::Event;
use envelope::record::Selection;
use rpc::Granted;
use secret::SecretVec;

use crate::fields::Fields;
use crate::permissions::RecordsRevealFull;
use crate::policy::{MASK, Policies};

/// Most names in one event.
const MAX_NAMES: usize = 64;
/// Longest list of names in one event, in bytes.
const MAX_NAMES_BYTES: usize = 4096;

/// How much is shown.
#[derive(Debug, Clone)]
pub enum View {
    /// Whole values only where the policy says that they are not regulated.
    Masked,
    /// Whole values.
    Full(Granted<RecordsRevealFull>),
}

impl View {
    /// As events name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Masked => "MASKED",
            Self::Full(_) => "FULL",
        }
    }
}

/// Which fields of one record are opened, and which are shown as a mask without being opened. Both are sorted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shown {
    opened: Vec<String>,
    masked: Vec<String>,
}

impl Shown {
    /// Of a record with these fields, sorted; `wanted` names some of them, or none for all.
    pub fn of(view: &View, policies: &Policies, field_names: &[String], wanted: &[String]) -> Self {
        let wanted: BTreeSet<&String> = wanted.iter().collect();
        let is_wanted = |name: &&String| wanted.is_empty() || wanted.contains(name);
        let is_opened = |name: &String| matches!(view, View::Full(_)) || policies.shows(name);
        let (opened, masked) = field_names.iter().filter(is_wanted).cloned().partition(is_opened);
        Self { opened, masked }
    }

    /// What is to be opened.
    pub fn selection(&self) -> Selection<'_> {
        Selection::Names(&self.opened)
    }

    /// What leaves: the fields that were opened, and masks for the others.
    pub fn answer(&self, opened: Fields) -> Fields {
        let mask = || SecretVec::new(MASK.as_bytes().to_vec());
        let masked = self.masked.iter().map(|name| (name.clone(), mask()));
        opened.into_iter().chain(masked).collect()
    }

    /// The event of a reveal that showed this: how many values were shown and how many masked, which of the shown ones the
    /// policy names, and how many others there are.
    pub fn told(&self, policies: &Policies, event: Event) -> Event {
        let named: Vec<&String> = self.opened.iter().filter(|name| policies.names(name)).collect();
        let (names, listed) = joined(&named);
        let counts = [
            ("masked", self.masked.len()),
            ("more", named.len().saturating_sub(listed)),
            ("others", self.opened.len().saturating_sub(named.len())),
        ];
        let event = event.with("fields", self.opened.len());
        let event = if names.is_empty() { event } else { event.with("names", names) };
        counts.into_iter().filter(|(_, count)| *count > 0).fold(event, |event, (name, count)| event.with(name, count))
    }
}

/// Names with commas between them, and how many there was room for.
fn joined(names: &[&String]) -> (String, usize) {
    let (mut text, mut listed) = (String::new(), 0);
    for name in names.iter().take(MAX_NAMES) {
        let name = encoded(name);
        if text.len() + 1 + name.len() > MAX_NAMES_BYTES {
            break;
        }
        if listed > 0 {
            text.push(',');
        }
        text.push_str(&name);
        listed += 1;
    }
    (text, listed)
}

/// A name as an entry takes it: of letters, digits and `._-`, and every other byte as `%` and two hex digits (RFC 3986,
/// section 2.1).
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clock::Timestamp;
    use names::{EventId, LogName};
    use uuid::Uuid;

    use super::*;
    use crate::policy::FieldPolicy;

    fn policies(fields: &[String]) -> Policies {
        let of = |field: &String| FieldPolicy {
            field: field.clone(),
            classification: crate::policy::Classification::None,
            treatment: crate::policy::Treatment::Encrypt,
            json_type: None,
            required: false,
            max_size: 0,
        };
        Policies::from(fields.iter().map(of).collect::<Vec<_>>())
    }

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn told(fields: &[String], policies: &Policies) -> Vec<(String, String)> {
        let event = Event::new(EventId::new(Uuid::nil()), LogName::System, Timestamp::from_nanos(0), "a", "b");
        Shown::of(&View::Masked, policies, fields, &[]).told(policies, event).attributes.into_iter().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn what_is_hidden_is_not_opened_and_wears_a_mask() {
        let record = texts(&["a", "b", "c"]);
        let shown = Shown::of(&View::Masked, &policies(&texts(&["b"])), &record, &[]);
        assert_eq!(shown, Shown { opened: texts(&["b"]), masked: texts(&["a", "c"]) });
        let opened = Fields::from_iter([("b".to_owned(), SecretVec::new(b"1".to_vec()))]);
        let answer = shown.answer(opened);
        let answer: Vec<(&str, &[u8])> = answer.as_slices();
        assert_eq!(answer, [("a", MASK.as_bytes()), ("b", b"1"), ("c", MASK.as_bytes())]);
    }

    #[test]
    fn only_wanted_fields_that_are_there_are_shown() {
        let shown = Shown::of(&View::Masked, &policies(&texts(&["a", "b"])), &texts(&["a", "c"]), &texts(&["a", "b"]));
        assert_eq!(shown, Shown { opened: texts(&["a"]), masked: Vec::new() });
    }

    #[test]
    fn an_event_names_what_the_policy_names_and_counts_what_else_there_is() {
        let named = texts(&["a b", "c,d", "f%", "größe"]);
        let event = told(&texts(&["a b", "c,d", "e", "f%", "größe"]), &policies(&named));
        let names = "a%20b,c%2Cd,f%25,gr%C3%B6%C3%9Fe";
        assert_eq!(event, pairs(&[("fields", "4"), ("masked", "1"), ("names", names)]));
    }

    #[test]
    fn an_event_has_at_most_64_names_and_4_kib_of_them() {
        let many: Vec<String> = (0..70).map(|number| format!("f{number:02}")).collect();
        let event = told(&many, &policies(&many));
        assert_eq!(event[0], ("fields".to_owned(), "70".to_owned()));
        assert_eq!(event[1], ("more".to_owned(), "6".to_owned()));
        assert_eq!(event[2].1.split(',').count(), 64);
        let long: Vec<String> = (0..50).map(|number| format!("{number:0>128}")).collect();
        let event = told(&long, &policies(&long));
        assert_eq!(event[1], ("more".to_owned(), "19".to_owned()));
        assert!(event[2].1.len() <= 4096);
    }
}
