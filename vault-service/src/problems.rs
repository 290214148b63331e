//! What is wrong with a request: field violations, and whether one of them is a value that must never be stored.

use std::fmt;

use rpc::{Failure, Violations};

/// Collects the violations of a request so that all of them are reported at once.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    violations: Violations,
    /// The first field that must never be stored.
    never_store: Option<String>,
}

impl Problems {
    /// Adds a violation: the field's path, and what it must be.
    pub fn add(&mut self, field: impl Into<String>, description: impl fmt::Display) {
        self.violations.add(field, description);
    }

    /// Adds a field that must never be stored, and what to do about it.
    pub fn add_never_store(&mut self, field: impl Into<String>, description: &'static str) {
        let field = field.into();
        self.never_store.get_or_insert_with(|| field.clone());
        self.violations.add(field, description);
    }

    /// Takes the value out of a result, or adds its error.
    pub fn check<T, E: fmt::Display>(&mut self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        self.violations.check(field, result)
    }

    /// Adds all of `inner`, with `prefix` and a dot before their fields.
    pub fn extend(&mut self, prefix: &str, inner: Self) {
        if let Some(field) = inner.never_store {
            self.never_store.get_or_insert_with(|| format!("{prefix}.{field}"));
        }
        self.violations.extend(prefix, inner.violations);
    }

    /// Adds all of `inner` as they are.
    pub fn append(&mut self, inner: Self) {
        self.never_store = self.never_store.take().or(inner.never_store);
        self.violations.append(inner.violations);
    }

    /// The violations, for parsers that add to them.
    pub fn violations(&mut self) -> &mut Violations {
        &mut self.violations
    }

    /// Whether there are more than an answer lists.
    pub fn is_full(&self) -> bool {
        self.violations.is_full()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    /// An error if there is any.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.is_empty() { Ok(()) } else { Err(Invalid(self)) }
    }
}

/// A request that is refused for what is in it: holds at least one violation.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the request is invalid")]
pub struct Invalid(Problems);

impl Invalid {
    /// How it goes to the wire.
    pub fn into_failure(self) -> Failure {
        let Self(problems) = self;
        if let Some(first) = problems.never_store.map(Violations::shortened) {
            let message = format!("the request has what the collection never stores, {first} first");
            Failure::invalid_because("NEVER_STORE", message).with_violations(problems.violations)
        } else {
            Failure::invalid(problems.violations)
        }
    }

    /// Field and description of each violation.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.violations.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(problems: Problems) -> String {
        problems.finish().unwrap_err().into_failure().message().to_owned()
    }

    #[test]
    fn what_is_never_stored_is_named_first_wherever_it_stands() {
        let mut of_record = Problems::default();
        of_record.add("fields.a", "is a number that a double cannot hold");
        of_record.add_never_store("fields.cvv", "leave it out");
        of_record.add_never_store("fields.pin", "leave it out");
        let mut problems = Problems::default();
        problems.add("request_id", "must be a UUID");
        problems.extend("record", of_record);
        let mut all = Problems::default();
        all.add("on_behalf_of", "must be shorter");
        all.append(problems);
        let mut later = Problems::default();
        later.add_never_store("fields.otp", "leave it out");
        all.extend("requests[7].record", later);
        assert_eq!(message(all), "the request has what the collection never stores, record.fields.cvv first");
    }

    #[test]
    fn it_is_named_where_the_violations_before_it_take_all_the_room() {
        let mut problems = Problems::default();
        for index in 0..10_000 {
            problems.add(format!("update_fields[{index}]"), "is named twice");
        }
        problems.add_never_store("record.fields.cvv", "leave it out");
        assert!(message(problems).ends_with(", record.fields.cvv first"));
    }

    #[test]
    fn a_long_name_takes_no_more_room_in_the_message_than_among_the_violations() {
        let mut problems = Problems::default();
        problems.add_never_store(format!("fields.{}", "ä".repeat(500)), "leave it out");
        assert!(message(problems).len() < 600);
    }
}
