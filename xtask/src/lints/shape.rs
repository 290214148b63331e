//! The shape of files: how long, how they begin, and how lints are switched off.

use super::files::Source;
use super::finding::Finding;

/// Most lines of a file, not counting its tests.
const MOST_LINES: usize = 400;

/// Length, and the first line that says what a module is for.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.is_rust() {
        return findings;
    }
    let count = source.without_tests().lines().count();
    if count > MOST_LINES && !source.is_test() {
        let message = format!("{count} lines, {MOST_LINES} at most: split the file along its responsibilities");
        findings.push(Finding::new(source, count, message));
    }
    if !source.text.starts_with("//!") {
        findings.push(Finding::new(source, 1, "begin with `//!` and what the module is for"));
    }
    findings
}

/// A lint that is switched off says why, and complains when it is no longer needed.
pub(crate) fn check_allow(source: &Source) -> Vec<Finding> {
    // Generated code is as its generator wants it, and changes with it: what is switched off there may not be needed.
    if !source.is_rust() || source.path == "crates/api/src/lib.rs" {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.lines() {
        let code = line.trim_start();
        if code.starts_with("#[allow(") || code.starts_with("#![allow(") {
            findings.push(Finding::new(source, number, "use #[expect(…, reason = \"…\")] instead of #[allow]"));
        }
        if code.starts_with("#[expect(") && !source.until(number, ']').contains("reason") {
            findings.push(Finding::new(source, number, "#[expect] needs a reason"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_above_the_ceiling_is_found_and_its_tests_do_not_count() {
        let long = format!("//! Long.\n{}", "fn f() {}\n".repeat(MOST_LINES));
        assert_eq!(check(&Source::new("crates/x/src/long.rs", &long)).len(), 1);
        let tested = format!("//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(MOST_LINES));
        assert_eq!(check(&Source::new("crates/x/src/short.rs", &tested)), []);
        assert_eq!(check(&Source::new("crates/x/tests/long.rs", &long)), []);
    }

    #[test]
    fn a_module_that_does_not_say_what_it_is_for_is_found() {
        assert_eq!(check(&Source::new("crates/x/src/a.rs", "use std::fmt;\n")).len(), 1);
    }

    #[test]
    fn switching_a_lint_off_needs_expect_and_a_reason() {
        let check = |text: &str| check_allow(&Source::new("a.rs", text)).len();
        assert_eq!(check("#[allow(dead_code)]\n"), 1);
        assert_eq!(check("#[expect(dead_code)]\n"), 1);
        assert_eq!(check("#[expect(dead_code, reason = \"kept for its layout\")]\n"), 0);
        assert_eq!(check("#[expect(\n    dead_code,\n    reason = \"kept\"\n)]\n"), 0);
    }
}
