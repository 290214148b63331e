//! The files that the rules look at: text files that git knows or would add.

use std::path::Path;
use std::process::Command;

use crate::command::{self, CommandError};

/// A text file.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Path from the root of the repository, with slashes.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

impl Source {
    /// Lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The text from a line on until one that ends with this.
    pub(crate) fn until(&self, line: usize, end: char) -> String {
        let mut text = String::new();
        for (_, part) in self.lines().skip(line.saturating_sub(1)) {
            text.push_str(part);
            if part.trim_end().ends_with(end) {
                break;
            }
        }
        text
    }

    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    /// Whether it holds tests only: below a folder `tests`, or a module file `tests.rs`.
    pub(crate) fn is_test(&self) -> bool {
        let stack = self.path.starts_with("tests/src/");
        !stack && (self.path.split('/').any(|part| part == "tests" || part == "tests.rs"))
    }

    /// The part before the module of tests at the end.
    pub(crate) fn without_tests(&self) -> &str {
        let end = self.text.find("\n#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        self.text.get(..end).unwrap_or(&self.text)
    }

    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

/// All text files that are tracked, or new and not ignored.
pub(crate) fn load(root: &Path) -> Result<Vec<Source>, CommandError> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let list = command::output(&mut git)?;
    // Deleted files are still listed, and binary ones are no text: neither has anything to check.
    let read =
        |path: &str| Some(Source { path: path.to_owned(), text: std::fs::read_to_string(root.join(path)).ok()? });
    Ok(list.lines().filter_map(read).collect())
}
