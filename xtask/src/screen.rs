//! What is printed, and in which colours: colours only where a person looks on.

use std::error::Error;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _, stderr, stdout};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "1;31";
const GREEN: &str = "32";
const CYAN: &str = "1;36";

/// Prints a line.
pub(crate) fn line(text: impl Display) {
    // A closed pipe (`| head`) is no reason to fail.
    let _ = writeln!(stdout(), "{text}");
}

/// Prints the heading of a step.
pub(crate) fn heading(text: impl Display) {
    line(format_args!("\n{}", paint(CYAN, text)));
}

/// Prints something that holds.
pub(crate) fn good(text: impl Display) {
    line(format_args!("  {} {text}", paint(GREEN, "✓")));
}

/// Prints something that does not hold.
pub(crate) fn bad(text: impl Display) {
    line(format_args!("  {} {}", paint(RED, "✗"), paint(BOLD, text)));
}

/// Prints something by the way.
pub(crate) fn note(text: impl Display) {
    line(format_args!("    {}", paint(DIM, text)));
}

/// In bold.
pub(crate) fn bold(text: impl Display) -> String {
    paint(BOLD, text)
}

/// Prints why a command failed, causes included.
pub(crate) fn error(error: &(dyn Error + 'static)) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str("\n  because: ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    // Nothing is left to tell it to if standard error is closed.
    let _ = writeln!(stderr(), "{} {text}", paint(RED, "error:"));
}

fn paint(style: &str, text: impl Display) -> String {
    if stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    } else {
        text.to_string()
    }
}

/// A number with thousands separated: 12,345.
pub(crate) fn number(value: impl TryInto<u64>) -> String {
    let digits = value.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(number(0_u64), "0");
        assert_eq!(number(999_u64), "999");
        assert_eq!(number(1_000_u64), "1,000");
        assert_eq!(number(12_345_678_u64), "12,345,678");
    }
}
