//! Statements name their columns: a column may be added under binaries that run, and must not reach them unasked.

use super::files::Source;
use super::finding::Finding;

/// Where statements of the services are.
const PLACES: [&str; 6] = [
    "key-service/src/",
    "vault-service/src/",
    "audit-service/src/",
    "crates/db/src/",
    "crates/audit/src/",
    "crates/rows/src/",
];

/// Stars in SQL that stand for all columns of a table.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.is_test() || !PLACES.iter().any(|place| source.path.starts_with(place)) {
        return Vec::new();
    }
    let text = without_comments(source.without_tests());
    let mut findings: Vec<Finding> = stars(&text)
        .filter(|at| names_no_columns(&text, *at))
        .map(|at| {
            let line = text.get(..at).unwrap_or_default().lines().count();
            Finding::new(source, line, "name the columns: another one must not come by itself under binaries that run")
        })
        .collect();
    findings.dedup();
    findings
}

/// Rust comments, and line ends written as `\n`, become as many blanks, so that lines and places stay.
fn without_comments(text: &str) -> String {
    let blank = |line: &str| {
        if line.trim_start().starts_with("//") { " ".repeat(line.len()) } else { line.replace("\\n", "  ") }
    };
    text.lines().map(|line| blank(line) + "\n").collect()
}

/// Places of stars, except those of comments in SQL (`/* name */`).
fn stars(text: &str) -> impl Iterator<Item = usize> + '_ {
    let is_comment = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at..).unwrap_or_default();
        before.ends_with('/') || after.starts_with("*/")
    };
    text.match_indices('*').map(|(at, _)| at).filter(move |at| !is_comment(*at))
}

/// Whether the star at `at` is `SELECT *`, `RETURNING *` or `x.*`, and not all of what the statement itself has just
/// listed (`SELECT * FROM unnest(…)`). What counts rows (`count(*)`) and what multiplies is neither.
fn names_no_columns(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).and_then(|rest| rest.strip_prefix('*')).unwrap_or_default().trim_start();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '"' | '}');
    if before.strip_suffix('.').is_some_and(|table| table.ends_with(is_name)) {
        return true;
    }
    let word =
        before.trim_end().trim_end_matches('\\').trim_end().rsplit(|letter: char| !letter.is_ascii_alphabetic()).next();
    let is_list = word
        .is_some_and(|word| ["SELECT", "RETURNING", "DISTINCT", "ALL"].contains(&word.to_ascii_uppercase().as_str()));
    is_list && !is_from_unnest(after)
}

fn is_from_unnest(after: &str) -> bool {
    let mut words =
        after.split(|letter: char| letter.is_whitespace() || letter == '\\').filter(|word| !word.is_empty());
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
        && words.next().is_some_and(|word| word.to_ascii_lowercase().starts_with("unnest("))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let found = check(&Source::new("key-service/src/store/keys.rs", text));
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn statements_that_take_whatever_a_table_has_are_found() {
        for sql in [
            "SELECT * FROM keys",
            "-- key_fetch()\\nSELECT * FROM keys",
            "select *\nfrom keys",
            "SELECT\n  *\n FROM keys",
            "SELECT \\\n * FROM keys",
            "SELECT *, sum(x) OVER () FROM keys",
            "SELECT DISTINCT * FROM keys",
            "SELECT h.* FROM heads h",
            "SELECT h.head, s.* FROM heads h",
            "SELECT {table}.* FROM {table}",
            "INSERT INTO keys VALUES ($1) RETURNING *",
            "SELECT * FROM (SELECT * FROM unnest($1::uuid[])) AS x",
            "SELECT EXISTS (SELECT * FROM keys)",
        ] {
            assert_eq!(lines(&format!("//! Keys.\nlet sql = \"{sql}\";\n")).len(), 1, "{sql}");
        }
        assert_eq!(lines("//! Keys.\n\nlet sql = \"\n  SELECT *\n  FROM keys\";\n"), [4]);
    }

    #[test]
    fn statements_that_name_their_columns_pass() {
        for code in [
            "let sql = \"SELECT * FROM unnest($1::uuid[] /* key_uid */)\";",
            "let sql = \"SELECT *\n  FROM unnest($1::uuid[])\";",
            "let sql = \"SELECT count(*) FROM keys\";",
            "let sql = \"SELECT EXISTS (SELECT FROM keys)\";",
            "let sql = \"SELECT key_uid /* key */, version * 2 FROM keys WHERE key_uid = $1 /* key_uid */\";",
            "// SELECT * is what nobody writes.",
            "let x = *y; let z = 2 * *w; for row in rows.iter().map(|x| *x) {}",
            "use super::*;",
        ] {
            assert_eq!(lines(&format!("//! Keys.\n{code}\n")), Vec::<usize>::new(), "{code}");
        }
    }

    #[test]
    fn tests_and_tools_may_look_at_whole_tables() {
        let text = "//! Rows.\nlet sql = \"SELECT * FROM keys\";\n";
        for path in ["key-service/tests/service/rows.rs", "xtask/src/migrations.rs", "tests/src/postgres.rs"] {
            assert_eq!(check(&Source::new(path, text)), []);
        }
        let tested = "//! Rows.\n#[cfg(test)]\nmod tests {\n    const SQL: &str = \"SELECT * FROM keys\";\n}\n";
        assert_eq!(lines(tested), Vec::<usize>::new());
    }
}
