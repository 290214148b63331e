//! Which arrows there must not be, beside circles.

use super::graph::{File, Graph};

/// Files of a service from which no arrow leads to some others.
struct Rule {
    root: &'static str,
    from: &'static [&'static str],
    to: &'static [&'static str],
    why: &'static str,
}

const TOPICS: &[&str] = &["tenants", "collections", "records"];
const KEY_TOPICS: &[&str] = &["keys", "data_keys", "signer"];

const RULES: [Rule; 8] = [
    Rule {
        root: "vault-service",
        from: &["store"],
        to: &["api", "core", "keys", "places", "events", "once", "error", "tenants", "collections", "records"],
        why: "a store knows rows and nothing above them",
    },
    Rule {
        root: "vault-service",
        from: &["core", "places", "keys", "events", "once", "error", "fields", "policy", "problems"],
        to: TOPICS,
        why: "what topics stand on knows none of them",
    },
    Rule { root: "vault-service", from: TOPICS, to: &["api", "vault"], why: "a use case knows no message" },
    Rule {
        root: "vault-service",
        from: &["tenants"],
        to: &["collections", "records"],
        why: "topics stand on each other in one order: tenants, collections, records",
    },
    Rule {
        root: "vault-service",
        from: &["collections"],
        to: &["records"],
        why: "topics stand on each other in one order: tenants, collections, records",
    },
    Rule {
        root: "key-service",
        from: &["store"],
        to: &["api", "core", "keyring", "subjects", "once", "keys", "data_keys", "signer", "unsealed"],
        why: "a store knows rows and nothing above them",
    },
    Rule {
        root: "key-service",
        from: &["core", "error", "once", "keyring", "subjects", "new_key", "own_keys", "root", "key"],
        to: KEY_TOPICS,
        why: "what topics stand on knows none of them",
    },
    Rule { root: "key-service", from: KEY_TOPICS, to: &["api", "unsealed"], why: "a use case knows no message" },
];

/// The only files of the vault that may open a record.
const OPENING: [&str; 3] = ["records/reveal", "records/update", "records/sealing"];

/// What is wrong with a crate's arrows.
pub(super) fn forbidden(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for file in &graph.files {
        for rule in RULES.iter().filter(|rule| rule.root == graph.root && is_in(file, rule.from)) {
            for other in graph.arrows_of(file).filter(|other| is_in(other, rule.to)) {
                findings.push(format!("{}: {} → {}: {}", graph.root, file.name, other.name, rule.why));
            }
        }
        let opens = |path: &Vec<String>| {
            ["open", "*"].iter().any(|last| path.ends_with(&["sealing".to_owned(), (*last).to_owned()]))
        };
        if graph.root == "vault-service" && file.named.iter().any(opens) && !OPENING.contains(&file.name.as_str()) {
            findings.push(format!("{}: {} opens records: only {} may", graph.root, file.name, OPENING.join(", ")));
        }
    }
    findings
}

fn is_in(file: &File, modules: &[&str]) -> bool {
    let room = file.name.split('/').next().unwrap_or_default();
    modules.contains(&room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::files::Source;

    fn count(files: &[(&str, &str)]) -> usize {
        let sources: Vec<Source> =
            files.iter().map(|(name, text)| Source::new(&format!("vault-service/src/{name}.rs"), text)).collect();
        Graph::of_each_crate(&sources).iter().map(|graph| forbidden(graph).len()).sum()
    }

    #[test]
    fn arrows_up_are_found() {
        assert_eq!(count(&[("records", ""), ("core", "use crate::records::Records;")]), 1);
        assert_eq!(count(&[("core", ""), ("records/create", "use crate::core::Core;")]), 0);
        assert_eq!(count(&[("records/read", ""), ("collections", "use crate::records::read;")]), 1);
        assert_eq!(count(&[("time", ""), ("error", ""), ("store/keys", "use crate::time; use crate::error;")]), 1);
    }

    #[test]
    fn who_else_opens_records_is_found() {
        let sealing = ("records/sealing", "");
        assert_eq!(count(&[sealing, ("records/read", "use super::sealing::{check, open};")]), 1);
        assert_eq!(count(&[sealing, ("records/read", "use super::sealing; fn f() { sealing::open(); }")]), 1);
        assert_eq!(count(&[sealing, ("records/read", "use super::sealing::*;")]), 1);
        assert_eq!(count(&[sealing, ("records/reveal", "use super::sealing::open;")]), 0);
    }
}
