//! Rules of this repository that no other tool knows. Each finding says where, what and how to put it right.
//!
//! # Layout
//! - `columns`: statements name their columns
//! - `commits`: what a commit says
//! - `copies`: files that must say the same
//! - `files`: the files that the rules look at
//! - `finding`: a place where a rule is broken
//! - `imports`: one `use` for each module
//! - `layers`: wire → use case → store, and crates without I/O
//! - `parameters`: no tuples among them
//! - `rpcs`: what the comment of an RPC ends with
//! - `secrets`: types that would print a secret
//! - `shape`: length of files, first lines, `allow`
//! - `words`: words that do not belong into the repository

mod columns;
mod commits;
mod copies;
pub(crate) mod files;
mod finding;
mod imports;
mod layers;
mod parameters;
mod rpcs;
mod secrets;
mod shape;
mod words;

use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::screen;
use files::Source;
use finding::Finding;

/// A rule looks at one file.
type Rule = fn(&Source) -> Vec<Finding>;

const RULES: [(&str, Rule); 9] = [
    ("files and first lines", shape::check),
    ("layers", layers::check),
    ("columns by name", columns::check),
    ("imports", imports::check),
    ("parameters", parameters::check),
    ("secrets and Debug", secrets::check),
    ("comments of RPCs", rpcs::check),
    ("words", words::check),
    ("allow", shape::check_allow),
];

/// Checks every file under version control.
pub(crate) fn run() -> Outcome {
    let sources = files::load(repository())?;
    let mut count = 0_usize;
    for (name, rule) in RULES {
        let findings: Vec<Finding> = sources.iter().flat_map(rule).collect();
        if findings.is_empty() {
            screen::good(name);
        }
        for finding in &findings {
            screen::bad(finding);
        }
        count += findings.len();
    }
    for (name, findings) in [("copies", copies::check(&sources)), ("commits", commits::check(repository())?)] {
        if findings.is_empty() {
            screen::good(name);
        }
        findings.iter().for_each(screen::bad);
        count += findings.len();
    }
    if count == 0 { Ok(()) } else { Err(format!("{count} findings").into()) }
}
