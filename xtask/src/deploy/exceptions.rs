//! The exceptions from checkov's rules: each with a comment that says why.

use stack::binaries::repository;

use super::objects::Error;

/// checkov's configuration, from the root of the repository.
pub(crate) const FILE: &str = "deploy/checkov.yaml";

/// Exceptions without a reason.
pub(crate) fn check() -> Result<Vec<String>, Error> {
    Ok(without_reason(&std::fs::read_to_string(repository().join(FILE))?))
}

/// Rules that are left out with no comment right above them.
fn without_reason(text: &str) -> Vec<String> {
    let mut reasons = false;
    let mut findings = Vec::new();
    for line in text.lines().skip_while(|line| *line != "skip-check:").skip(1).map(str::trim) {
        if let Some(rule) = line.strip_prefix("- ") {
            if !reasons {
                findings.push(format!("{FILE} leaves {rule} out and does not say why"));
            }
            reasons = false;
        } else {
            reasons = line.starts_with("# ");
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::*;

    #[test]
    fn an_exception_without_a_reason_is_found() {
        assert_eq!(check().unwrap(), NONE);
        let text = "skip-check:\n  # Because.\n  - A\n  - B\n";
        assert_eq!(without_reason(text), ["deploy/checkov.yaml leaves B out and does not say why"]);
    }
}
