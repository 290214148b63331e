//! The golden schemas: what `pg_dump` says of a database that has all migrations.

use std::path::Path;
use std::process::Command;

use test_support::postgres::{Binaries, Cluster};

use super::files::{GOLDEN, Migration};
use crate::command;
use crate::outcome::Failure;

/// Set to write the golden files instead of comparing them.
const UPDATE: &str = "UPDATE_GOLDEN";

type Findings = Result<Vec<String>, Failure>;

/// Applies the migrations to empty databases and compares what comes out with the golden files, or writes those.
pub(super) async fn check(root: &Path, databases: &[(&str, Vec<Migration>)]) -> Findings {
    let cluster = Cluster::start().await?;
    let mut findings = Vec::new();
    for (database, migrations) in databases {
        let schema = dump(&cluster, database, migrations).await?;
        let path = root.join("migrations").join(database).join(GOLDEN);
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, &schema)?;
        }
        // A golden file that is not there differs from every schema.
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some((number, (is, should))) = first_difference(&schema, &golden) {
            findings.push(format!(
                "migrations/{database}/{GOLDEN}:{number} says `{should}`, the migrations make `{is}`: \
                 run `{UPDATE}=1 ./dev migrations` and read the difference"
            ));
        }
    }
    Ok(findings)
}

async fn dump(cluster: &Cluster, database: &str, migrations: &[Migration]) -> Result<String, Failure> {
    let (name, role) = (format!("golden_{database}"), format!("strongroom_{database}"));
    cluster.ensure_database(&name, &role).await?;
    let session = cluster.superuser(&name).await?;
    session.batch_execute("SET ROLE strongroom_migrator").await?;
    for migration in migrations {
        session
            .batch_execute(&migration.text)
            .await
            .map_err(|source| Failed { path: migration.path.clone(), source })?;
    }
    let url = cluster.superuser_url(&name)?;
    let mut pg_dump = Command::new(Binaries::find()?.program("pg_dump"));
    let text = command::output(pg_dump.args(["--schema-only", "--no-owner", "--dbname"]).arg(url))?;
    Ok(normalize(database, &text))
}

/// A migration that PostgreSQL refuses.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be applied")]
struct Failed {
    path: String,
    #[source]
    source: tokio_postgres::Error,
}

/// Without what depends on the version or the run: session settings, comments, blank lines, restriction tokens.
fn normalize(database: &str, dump: &str) -> String {
    let mut text = format!(
        "-- The whole schema of the {database} database. Generated from the migrations beside it; never run.\n"
    );
    let mut in_statement = false;
    for line in dump.lines() {
        let noise = ["SET ", "SELECT pg_catalog.set_config", "--", "\\restrict", "\\unrestrict"];
        if !in_statement && (line.is_empty() || noise.iter().any(|start| line.starts_with(start))) {
            continue;
        }
        let comment = line.starts_with("COMMENT ON COLUMN") && text.lines().last().is_some_and(is_comment);
        if !in_statement && !comment {
            text.push('\n');
        }
        text.push_str(line.trim_end());
        text.push('\n');
        in_statement = !line.ends_with(';') || is_inside_body(&text);
    }
    text
}

fn is_comment(line: &str) -> bool {
    line.starts_with("COMMENT ON ")
}

/// Whether the text ends within a function's body, whose lines end with semicolons as well.
fn is_inside_body(text: &str) -> bool {
    !text.matches("$$").count().is_multiple_of(2)
}

/// Number of the first line that differs, counted from 1, and the line in each.
fn first_difference<'a>(left: &'a str, right: &'a str) -> Option<(usize, (&'a str, &'a str))> {
    let (mut left, mut right) = (left.lines(), right.lines());
    (1..).find_map(|number| match (left.next(), right.next()) {
        (None, None) => Some(None),
        (one, other) if one != other => Some(Some((number, (one.unwrap_or("(end)"), other.unwrap_or("(end)"))))),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_run_is_left_out() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\nSET statement_timeout = 0;\n\n\
                    CREATE TABLE public.keys (\n    key_uid uuid NOT NULL\n);\n\n\\unrestrict abc\n";
        let schema = normalize("key", dump);
        assert!(schema.ends_with("\nCREATE TABLE public.keys (\n    key_uid uuid NOT NULL\n);\n"), "{schema}");
        assert!(!schema.contains("restrict") && !schema.contains("SET "));
    }

    #[test]
    fn the_body_of_a_function_is_kept_whole() {
        let dump =
            "CREATE FUNCTION f() RETURNS trigger\n    AS $$\nBEGIN\n    RAISE EXCEPTION 'no';\n\n-- kept\nEND\n$$;\n";
        assert!(normalize("key", dump).contains("'no';\n\n-- kept\nEND\n$$;\n"));
    }

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some((2, ("b", "c"))));
        assert_eq!(first_difference("a\n", "a\nc\n"), Some((2, ("(end)", "c"))));
    }
}
