//! What a commit says: one topic, and why and how in its body.

use std::path::Path;
use std::process::Command;

use super::finding::Finding;
use crate::command::{self, CommandError};

/// Commits are looked at that were made since then: the rule came with them.
const SINCE: &str = "2026-11-30T20:00:00Z";
/// Most characters of a subject.
const MOST_CHARACTERS: usize = 60;
/// What paragraphs of the body begin with.
const PARTS: [&str; 3] = ["Problem:", "Solution:", "Checked:"];

/// Looks at the commits that lead to this one.
pub(super) fn check(root: &Path) -> Result<Vec<Finding>, CommandError> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["log", "--no-merges", &format!("--since-as-filter={SINCE}"), "--format=%h%x00%B%x01"]);
    let log = command::output(&mut git)?;
    let commits = log.split('\u{1}').filter_map(|commit| commit.trim_start().split_once('\0'));
    Ok(commits.flat_map(|(id, message)| check_message(id, message)).collect())
}

fn check_message(id: &str, message: &str) -> Vec<Finding> {
    let subject = message.lines().next().unwrap_or_default();
    let mut wrong = Vec::new();
    if subject.chars().count() > MOST_CHARACTERS {
        wrong.push(format!("its subject has {} characters, {MOST_CHARACTERS} at most", subject.chars().count()));
    }
    if !subject.split_once(": ").is_some_and(|(scope, what)| !scope.is_empty() && !what.is_empty()) {
        wrong.push("its subject is `scope: what`".to_owned());
    }
    if subject.contains(';') {
        wrong.push("its subject has one topic: make two commits".to_owned());
    }
    for part in PARTS {
        if !message.lines().skip(1).any(|line| line.starts_with(part)) {
            wrong.push(format!("its body has a paragraph `{part} …`"));
        }
    }
    let path = format!("commit {id} ({subject})");
    wrong.into_iter().map(|message| Finding { path: path.clone(), line: 1, message }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "db: one door\n\nProblem: there were two.\nSolution: one is gone.\nChecked: its tests.\n";

    #[test]
    fn what_a_commit_lacks_is_found() {
        let wrong = |message: &str| check_message("abc", message).len();
        assert_eq!(wrong(GOOD), 0);
        assert_eq!(wrong(&GOOD.replace("one door", &"x".repeat(56))), 0);
        assert_eq!(wrong(&GOOD.replace("one door", &"x".repeat(57))), 1);
        assert_eq!(wrong(&GOOD.replace("db: ", "")), 1);
        assert_eq!(wrong(&GOOD.replace("one door", "one door; another")), 1);
        assert_eq!(wrong(&GOOD.replace("Checked", "Looked")), 1);
        assert_eq!(wrong("db: one door"), 3);
    }
}
