//! Prints what a verification found: lines for people, or one JSON document for machines.

use std::fmt::Write as _;
use std::io::Write as _;

use names::LogName;
use serde_json::{Value, json};
use tlog::verify::{Finding, FindingKind, Report, Verdict};

use super::Results;

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
    for (log, report) in &results.reports {
        log_lines(&mut text, log, report);
    }
    for stray in &results.strays {
        line(&mut text, format_args!("TAMPERED     {stray}"));
    }
    if !results.complete {
        line(&mut text, format_args!("INCOMPLETE   the signer does not answer: a log may be missing as a whole"));
    }
    let entries: u64 = results.reports.iter().map(|(_, report)| report.entries).sum();
    let findings =
        results.reports.iter().map(|(_, report)| report.findings.len()).sum::<usize>() + results.strays.len();
    line(
        &mut text,
        format_args!(
            "{}: {} logs, {entries} entries, {findings} findings in database {}",
            verdict_name(results.verdict()),
            results.reports.len(),
            results.database,
        ),
    );
    text
}

fn log_lines(text: &mut String, log: &LogName, report: &Report) {
    let verdict = verdict_name(report.verdict);
    line(text, format_args!("{verdict:<12} {log}  {} entries  head {}", report.entries, hex(&report.head)));
    for finding in &report.findings {
        line(text, format_args!("  {:<18} {:<15} {}", kind_name(finding.kind), range(finding), finding.detail));
    }
    for (first, last) in &report.losses {
        line(text, format_args!("  {:<18} {first}..{last}  declared lost by an operator", "LOSS"));
    }
    if report.recovered > 0 {
        let recovered = report.recovered;
        line(text, format_args!("  {recovered} sealed entries are not in the rows yet; they come with the next batch"));
    }
    if report.size.is_none() {
        line(text, format_args!("  the signer does not answer: nothing to hold this log against"));
    } else if report.verdict == Verdict::Incomplete && report.losses.is_empty() {
        line(text, format_args!("  the signer did not answer for some of the entries: verify again"));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _infallible = writeln!(text, "{line}");
}

fn range(finding: &Finding) -> String {
    if finding.first_index == finding.last_index {
        format!("{}", finding.first_index)
    } else {
        format!("{}..{}", finding.first_index, finding.last_index)
    }
}

fn document(results: &Results) -> Value {
    let logs: Vec<Value> = results.reports.iter().map(|(log, report)| log_document(log, report)).collect();
    json!({
        "database": results.database,
        "verdict": verdict_name(results.verdict()),
        "complete": results.complete,
        "strays": results.strays,
        "logs": logs,
    })
}

fn log_document(log: &LogName, report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "kind": kind_name(finding.kind),
                "first_index": finding.first_index,
                "last_index": finding.last_index,
                "detail": finding.detail,
            })
        })
        .collect();
    let losses: Vec<Value> =
        report.losses.iter().map(|(first, last)| json!({ "first_index": first, "last_index": last })).collect();
    json!({
        "log": log.to_string(),
        "verdict": verdict_name(report.verdict),
        "entries": report.entries,
        "size": report.size,
        "head": hex(&report.head),
        "recovered": report.recovered,
        "findings": findings,
        "losses": losses,
    })
}

fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Intact => "INTACT",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Tampered => "TAMPERED",
    }
}

fn kind_name(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::ContentChanged => "CONTENT_CHANGED",
        FindingKind::MacInvalid => "MAC_INVALID",
        FindingKind::ColumnMismatch => "COLUMN_MISMATCH",
        FindingKind::Missing => "MISSING",
        FindingKind::Inserted => "INSERTED",
        FindingKind::Reordered => "REORDERED",
        FindingKind::Duplicated => "DUPLICATED",
        FindingKind::Truncated => "TRUNCATED",
        FindingKind::RolledBack => "ROLLED_BACK",
        FindingKind::Forked => "FORKED",
        FindingKind::ExpectationFailed => "EXPECTATION_FAILED",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
