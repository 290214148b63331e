//! SPDX licence expressions (SPDX 2.3, annex D) against a list of licences that are allowed.

use std::collections::BTreeSet;

/// Whether the licences of an expression can be chosen so that all of them are allowed. `/` is the old form of OR.
pub(crate) fn satisfies(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, allowed };
    let result = parser.alternatives();
    result.unwrap_or(false) && parser.words.is_empty()
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a BTreeSet<String>,
}

impl<'a> Parser<'a> {
    /// `a OR b`; nothing where the expression is malformed.
    fn alternatives(&mut self) -> Option<bool> {
        let mut result = self.conjunction()?;
        while self.take("OR") {
            result |= self.conjunction()?;
        }
        Some(result)
    }

    /// `a AND b`, which binds closer.
    fn conjunction(&mut self) -> Option<bool> {
        let mut result = self.term()?;
        while self.take("AND") {
            result &= self.term()?;
        }
        Some(result)
    }

    /// A licence, with its exception, or an expression in brackets.
    fn term(&mut self) -> Option<bool> {
        if self.take("(") {
            let result = self.alternatives()?;
            return self.take(")").then_some(result);
        }
        let mut name = self.next().filter(|word| !["OR", "AND", "WITH", ")"].contains(word))?.to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.next()?);
        }
        Some(self.allowed.contains(&name))
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.next();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        satisfies(expression, &allowed)
    }

    #[test]
    fn one_allowed_alternative_suffices() {
        assert!(check("GPL-2.0-only OR MIT"));
        assert!(check("MIT/GPL-2.0"));
        assert!(!check("GPL-2.0-only OR LGPL-3.0-only"));
    }

    #[test]
    fn all_parts_of_a_conjunction_are_needed() {
        assert!(check("Apache-2.0 AND ISC"));
        assert!(!check("MIT AND OpenSSL"));
        assert!(!check("(MIT OR Apache-2.0) AND OpenSSL"));
    }

    #[test]
    fn an_exception_is_part_of_the_licence() {
        assert!(check("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only"));
        assert!(!check("MIT WITH LLVM-exception"));
    }

    #[test]
    fn malformed_expressions_are_refused() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "OR MIT", "MIT Apache-2.0"] {
            assert!(!check(expression), "{expression}");
        }
    }
}
