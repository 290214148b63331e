//! Migrations are append-only: names, contiguous numbers, headers that say which binaries a step leaves working, files that
//! never change once they have landed, and a golden schema for each database, so that a reader sees the whole and a reviewer
//! what a step did to it.
//!
//! `UPDATE_GOLDEN=1` writes the golden schemas; `--freeze` records the files that have landed.
//!
//! # Layout
//! - `files`: the files of the migrations
//! - `schema`: the golden schemas

mod files;
mod schema;

use std::collections::BTreeMap;
use std::path::Path;

use ring::digest::{SHA256, digest};
use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::runtime::block_on;
use crate::{screen, system};
use files::Migration;

/// Databases, by the folder of their migrations.
const DATABASES: [&str; 3] = ["key", "vault", "audit"];
/// One line for each file that has landed: its SHA-256 and its path, as `sha256sum` writes and checks it.
const FROZEN: &str = "migrations/FROZEN.sha256";

/// Checks everything, or freezes.
pub(crate) fn run(freeze: bool) -> Outcome {
    let root = repository();
    let mut findings = Vec::new();
    let mut all = Vec::new();
    for database in DATABASES {
        let files = files::load(root, database)?;
        findings.extend(check_names(database, &files));
        findings.extend(check_headers(&files));
        all.push((database, files));
    }
    let files = || all.iter().flat_map(|(_, files)| files);
    let frozen = read_frozen(root)?;
    findings.extend(check_frozen(&frozen, files()));
    report(&findings)?;
    if freeze {
        std::fs::write(root.join(FROZEN), files().map(line).collect::<String>())?;
        screen::good(format_args!("{} files recorded in {FROZEN}", files().count()));
        return Ok(());
    }
    screen::good(format_args!("names, numbers, headers, {} of {} files frozen", frozen.len(), files().count()));
    system::postgres()?;
    let findings = block_on(schema::check(root, &all))??;
    report(&findings)?;
    screen::good("golden schemas");
    Ok(())
}

fn report(findings: &[String]) -> Outcome {
    for finding in findings {
        screen::bad(finding);
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings in the migrations", findings.len()).into()) }
}

/// `NNNN_topic.sql`, numbered 0001, 0002, … without a gap.
fn check_names(database: &str, files: &[Migration]) -> Vec<String> {
    let mut findings = Vec::new();
    if files.is_empty() {
        findings.push(format!("migrations/{database} holds no migration"));
    }
    for (number, file) in (1_u32..).zip(files) {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let topic = name.strip_prefix(&format!("{number:04}_")).and_then(|rest| rest.strip_suffix(".sql"));
        let fits = topic.is_some_and(|topic| {
            topic.starts_with(|first: char| first.is_ascii_lowercase())
                && topic.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        });
        if !fits {
            findings.push(format!("{}: call it {number:04}_topic.sql, with a topic of [a-z][a-z0-9_]*", file.path));
        }
    }
    findings
}

/// Each file begins with `-- compatible from: N`.
fn check_headers(files: &[Migration]) -> Vec<String> {
    let unstated = (1..).zip(files).filter(|(number, file)| db::compatible_from(*number, &file.text).is_none());
    unstated
        .map(|(number, file)| {
            format!(
                "{}: begin with `-- compatible from: N`, N from 1 to {number}: binaries that know migration N, or later \
                 ones, must work on the schema that this one leaves",
                file.path
            )
        })
        .collect()
}

fn line(file: &Migration) -> String {
    format!("{}  {}\n", checksum(&file.text), file.path)
}

fn checksum(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Checksums by path; empty before the first freeze.
fn read_frozen(root: &Path) -> Result<BTreeMap<String, String>, std::io::Error> {
    let path = root.join(FROZEN);
    let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
    Ok(text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect())
}

/// A file that has landed is there and unchanged.
fn check_frozen<'a>(frozen: &BTreeMap<String, String>, files: impl Iterator<Item = &'a Migration>) -> Vec<String> {
    let now: BTreeMap<&str, String> = files.map(|file| (file.path.as_str(), checksum(&file.text))).collect();
    let mut findings = Vec::new();
    for (path, sum) in frozen {
        match now.get(path.as_str()) {
            None => findings.push(format!("{path} has landed and is gone: put it back, and add a migration")),
            Some(current) if current != sum => {
                findings.push(format!("{path} has landed and was changed: put it back, and add a migration"));
            }
            Some(_) => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> Migration {
        Migration { path: format!("migrations/key/{name}"), text: text.to_owned() }
    }

    #[test]
    fn gaps_and_wrong_names_are_found() {
        let count =
            |names: &[&str]| check_names("key", &names.iter().map(|name| file(name, "")).collect::<Vec<_>>()).len();
        assert_eq!(count(&["0001_keys.sql", "0002_audit_outbox.sql"]), 0);
        assert_eq!(count(&["0001_keys.sql", "0003_audit_outbox.sql"]), 1);
        assert_eq!(count(&["0001_Keys.sql"]), 1);
        assert_eq!(count(&["0001_keys.txt"]), 1);
        assert_eq!(count(&["1_keys.sql"]), 1);
        assert_eq!(count(&[]), 1);
    }

    #[test]
    fn a_file_that_does_not_say_whom_it_leaves_working_is_found() {
        let second =
            |text: &str| check_headers(&[file("0001_a.sql", "-- compatible from: 1\n"), file("0002_b.sql", text)]);
        for text in ["-- compatible from: 1\nSELECT 1;\n", "-- compatible from: 2\n-- Why.\n\nSELECT 1;\n"] {
            assert_eq!(second(text), Vec::<String>::new(), "{text}");
        }
        for text in ["SELECT 1;\n", "-- compatible from: 3\n", "-- compatible from: two\n", "\n-- compatible from: 1\n"]
        {
            let findings = second(text);
            assert!(
                matches!(findings.as_slice(), [one] if one.contains("0002_b.sql") && one.contains("1 to 2")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_changed_or_removed_file_that_has_landed_is_found() {
        let landed = file("0001_keys.sql", "CREATE TABLE keys ();");
        let frozen = BTreeMap::from([(landed.path.clone(), checksum(&landed.text))]);
        let check = |files: &[Migration]| check_frozen(&frozen, files.iter()).len();
        assert_eq!(check(&[landed.clone(), file("0002_more.sql", "")]), 0);
        assert_eq!(check(&[file("0001_keys.sql", "CREATE TABLE keys (x int);")]), 1);
        assert_eq!(check(&[]), 1);
    }
}
