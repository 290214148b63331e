//! The audit log: complete and intact, and, in copies of its database, every kind of tampering found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use api::audit::v1::verify_log_response::Result as Answer;
use api::audit::v1::{GetLogRequest, ListEntriesRequest, Outcome, Verdict, VerifyLogRequest};
use serde::Deserialize;
use stack::{Service, Stack};
use test_support::postgres::Binaries;

use super::cast::Cast;
use super::records::Scene;
use super::story::Story;
use crate::command;
use crate::outcome::Failure;
use crate::screen::{self, number};

/// Longest wait until what was done is in the log.
const SETTLE_LIMIT: Duration = Duration::from_secs(20);

/// Refused calls are counted for a second before they are reported: what is quiet for longer has been.
const QUIET: Duration = Duration::from_millis(1500);

/// Reads and verifies the tenant's log, and holds it against what was done.
pub(crate) async fn read(story: &mut Story, cast: &mut Cast, stack: &Stack, scene: &Scene) -> Result<(), Failure> {
    story.chapter("Account for it");
    settle(stack).await?;
    let log = format!("logs/{}", scene.tenant);
    let answer = cast.auditor.get_log(GetLogRequest { name: log.clone(), ..GetLogRequest::default() }).await?;
    let size = answer.into_inner().log.unwrap_or_default().size.unwrap_or(0);
    story.holds(format_args!("{log} has {} entries; nothing is left in any outbox", number(size)));
    let counts = count(cast, &log).await?;
    let of = |action: &str, outcome: Outcome| counts.get(&(action.to_owned(), outcome.into())).copied().unwrap_or(0);
    let done = [("create", scene.creates), ("reveal", scene.reveals), ("update", scene.updates)];
    for (verb, done) in done {
        let entries = of(&format!("records.{verb}"), Outcome::Ok);
        let text = format!("records.{verb}: {} done, {} in the log, one for each", number(done), number(entries));
        story.expect(entries == done, text);
    }
    let refused: usize =
        counts.iter().filter(|((_, outcome), _)| *outcome != i32::from(Outcome::Ok)).map(|(_, count)| count).sum();
    story.expect(refused > 0, format_args!("{} entries for what was refused or did not open", number(refused)));
    let begun = Instant::now();
    let mut stream =
        cast.auditor.verify_log(VerifyLogRequest { name: log, ..VerifyLogRequest::default() }).await?.into_inner();
    let mut report = None;
    while let Some(message) = stream.message().await? {
        if let Some(Answer::Report(last)) = message.result {
            report = Some(last);
        }
    }
    let report = report.ok_or("the verification ended without a report")?;
    let intact = report.verdict() == Verdict::Intact && report.findings.is_empty() && report.entries() >= size;
    story.expect(
        intact,
        format_args!(
            "the auditor verifies it against the signer: {}, {} entries in {:.0} ms",
            report.verdict().as_str_name().trim_start_matches("VERDICT_"),
            number(report.entries()),
            begun.elapsed().as_secs_f64() * 1000.0,
        ),
    );
    Ok(())
}

/// Entries by action and outcome.
async fn count(cast: &mut Cast, log: &str) -> Result<BTreeMap<(String, i32), usize>, Failure> {
    let (mut counts, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let request =
            ListEntriesRequest { parent: log.to_owned(), page_size: 1000, page_token, ..ListEntriesRequest::default() };
        let page = cast.auditor.list_entries(request).await?.into_inner();
        for entry in page.entries {
            let count: &mut usize = counts.entry((entry.action, entry.outcome)).or_default();
            *count += 1;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(counts);
        }
    }
}

