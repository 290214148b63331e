//! Collects what is wrong with a request, so that all of it is said at once.

use std::fmt;

use crate::bound::at_most;

/// Most violations that an answer lists.
const MAX_LISTED: usize = at_most(64);
/// Bytes of field names and descriptions: in base64 and with all else that an answer says they stay below the 8 KiB of
/// trailers that some clients take.
const MAX_BYTES: usize = at_most(3 * 1024 + 512);
/// Longest field name or description, in bytes.
const MAX_TEXT: usize = at_most(256);

/// The field violations of one request. However many there are, those that an answer has no room for are only counted.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    found: Vec<(String, String)>,
    /// Bytes that `found` takes in an answer.
    size: usize,
    /// How many were left out.
    more: usize,
}

impl Violations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one: `field` is the path of the field as the caller wrote it (`record.fields.ssn`), `description` says
    /// what it must be, never what it was.
    pub fn add(&mut self, field: impl Into<String>, description: impl fmt::Display) {
        self.keep(Self::shortened(field.into()), Self::shortened(description.to_string()));
    }

    /// A field name or a description as it is kept: of at most 256 bytes.
    pub fn shortened(mut text: String) -> String {
        if text.len() > MAX_TEXT {
            let cut = text.floor_char_boundary(MAX_TEXT - 3);
            text.truncate(cut);
            text.push('…');
        }
        text
    }

    /// Once one has been left out all are, so that those that are listed are the first ones.
    fn keep(&mut self, field: String, description: String) {
        let size = self.size.saturating_add(field.len() + description.len() + 8);
        if self.more > 0 || size > MAX_BYTES || self.found.len() == MAX_LISTED {
            self.more += 1;
        } else {
            self.size = size;
            self.found.push((field, description));
        }
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
        for (field, description) in inner.found {
            self.keep(field, description);
        }
        self.more += inner.more;
    }

    /// Adds all of `inner`, with `prefix` and a dot before their fields (`requests[3]`).
    pub fn extend(&mut self, prefix: &str, inner: Self) {
        for (field, description) in inner.found {
            self.keep(Self::shortened(format!("{prefix}.{field}")), description);
        }
        self.more += inner.more;
    }

    /// Whether there are more than an answer lists: what is still to be looked at need not be.
    pub fn is_full(&self) -> bool {
        self.more > 0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are, listed or not.
    pub fn len(&self) -> usize {
        self.found.len() + self.more
    }

    /// Iterates over field and description of those that are listed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().map(|(field, description)| (field.as_str(), description.as_str()))
    }

    pub(super) fn summary(&self) -> String {
        match self.found.as_slice() {
            [] => "the request is invalid".to_owned(),
            [(field, description), ..] if self.len() == 1 => format!("{field}: {description}"),
            [(field, description), ..] => {
                format!("{field}: {description} (and {} more)", self.len() - 1)
            }
        }
    }

    /// As many as fit into the trailers; the last one counts the rest.
    pub(super) fn into_bounded(self) -> Vec<(String, String)> {
        let Self { found: mut kept, more, .. } = self;
        if more > 0 {
            kept.push(("…".to_owned(), format!("{more} more violations are not listed")));
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    #[test]
    fn all_violations_are_kept_in_their_order() {
        let mut violations = Violations::new();
        violations.add("parent", "is required");
        let mut inner = Violations::new();
        assert_eq!(inner.check("record_id", "x".parse::<u8>()), None);
        violations.extend("requests[3]", inner);
        let fields: Vec<_> = violations.iter().map(|(field, _)| field.to_owned()).collect();
        assert_eq!(fields, ["parent", "requests[3].record_id"]);
        assert_eq!(violations.summary(), "parent: is required (and 1 more)");
    }

    #[test]
    fn a_flood_of_violations_is_counted_instead_of_listed() {
        let mut violations = Violations::new();
        for index in 0..10_000 {
            violations.add(format!("requests[{index}].name"), "must be a record name");
        }
        assert_eq!(violations.len(), 10_000);
        assert!(violations.found.capacity() < 400, "nor is it kept");
        let kept = violations.into_bounded();
        let (_, last) = kept.last().unwrap();
        assert_eq!(*last, format!("{} more violations are not listed", 10_000 - (kept.len() - 1)));
    }

    #[test]
    fn floods_below_prefixes_are_counted_in_full() {
        let mut violations = Violations::new();
        for request in 0..1000 {
            let mut inner = Violations::new();
            for field in 0..100 {
                inner.add(format!("record.fields.f{field}"), "is required");
            }
            violations.extend(&format!("requests[{request}]"), inner);
        }
        let mut all = Violations::new();
        all.append(violations);
        assert_eq!(all.len(), 100_000);
        let kept = all.into_bounded();
        let listed: usize = kept.iter().map(|(field, description)| field.len() + description.len()).sum();
        assert!((2048..MAX_BYTES + 64).contains(&listed) && kept.len() == MAX_LISTED + 1, "{listed} in {}", kept.len());
        let (_, last) = kept.last().unwrap();
        assert_eq!(*last, format!("{} more violations are not listed", 100_000 - (kept.len() - 1)));
    }

    /// What some clients take of trailers, each counted as HPACK does (RFC 7541, section 4.1).
    #[test]
    fn trailers_stay_below_eight_kibibytes_whatever_is_wrong() {
        let mut largest = 0;
        for (field, description) in [
            ("ä".repeat(5000), "ö".repeat(5000)),
            ("\u{1f9ec}".repeat(25), "x".repeat(9)),
            ("x".to_owned(), String::new()),
        ] {
            let mut violations = Violations::new();
            for _ in 0..10_000 {
                violations.add(field.clone(), &description);
            }
            let status = tonic::Status::from(
                Failure::invalid_because("NEVER_STORE", violations.summary()).with_violations(violations),
            );
            let mut trailers = http::HeaderMap::new();
            status.add_header(&mut trailers).unwrap();
            let ids = 2 * ("strongroom-request-id".len() + 36 + 32);
            largest = largest
                .max(ids + trailers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum::<usize>());
        }
        assert!((6 << 10..8 << 10).contains(&largest), "{largest}");
    }

    #[test]
    fn no_violation_is_no_failure() {
        assert!(Violations::new().finish().is_ok());
        assert_eq!(Violations::new().finish_with(None::<u8>).unwrap_err().code(), tonic::Code::Internal);
    }
}
