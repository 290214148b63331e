//! Prints what a verification found: lines for people, or one JSON document for machines.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::{Value, json};
use tlog::hash::to_hex;
use tlog::protocol::Alarm;
use tlog::verify::{Report, Verified};

use super::results::{Outcome, Results};

/// Prints the results on standard output.
pub(super) fn results(results: &Results, as_json: bool) {
    let text = if as_json { format!("{:#}\n", document(results)) } else { lines(results) };
    // A closed standard output leaves the exit status.
    let _closed = std::io::stdout().write_all(text.as_bytes());
}

/// Prints why nothing was verified.
pub(super) fn error(problem: &str) {
    // A closed standard error leaves the exit status.
    let _closed = writeln!(std::io::stderr(), "error: {problem}");
}

fn lines(results: &Results) -> String {
    let mut text = String::new();
    for outcome in &results.outcomes {
        match &outcome.report {
            Ok(report) => log_lines(&mut text, outcome, report),
            Err(problem) => line(
                &mut text,
                format_args!("{:<18} {}  nothing could be read: {problem}", outcome.verdict(), outcome.log),
            ),
        }
    }
    for stray in &results.strays {
        line(&mut text, format_args!("{:<18} {stray}", "TAMPERED"));
    }
    if !results.complete {
        let problem = "the signer does not answer: a log may be missing as a whole";
        line(&mut text, format_args!("{:<18} {problem}", "INCOMPLETE"));
    }
    let reports = || results.outcomes.iter().filter_map(|outcome| outcome.report.as_ref().ok());
    let entries: u64 = reports().map(|report| report.entries).sum();
    let findings = reports().map(|report| report.findings.len()).sum::<usize>() + results.strays.len();
    line(
        &mut text,
        format_args!(
            "{}: {} logs, {entries} entries, {findings} findings in database {}",
            results.verdict(),
            results.outcomes.len(),
            results.database,
        ),
    );
    text
}

fn log_lines(text: &mut String, outcome: &Outcome, report: &Report) {
    line(text, format_args!("{:<18} {}  {} entries", report.verdict, outcome.log, report.entries));
    if let Some(Verified { size, head, root }) = &report.verified {
        let root = root.as_ref().map_or_else(|| "not computed".to_owned(), |root| to_hex(root));
        line(text, format_args!("  size {size}  head {}  root {root}", to_hex(head)));
    }
    for finding in &report.findings {
        let range = range(finding.first_index, finding.last_index);
        line(text, format_args!("  {:<18} {range:<15} {}", finding.kind, finding.detail));
    }
    for stretch in &report.unchecked {
        let range = range(stretch.first_index, stretch.last_index);
        line(text, format_args!("  {:<18} {range:<15} {}", "UNCHECKED", stretch.detail));
    }
    for loss in &report.losses {
        let range = range(loss.first_index, loss.last_index);
        line(text, format_args!("  {:<18} {range:<15} declared lost by an operator", "LOSS"));
    }
    for alarm in &report.alarms {
        let range = range(alarm.first_index, alarm.last_index);
        line(text, format_args!("  {:<18} {range:<15} {} {}: {}", "ALARM", alarm.kind, state(alarm), alarm.detail));
    }
    if report.recovered > 0 {
        let recovered = report.recovered;
        line(text, format_args!("  {recovered} sealed entries are not in the rows yet; they come with the next batch"));
    }
}

/// Whether an alarm is open, or how it was closed.
fn state(alarm: &Alarm) -> String {
    alarm.closing.as_ref().map_or_else(|| "open".to_owned(), |closing| format!("closed ({})", closing.reference))
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _infallible = writeln!(text, "{line}");
}

fn range(first: u64, last: u64) -> String {
    if first == last { format!("{first}") } else { format!("{first}..{last}") }
}

fn document(results: &Results) -> Value {
    json!({
        "database": results.database,
        "verdict": results.verdict().name(),
        "complete": results.complete,
        "strays": results.strays,
        "logs": results.outcomes.iter().map(log_document).collect::<Vec<_>>(),
    })
}

fn log_document(outcome: &Outcome) -> Value {
    let report = match &outcome.report {
        Ok(report) => report,
        Err(problem) => {
            return json!({
                "log": outcome.log.to_string(),
                "verdict": outcome.verdict().name(),
                "error": problem,
                "findings": [],
            });
        }
    };
    let findings = report.findings.iter().map(|finding| {
        json!({
            "kind": finding.kind.name(),
            "first_index": finding.first_index,
            "last_index": finding.last_index,
            "detail": finding.detail,
        })
    });
    let unchecked = report.unchecked.iter().map(|stretch| {
        json!({ "first_index": stretch.first_index, "last_index": stretch.last_index, "detail": stretch.detail })
    });
    let losses =
        report.losses.iter().map(|loss| json!({ "first_index": loss.first_index, "last_index": loss.last_index }));
    let alarms = report.alarms.iter().map(|alarm| {
        json!({
            "id": alarm.id.to_string(),
            "kind": alarm.kind.name(),
            "first_index": alarm.first_index,
            "last_index": alarm.last_index,
            "detail": alarm.detail,
            "closed": !alarm.is_open(),
        })
    });
    json!({
        "log": outcome.log.to_string(),
        "verdict": report.verdict.name(),
        "entries": report.entries,
        "size": report.verified.map(|verified| verified.size),
        "head": report.verified.map(|verified| to_hex(&verified.head)),
        "root": report.verified.and_then(|verified| verified.root).map(|root| to_hex(&root)),
        "recovered": report.recovered,
        "findings": findings.collect::<Vec<_>>(),
        "unchecked": unchecked.collect::<Vec<_>>(),
        "losses": losses.collect::<Vec<_>>(),
        "alarms": alarms.collect::<Vec<_>>(),
    })
}