/// Waits until every outbox is empty.
/// Waits until the outboxes are empty and stay so for [`QUIET`].
async fn settle(stack: &Stack) -> Result<(), Failure> {
    let deadline = Instant::now() + SETTLE_LIMIT;
    let sessions = [stack.sql(Service::Key).await?, stack.sql(Service::Vault).await?];
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < QUIET {
        let mut waiting: i64 = 0;
        for session in &sessions {
            waiting += session.query_one("SELECT count(*) FROM audit_outbox", &[]).await?.try_get::<_, i64>(0)?;
        }
        if waiting > 0 {
            quiet_since = Instant::now();
        }
        if Instant::now() > deadline {
            return Err(format!("{waiting} rows of events are still in the outboxes after {SETTLE_LIMIT:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// A way to tamper with the audit database, and what must be found.
struct Attack {
    what: String,
    sql: String,
    kind: &'static str,
    first_index: i64,
    last_index: i64,
}

/// The attacks on a log of `size` entries; `entry` names one of them in SQL.
fn attacks(log: &str, size: i64) -> Vec<Attack> {
    let theirs = format!("log_id = (SELECT log_id FROM logs WHERE name = '{log}')");
    let entry = |index: i64| format!("{theirs} AND entry_index = {index}");
    let (middle, last) = (size / 2, size - 1);
    let attack =
        |what: String, sql: String, kind, first_index, last_index| Attack { what, sql, kind, first_index, last_index };
    vec![
        attack(
            format!("one bit of entry {middle} changed"),
            format!("UPDATE entries SET entry = set_bit(entry, 400, 1 - get_bit(entry, 400)) WHERE {}", entry(middle)),
            "CONTENT_CHANGED",
            middle,
            middle,
        ),
        attack(
            format!("entry {middle} given another actor"),
            format!("UPDATE entries SET actor = 'spiffe://strongroom.dev/nobody' WHERE {}", entry(middle)),
            "COLUMN_MISMATCH",
            middle,
            middle,
        ),
        attack(
            format!("entry {middle} deleted"),
            format!("DELETE FROM entries WHERE {}", entry(middle)),
            "MISSING",
            middle,
            middle,
        ),
        attack(
            format!("entries {middle} and {} swapped", middle + 1),
            format!(
                "UPDATE entries SET entry_index = -1 WHERE {}; UPDATE entries SET entry_index = {middle} WHERE {};
                 UPDATE entries SET entry_index = {} WHERE {}",
                entry(middle),
                entry(middle + 1),
                middle + 1,
                entry(-1),
            ),
            "REORDERED",
            middle,
            middle + 1,
        ),
        attack(
            format!("the last 3 entries cut off, {} to {last}", last - 2),
            format!("DELETE FROM entries WHERE {theirs} AND entry_index > {}", last - 3),
            "TRUNCATED",
            last - 2,
            last,
        ),
        attack(
            "the whole log dropped".to_owned(),
            format!("DELETE FROM entries WHERE {theirs}; DELETE FROM logs WHERE name = '{log}'"),
            "TRUNCATED",
            0,
            last,
        ),
    ]
}

/// Tampers with copies of the audit database and has each verified.
pub(crate) async fn tamper(story: &mut Story, stack: &Stack, scene: &Scene) -> Result<(), Failure> {
    story.chapter("Tamper with copies of the audit database");
    settle(stack).await?;
    let log = format!("logs/{}", scene.tenant);
    let copies = Copies::make(stack).await?;
    let result = tell(story, stack, &copies, &log).await;
    copies.remove(stack).await?;
    result
}

async fn tell(story: &mut Story, stack: &Stack, copies: &Copies, log: &str) -> Result<(), Failure> {
    let verified = verify(stack, &copies.base, log)?;
    story.expect(
        verified.status == 0,
        format_args!("an untouched copy: {}, exit status {}", verified.verdict, verified.status),
    );
    let session = stack.postgres()?.session(&copies.base).await?;
    let size: i64 = session.query_one("SELECT size FROM logs WHERE name = $1", &[&log]).await?.try_get(0)?;
    drop(session);
    for attack in attacks(log, size) {
        let name = copies.another(stack).await?;
        let session = stack.postgres()?.session(&name).await?;
        session
            .batch_execute(&format!("SET session_replication_role = replica; BEGIN; {}; COMMIT", attack.sql))
            .await?;
        drop(session);
        let verified = verify(stack, &name, log)?;
        let found = verified.findings.iter().find(|finding| {
            finding.kind == attack.kind
                && finding.first_index <= attack.first_index
                && attack.last_index <= finding.last_index
        });
        let said: Vec<String> = verified.findings.iter().map(Finding::to_string).collect();
        let text = format!("{}: {}, {}", attack.what, verified.verdict, said.join(", "));
        story.expect(verified.status == 1 && found.is_some(), text);
        if found.is_none() {
            screen::note(format_args!("expected {} at {}..{}", attack.kind, attack.first_index, attack.last_index));
        }
    }
    Ok(())
}

/// What `audit-service verify` said of one log.
struct Verified {
    status: i32,
    verdict: String,
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Document {
    verdict: String,
    logs: Vec<LogDocument>,
}

#[derive(Debug, Deserialize)]
struct LogDocument {
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    kind: String,
    first_index: i64,
    last_index: i64,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first_index == self.last_index {
            write!(f, "{} at {}", self.kind, self.first_index)
        } else {
            write!(f, "{} at {} to {}", self.kind, self.first_index, self.last_index)
        }
    }
}

/// Runs `audit-service verify` on a database.
fn verify(stack: &Stack, database: &str, log: &str) -> Result<Verified, Failure> {
    let mut program = Command::new(stack.binary(Service::Audit));
    program.arg("verify").arg("--config").arg(stack.config("audit"));
    program.args(["--database", database, "--log", log, "--json"]);
    let output = program.output()?;
    let status = output.status.code().unwrap_or(-1);
    let document: Document = serde_json::from_slice(&output.stdout).map_err(|error| {
        format!("audit-service verify said nothing readable ({error}): {}", output.stderr.escape_ascii())
    })?;
    let findings = document.logs.into_iter().flat_map(|log| log.findings).collect();
    Ok(Verified { status, verdict: document.verdict, findings })
}

/// Copies of the audit database beside it.
struct Copies {
    base: String,
}

impl Copies {
    /// The first copy, by `pg_dump`: the service's connections forbid a copy by template.
    async fn make(stack: &Stack) -> Result<Self, Failure> {
        let base = format!("demo_copy_{}", std::process::id());
        let (source, address) = (stack.database_url(Service::Audit)?, stack.postgres()?);
        address.execute("postgres", "make a copy", &format!("DROP DATABASE IF EXISTS {base}")).await?;
        address.execute("postgres", "make a copy", &format!("CREATE DATABASE {base}")).await?;
        let binaries = Binaries::find()?;
        let file = Dump(std::env::temp_dir().join(&base));
        let mut dump = Command::new(binaries.program("pg_dump"));
        command::output(dump.args(["--format=custom", "--file"]).arg(&file.0).arg(source))?;
        let mut restore = Command::new(binaries.program("pg_restore"));
        command::output(restore.arg("--dbname").arg(address.url(&base)?).arg(&file.0))?;
        Ok(Self { base })
    }

    /// Another one, made from the first.
    async fn another(&self, stack: &Stack) -> Result<String, Failure> {
        let name = format!("{}_tampered", self.base);
        let address = stack.postgres()?;
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        address.execute("postgres", "remove a copy", &drop).await?;
        let create = format!("CREATE DATABASE {name} TEMPLATE {}", self.base);
        address.execute("postgres", "make a copy", &create).await?;
        Ok(name)
    }

    async fn remove(self, stack: &Stack) -> Result<(), Failure> {
        let address = stack.postgres()?;
        for name in [format!("{}_tampered", self.base), self.base] {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            address.execute("postgres", "remove a copy", &drop).await?;
        }
        Ok(())
    }
}

/// The file between `pg_dump` and `pg_restore`.
struct Dump(PathBuf);

impl Drop for Dump {
    fn drop(&mut self) {
        // A left-over in the temporary directory harms nobody: it holds no value.
        let _ = std::fs::remove_file(&self.0);
    }
}
