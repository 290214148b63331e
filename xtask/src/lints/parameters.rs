//! Parameters of functions: none is a tuple, whose parts have no names where the function is called.

use super::files::Source;
use super::finding::Finding;

/// Looks at every function but those of tests.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.is_test() {
        return Vec::new();
    }
    let code = source.without_tests();
    let mut findings = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let Some(rest) = code.get(start + 3..) else { continue };
        if parameters(rest).iter().filter_map(|parameter| type_of(parameter)).any(is_tuple) {
            let line = code.get(..start).unwrap_or_default().matches('\n').count() + 1;
            findings.push(Finding::new(source, line, "a parameter is a tuple: give its parts names, in a struct"));
        }
    }
    findings
}

/// The parameters in what follows `fn `: none where that is no function with a name.
fn parameters(text: &str) -> Vec<&str> {
    let name = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or_default();
    let Some(behind) = text.get(name..).filter(|_| name > 0) else { return Vec::new() };
    let generics = if behind.starts_with('<') { parts(behind).1 } else { 0 };
    match behind.get(generics..) {
        Some(list) if list.starts_with('(') => parts(list).0,
        _ => Vec::new(),
    }
}

/// What stands between the commas of a list, which begins with its bracket; and how long it is, brackets included.
fn parts(list: &str) -> (Vec<&str>, usize) {
    let (mut parts, mut depth, mut start, mut before) = (Vec::new(), 0_usize, 1, ' ');
    for (at, letter) in list.char_indices() {
        match letter {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            // Not that of an arrow.
            '>' if before != '-' && before != '=' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => {
                parts.extend(list.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        if depth == 0 {
            parts.extend(list.get(start..at));
            return (parts, at + letter.len_utf8());
        }
        before = letter;
    }
    (Vec::new(), list.len())
}

/// The type of a parameter, behind the colon that is no part of a path and stands in no pattern.
fn type_of(parameter: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, letter) in parameter.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return parameter.get(at + 1..).filter(|behind| !behind.starts_with(':')),
            _ => {}
        }
    }
    None
}

fn is_tuple(named: &str) -> bool {
    let named = named.trim_start().trim_start_matches('&');
    let named = if named.starts_with('\'') { named.split_once(' ').map_or("", |(_, behind)| behind) } else { named };
    let named = named.strip_prefix("mut ").unwrap_or(named);
    let is_other = ["()", "(dyn ", "(impl "].iter().any(|other| named.starts_with(other));
    named.starts_with('(') && !is_other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(code: &str) -> usize {
        check(&Source::new("crates/x/src/a.rs", code)).len()
    }

    #[test]
    fn tuples_are_found_however_they_are_taken() {
        assert_eq!(count("fn f(place: (u32, u32)) {}"), 1);
        assert_eq!(count("fn f(&self, (a, b): (u32, Option<(u8, u8)>), c: u8) {}"), 1);
        assert_eq!(count("fn f<'a>(both: &'a mut (u8, u8)) {}"), 1);
        assert_eq!(count("fn f<T: Into<(u8, u8)>>(\n    given: &(T, u8),\n) {}"), 1);
    }

    #[test]
    fn a_finding_says_its_line() {
        let found = check(&Source::new("crates/x/src/a.rs", "//! A.\n\nfn f(both: (u8, u8)) {}\n"));
        assert!(found.iter().all(|finding| finding.to_string().contains("a.rs:3")), "{found:?}");
    }

    #[test]
    fn other_parameters_are_let_be() {
        assert_eq!(count("fn f(error: &(dyn Error + 'static), a: &(impl A + B), given: ()) -> (u32, u32) {}"), 0);
        assert_eq!(
            count("fn f(key: names::Key, Place { a, b }: Place, pairs: &[(u8, u8)], next: impl Fn(u8) -> (u8, u8)) {}"),
            0
        );
        assert_eq!(count("type F = fn((u8, u8));\nlet add = |(a, b): (u8, u8)| a + b;"), 0);
        assert_eq!(count("fn f() {}\n#[cfg(test)]\nmod tests {\n    fn g(both: (u8, u8)) {}\n}\n"), 0);
    }
}
