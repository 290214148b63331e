//! The comment of an RPC ends with its permission and its audit class, the same that its options declare.

use std::path::Path;

use super::files::Source;
use super::finding::Finding;

/// RPCs whose comments end otherwise.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.path.starts_with("proto/")
        || Path::new(&source.path).extension().is_none_or(|extension| extension != "proto")
    {
        return findings;
    }
    let lines: Vec<(usize, &str)> = source.lines().map(|(number, line)| (number, line.trim())).collect();
    for (index, (number, line)) in lines.iter().enumerate() {
        let Some(name) = line.strip_prefix("rpc ").and_then(|rest| rest.split('(').next()) else { continue };
        let (before, after) = lines.split_at(index);
        let options: Vec<&str> = after.iter().map(|(_, line)| *line).take_while(|line| *line != "}").collect();
        let (permission, audit) = (option(&options, "permission"), option(&options, "audit"));
        let (Some(permission), Some(audit)) = (permission, audit) else {
            findings.push(Finding::new(source, *number, format!("{name} declares no permission or no audit class")));
            continue;
        };
        let ending = ending(before);
        let audit = audit.trim_start_matches("AUDIT_CLASS_");
        let fits =
            ending.starts_with(&format!("Permission: {permission}")) && ending.ends_with(&format!("Audit: {audit}."));
        if !fits {
            let message = format!("end the comment of {name} with `Permission: {permission}. Audit: {audit}.`");
            findings.push(Finding::new(source, *number, message));
        }
    }
    findings
}

/// The value of a method option.
fn option<'a>(lines: &[&'a str], name: &str) -> Option<&'a str> {
    let marker = format!("(strongroom.options.v1.{name}) = ");
    let (_, value) = lines.iter().find_map(|line| line.split_once(&marker))?;
    Some(value.trim_end_matches(';').trim_matches('"'))
}

/// The comment right before an RPC, from its last `Permission:` on.
fn ending(before: &[(usize, &str)]) -> String {
    let mut comment: Vec<&str> =
        before.iter().rev().map_while(|(_, line)| line.strip_prefix("//")).map(str::trim).collect();
    comment.reverse();
    let text = comment.join(" ");
    text.rfind("Permission:").and_then(|at| text.get(at..)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(comment: &str) -> usize {
        let text = format!(
            "service S {{\n{comment}\n  rpc Get(GetRequest) returns (GetResponse) {{\n    \
             option (strongroom.options.v1.permission) = \"things.get\";\n    \
             option (strongroom.options.v1.audit) = AUDIT_CLASS_REFUSALS;\n  }}\n}}\n"
        );
        check(&Source::new("proto/strongroom/x/v1/x.proto", &text)).len()
    }

    #[test]
    fn a_comment_that_ends_with_what_the_options_say_passes() {
        assert_eq!(count("  // Get gets.\n  // Permission: things.get. Audit: REFUSALS."), 0);
        assert_eq!(count("  // Get gets.\n  // Permission: things.get, or so. Audit:\n  // REFUSALS."), 0);
    }

    #[test]
    fn a_comment_that_says_something_else_or_nothing_is_found() {
        assert_eq!(count("  // Get gets."), 1);
        assert_eq!(count("  // Get gets.\n  // Permission: things.list. Audit: REFUSALS."), 1);
        assert_eq!(count("  // Get gets.\n  // Permission: things.get. Audit: NONE."), 1);
    }

    #[test]
    fn an_rpc_without_options_is_found() {
        let text = "service S {\n  // Get gets.\n  rpc Get(A) returns (B) {\n  }\n}\n";
        assert_eq!(check(&Source::new("proto/x.proto", text)).len(), 1);
    }
}
