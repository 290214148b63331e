//! Imports: one `use` for each module.

use super::files::Source;
use super::finding::Finding;

/// Finds braces that hold paths instead of names.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.lines() {
        let code = line.trim_start();
        let is_import =
            ["use ", "pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|use_| code.starts_with(use_));
        if is_import && source.until(number, ';').split_once('{').is_some_and(|(_, names)| names.contains("::")) {
            findings.push(Finding::new(source, number, "import from one module: a `use` for each"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_braces_are_found() {
        let count = |code: &str| check(&Source::new("crates/x/src/a.rs", code)).len();
        assert_eq!(count("use std::{\n    collections::HashMap,\n    fmt,\n};\n"), 1);
        assert_eq!(count("    pub use crate::{a::A, B};\n"), 1);
        assert_eq!(count("use std::collections::{HashMap, HashSet};\nuse std::{fmt, io};\nlet a = { b::c() };\n"), 0);
    }
}
