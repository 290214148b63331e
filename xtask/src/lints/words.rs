//! Words that do not belong into the repository: notes to oneself, paths of one machine, and blanks at the end of lines.

use super::files::Source;
use super::finding::Finding;

/// Marks of unfinished work; they go into the tracker, or are done.
const UNFINISHED: [&str; 6] = ["TODO", "FIXME", "XXX", "HACK", "todo!(", "unimplemented!("];
/// Beginnings of paths that exist on one machine only.
const PRIVATE_PATHS: [&str; 4] = ["/home/", "/Users/", "/work/", "C:\\"];

/// What does not belong here.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_ours = !["LICENSE", "Cargo.lock", "fuzz/Cargo.lock"].contains(&source.path.as_str());
    // Seeds are bytes, some of which happen to be text.
    if source.path == file!() || !is_ours || source.path.starts_with("fuzz/corpus/") {
        return findings;
    }
    for (number, line) in source.lines() {
        for word in UNFINISHED.iter().filter(|word| stands_alone(line, word)) {
            findings.push(Finding::new(source, number, format!("`{word}`: finish it, or take it out")));
        }
        for path in PRIVATE_PATHS.iter().filter(|path| stands_alone(line, path)) {
            findings.push(Finding::new(source, number, format!("`{path}…` exists on one machine only")));
        }
        if line.ends_with([' ', '\t']) {
            findings.push(Finding::new(source, number, "blanks at the end of the line"));
        }
    }
    findings
}

/// Whether a word is there that is not a part of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '/' || letter == '.';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        let after = line.get(at + word.len()..).unwrap_or_default();
        let ends = !word.ends_with(char::is_alphanumeric)
            || !after.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        !before.ends_with(joins) && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Source::new("docs/x.md", text)).len()
    }

    #[test]
    fn marks_of_unfinished_work_are_found() {
        assert_eq!(count("// TODO: later\n"), 1);
        assert_eq!(count("    todo!()\n"), 1);
        assert_eq!(count("XXXXXX-1234\n"), 0);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        assert_eq!(count("see /home/me/notes\n"), 1);
        assert_eq!(count("https://example.org/home/\n"), 0);
    }

    #[test]
    fn blanks_at_the_end_are_found() {
        assert_eq!(count("text \n"), 1);
        assert_eq!(count("text\n"), 0);
    }
}
