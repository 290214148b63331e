//! Where a value is, as violations name it: `fields.cards[0].cvv`.

use std::fmt::{self, Write as _};

use rpc::bound::at_most;

/// Longest text of a path, in bytes. Names have no limit of their own below the first level, so a path is cut while it is
/// written, not afterwards: thousands of violations below one long name cost what is kept of them.
const MAX_BYTES: usize = at_most(1024);

/// One step of the path to a value.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

impl<'a> Path<'a> {
    /// The path to the fields of a record, with which all others begin.
    pub const FIELDS: Path<'static> = Path { parent: None, step: Step::Name("fields") };

    /// The path to a field, or to a member of an object.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Path { parent: Some(self), step: Step::Name(name) }
    }

    /// The path to a value of an array.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The path as a text of at most a kibibyte.
    pub fn text(&self) -> String {
        let mut text = Cut(String::new());
        // An error says that the rest is cut off.
        let _ = self.write(&mut text);
        text.0
    }

    fn write(&self, text: &mut Cut) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write(text)?;
        }
        match self.step {
            Step::Name(name) if self.parent.is_some() => {
                text.write_str(".")?;
                text.write_str(name)
            }
            Step::Name(name) => text.write_str(name),
            Step::Index(index) => write!(text, "[{index}]"),
        }
    }
}

/// A text that takes no more than its room.
struct Cut(String);

impl fmt::Write for Cut {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = MAX_BYTES.saturating_sub(self.0.len());
        let (fits, rest) = more.split_at(more.floor_char_boundary(room));
        self.0.push_str(fits);
        if rest.is_empty() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_caller_would() {
        let cards = Path::FIELDS.name("cards");
        let first = cards.index(0);
        assert_eq!(first.name("cvv").text(), "fields.cards[0].cvv");
    }

    #[test]
    fn a_path_is_cut_between_characters() {
        let long = "ä".repeat(5000);
        let (outer, inner) = (Path::FIELDS.name(&long), "x".repeat(5000));
        let text = outer.name(&inner).text();
        assert!(text.len() <= MAX_BYTES && text.len() > MAX_BYTES - 2);
        assert!(text.ends_with('ä'));
    }
}
