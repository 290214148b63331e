//! Types that would print a secret: a derived Debug beside a field that holds one in the clear.

use super::files::Source;
use super::finding::Finding;

/// Parts of field names that say that the value is secret.
const SECRET_NAMES: [&str; 8] =
    ["plaintext", "password", "secret", "data_key", "private_key", "passphrase", "root_key", "seed"];
/// Types that print whatever they hold.
const OPEN_TYPES: [&str; 6] = ["Vec<u8>", "[u8", "String", "Bytes", "&str", "Zeroizing<"];

/// Fields of printable types that would show a secret.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.is_rust() || source.is_test() {
        return findings;
    }
    let (mut printable, mut in_type) = (false, false);
    for (number, line) in (1..).zip(source.without_tests().lines()) {
        let code = line.trim();
        if code.starts_with("//") {
            continue;
        }
        if code.starts_with("#[derive(") {
            printable = code.contains("Debug");
        } else if is_type(code) {
            in_type = printable && !code.ends_with(';');
            printable = false;
            if source.path.starts_with("crates/secret/src") && in_type && holds_open_type(code) {
                findings.push(Finding::new(source, number, "types of crates/secret redact their Debug by hand"));
            }
        } else if line.starts_with('}') {
            in_type = false;
        }
        if in_type && is_secret_field(code) {
            findings.push(Finding::new(
                source,
                number,
                "a derived Debug would print this: use SecretBytes or SecretVec",
            ));
        }
    }
    findings
}

fn is_type(code: &str) -> bool {
    let code = without_visibility(code);
    code.starts_with("struct ") || code.starts_with("enum ")
}

fn without_visibility(code: &str) -> &str {
    match code.strip_prefix("pub(") {
        Some(scope) => scope.split_once(") ").map_or(code, |(_, item)| item),
        None => code.strip_prefix("pub ").unwrap_or(code),
    }
}

fn is_secret_field(code: &str) -> bool {
    let Some((name, kind)) = code.split_once(": ") else { return false };
    let name = without_visibility(name);
    let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let open = |kind: &str| {
        OPEN_TYPES.iter().any(|open| kind.starts_with(open) || kind.starts_with(&format!("Option<{open}")))
    };
    is_name && SECRET_NAMES.iter().any(|secret| name.contains(secret)) && open(kind)
}

fn holds_open_type(code: &str) -> bool {
    OPEN_TYPES.iter().any(|open| code.contains(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Source::new("key-service/src/seal.rs", text)).len()
    }

    #[test]
    fn a_printable_type_with_a_secret_in_the_clear_is_found() {
        assert_eq!(count("#[derive(Clone, Debug)]\nstruct Seal {\n    password: String,\n}\n"), 1);
        assert_eq!(count("#[derive(Debug)]\npub struct Seal {\n    pub root_key: [u8; 32],\n}\n"), 1);
        assert_eq!(count("#[derive(Debug)]\nenum Step {\n    Open {\n        plaintext: Vec<u8>,\n    },\n}\n"), 1);
    }

    #[test]
    fn secrets_in_their_types_and_types_without_debug_pass() {
        assert_eq!(count("#[derive(Debug)]\nstruct Seal {\n    root_key: SecretBytes<32>,\n}\n"), 0);
        assert_eq!(count("struct Seal {\n    root_key: [u8; 32],\n}\n"), 0);
        assert_eq!(count("#[derive(Debug)]\nstruct Seal {\n    password_file: PathBuf,\n}\n"), 0);
    }
}
