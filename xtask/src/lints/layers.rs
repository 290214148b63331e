//! Arrows go one way: handlers never see SQL, stores never see the wire, and crates without I/O stay so.

use super::files::Source;
use super::finding::Finding;

/// A part of the tree and what must not be mentioned there.
struct Layer {
    /// Whether a path belongs to it.
    holds: fn(&str) -> bool,
    forbidden: &'static [&'static str],
    why: &'static str,
}

const LAYERS: [Layer; 4] = [
    Layer {
        holds: |path| in_module(path, "store"),
        forbidden: &["tonic::", "rpc::", "api::"],
        why: "stores do not see the wire: convert in api/, decide in a use case",
    },
    Layer {
        holds: |path| in_module(path, "api"),
        forbidden: &["crate::store", "tokio_postgres", "db::run_"],
        why: "handlers do not see the database: call a use case",
    },
    Layer {
        holds: |path| path.starts_with("crates/envelope/src") || path.starts_with("crates/tlog/src"),
        forbidden: &["tokio::", "tonic::", "prost::", "std::fs", "std::net", "api::"],
        why: "this crate does no I/O and knows no protobuf",
    },
    Layer {
        holds: |path| is_service(path) && !in_module(path, "store"),
        forbidden: &["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM "],
        why: "SQL lives in store/",
    },
];

/// What breaks the layers.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.is_rust() || source.is_test() {
        return findings;
    }
    for layer in LAYERS.iter().filter(|layer| (layer.holds)(&source.path)) {
        for (number, line) in (1..).zip(source.without_tests().lines()) {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            // Whether the session lives is asked by its name.
            let code = code.replace("\"SELECT 1\"", "");
            for word in layer.forbidden.iter().filter(|word| mentions(&code, word)) {
                findings.push(Finding::new(source, number, format!("`{word}` here: {}", layer.why)));
            }
        }
    }
    findings
}

fn is_service(path: &str) -> bool {
    ["key-service/src/", "vault-service/src/", "audit-service/src/"].iter().any(|prefix| path.starts_with(prefix))
}

/// `store.rs` and everything below `store/` of a service.
fn in_module(path: &str, module: &str) -> bool {
    is_service(path)
        && path
            .split_once("/src/")
            .is_some_and(|(_, rest)| rest == format!("{module}.rs") || rest.starts_with(&format!("{module}/")))
}

/// Whether a line has `word` where a path begins: `api::` is not in `crate::my_api::x`.
fn mentions(line: &str, word: &str) -> bool {
    let part_of_name = |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    let of_this_crate =
        |before: &str| before.ends_with("crate::") || before.ends_with("super::") || before.ends_with("self::");
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).unwrap_or_default();
        word.starts_with("crate::") || !(part_of_name(before) || of_this_crate(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, line: &str) -> usize {
        check(&Source::new(path, &format!("//! Module.\n{line}\n"))).len()
    }

    #[test]
    fn a_store_that_sees_the_wire_is_found() {
        assert_eq!(count("key-service/src/store/keys.rs", "use tonic::Status;"), 1);
        assert_eq!(count("key-service/src/store.rs", "use api::key::v1::Key;"), 1);
        assert_eq!(count("key-service/src/error.rs", "use tonic::Status;"), 0);
        assert_eq!(count("key-service/src/store/keys.rs", "// tonic::Status is for api/"), 0);
    }

    #[test]
    fn a_handler_that_sees_the_database_is_found() {
        assert_eq!(count("vault-service/src/api/records.rs", "use crate::store::records;"), 1);
        assert_eq!(count("vault-service/src/records.rs", "use crate::store::records;"), 0);
    }

    #[test]
    fn sql_outside_of_the_store_is_found() {
        assert_eq!(count("audit-service/src/append.rs", "let sql = \"SELECT size FROM logs\";"), 1);
        assert_eq!(count("audit-service/src/store/entries.rs", "let sql = \"SELECT size FROM logs\";"), 0);
    }

    #[test]
    fn crates_without_io_stay_so() {
        assert_eq!(count("crates/tlog/src/verify.rs", "use tokio::fs;"), 1);
        assert_eq!(count("crates/db/src/pool.rs", "use tokio::fs;"), 0);
    }

    #[test]
    fn modules_of_the_same_name_are_no_crates() {
        assert_eq!(count("key-service/src/store/keys.rs", "use crate::api::x;"), 0);
        assert_eq!(count("key-service/src/store/keys.rs", "use my_rpc::x;"), 0);
    }
}
