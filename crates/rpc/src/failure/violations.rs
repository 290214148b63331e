//! Collects what is wrong with a request, so that all of it is said at once.

use std::fmt;

use super::Failure;

/// Bytes of field names and descriptions that fit into the answer's trailers at most clients.
const MAX_BYTES: usize = 6 * 1024;
/// Longest field name or description, in bytes.
const MAX_TEXT: usize = 512;

/// The field violations of one request.
#[derive(Debug, Default)]
pub struct Violations {
    found: Vec<(String, String)>,
}

impl Violations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one: `field` is the path of the field as the caller wrote it (`record.fields.ssn`), `description` says
    /// what it must be, never what it was.
    pub fn add(&mut self, field: impl Into<String>, description: impl fmt::Display) {
        self.found.push((shortened(field.into()), shortened(description.to_string())));
    }

    /// Takes the value out of a result, or adds its error.
    pub fn check<T, E: fmt::Display>(&mut self, field: impl Into<String>, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, error);
                None
            }
        }
    }

    /// Adds all of `inner` as they are.
    pub fn append(&mut self, inner: Self) {
        self.found.extend(inner.found);
    }

    /// Adds all of `inner`, with `prefix` and a dot before their fields (`requests[3]`).
    pub fn extend(&mut self, prefix: &str, inner: Self) {
        self.found.extend(
            inner.found.into_iter().map(|(field, description)| (shortened(format!("{prefix}.{field}")), description)),
        );
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The failure, if there is any violation.
    pub fn finish(self) -> Result<(), Failure> {
        if self.is_empty() { Ok(()) } else { Err(Failure::invalid(self)) }
    }

    /// The value, if it could be made and nothing is wrong. A missing value without a violation is an internal error.
    pub fn finish_with<T>(self, value: Option<T>) -> Result<T, Failure> {
        self.finish()?;
        value.ok_or_else(|| Failure::bug("a value is missing and no violation says why"))
    }

    /// Iterates over field and description.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().map(|(field, description)| (field.as_str(), description.as_str()))
    }

    pub(super) fn summary(&self) -> String {
        match self.found.as_slice() {
            [] => "the request is invalid".to_owned(),
            [(field, description)] => format!("{field}: {description}"),
            [(field, description), rest @ ..] => {
                format!("{field}: {description} (and {} more, see the details)", rest.len())
            }
        }
    }

    /// As many as fit into the trailers; the last one counts the rest.
    pub(super) fn into_bounded(self) -> Vec<(String, String)> {
        let total = self.found.len();
        let mut size = 0;
        let mut kept = Vec::new();
        for (field, description) in self.found {
            size += field.len() + description.len() + 8;
            if size > MAX_BYTES {
                let rest = total - kept.len();
                kept.push(("…".to_owned(), format!("{rest} more violations are not listed")));
                break;
            }
            kept.push((field, description));
        }
        kept
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let cut = text.floor_char_boundary(MAX_TEXT - 3);
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_violations_are_kept_in_their_order() {
        let mut violations = Violations::new();
        violations.add("parent", "is required");
        let mut inner = Violations::new();
        assert_eq!(inner.check("record_id", "x".parse::<u8>()), None);
        violations.extend("requests[3]", inner);
        let fields: Vec<_> = violations.iter().map(|(field, _)| field.to_owned()).collect();
        assert_eq!(fields, ["parent", "requests[3].record_id"]);
        assert_eq!(violations.summary(), "parent: is required (and 1 more, see the details)");
    }

    #[test]
    fn a_flood_of_violations_is_counted_instead_of_listed() {
        let mut violations = Violations::new();
        for index in 0..10_000 {
            violations.add(format!("requests[{index}].name"), "must be a record name");
        }
        let kept = violations.into_bounded();
        assert!(kept.len() < 400);
        let (_, last) = kept.last().unwrap();
        assert_eq!(*last, format!("{} more violations are not listed", 10_000 - (kept.len() - 1)));
    }

    #[test]
    fn no_violation_is_no_failure() {
        assert!(Violations::new().finish().is_ok());
        assert_eq!(Violations::new().finish_with(None::<u8>).unwrap_err().code(), tonic::Code::Internal);
    }
}
