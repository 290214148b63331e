//! What is wrong with a request: field violations, and whether one of them is a value that must never be stored.

use std::fmt;

use rpc::{Failure, Violations};

/// Collects the violations of a request so that all of them are reported at once.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    violations: Violations,
    never_store: bool,
}

impl Problems {
    /// Adds a violation: the field's path, and what it must be.
    pub fn add(&mut self, field: impl Into<String>, description: impl fmt::Display) {
        self.violations.add(field, description);
    }

    /// Adds a field that must never be stored, and what to do about it.
    pub fn add_never_store(&mut self, field: impl Into<String>, description: &'static str) {
        self.violations.add(field, description);
        self.never_store = true;
    }

    /// Takes the value out of a result, or adds its error.
    pub fn check<T, E: fmt::Display>(&mut self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        self.violations.check(field, result)
    }

    /// Adds all of `inner`, with `prefix` and a dot before their fields.
    pub fn extend(&mut self, prefix: &str, inner: Self) {
        self.never_store |= inner.never_store;
        self.violations.extend(prefix, inner.violations);
    }

    /// Adds all of `inner` as they are.
    pub fn append(&mut self, inner: Self) {
        self.never_store |= inner.never_store;
        self.violations.append(inner.violations);
    }

    /// The violations, for parsers that add to them.
    pub fn violations(&mut self) -> &mut Violations {
        &mut self.violations
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
    /// With one violation.
    pub fn field(field: impl Into<String>, description: impl fmt::Display) -> Self {
        let mut problems = Problems::default();
        problems.add(field, description);
        Self(problems)
    }

    /// How it goes to the wire.
    pub fn into_failure(self) -> Failure {
        let Self(problems) = self;
        if problems.never_store {
            let first = problems.violations.iter().next().map_or("a field", |(field, _)| field);
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
