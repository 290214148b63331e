//! Taking names apart: literals and ids in turn, numbers in their one spelling.

use crate::error::{Kind, NameError};

/// The ids of a name that reads `literal/id/literal/id…` and nothing more.
pub(crate) fn ids<'a, const N: usize>(
    kind: Kind,
    input: &'a str,
    literals: [&str; N],
) -> Result<[&'a str; N], NameError> {
    let mut segments = input.split('/');
    let mut ids = [""; N];
    for (literal, id) in literals.iter().zip(&mut ids) {
        if segments.next() != Some(literal) {
            return Err(malformed(kind, input));
        }
        *id = segments.next().ok_or_else(|| malformed(kind, input))?;
    }
    if segments.next().is_some() { Err(malformed(kind, input)) } else { Ok(ids) }
}

/// A decimal number without sign or leading zeros, so that every resource has one name.
pub(crate) fn number<T: std::str::FromStr>(kind: Kind, input: &str, digits: &str) -> Result<T, NameError> {
    let canonical = digits == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let value = if canonical { digits.parse().ok() } else { None };
    value.ok_or_else(|| malformed(kind, input))
}

pub(crate) fn malformed(kind: Kind, input: &str) -> NameError {
    NameError::new(kind, input, format!("expected {}", kind.form()))
}
