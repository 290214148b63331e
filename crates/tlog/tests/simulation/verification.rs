//! Has the verifier hold a log's rows against what the signer says of it.

use tlog::entry::decode;
use tlog::mac::ReadyMacKeyring;
use tlog::protocol::SignerView;
use tlog::signer::{HeadMacs, verify_macs};
use tlog::verify::{Later, LogRow, Report, Row, Subject, Verdict, Verifier};

use crate::database::Log;

/// What a log's rows are held against.
pub(crate) struct Against<'a> {
    /// What the signer said before the rows were read.
    pub(crate) view: &'a SignerView,
    /// What it says afterwards.
    pub(crate) later: &'a SignerView,
    /// All versions of the MAC key.
    pub(crate) keys: &'a ReadyMacKeyring,
}

/// Verifies a log. Returns how many entries are in flight, which only the signer has; or what is wrong. Alarms are looked at
/// elsewhere: which of them are true is known here, and the verifier is not told of any.
pub(crate) fn verified(rows: &Log, against: &Against<'_>) -> Result<u64, String> {
    let view = SignerView { alarms: Vec::new(), alarms_in_all: 0, ..against.view.clone() };
    let later = SignerView { alarms: Vec::new(), alarms_in_all: 0, ..against.later.clone() };
    let whole = view.losses.is_empty() && later.losses.is_empty();
    let report = report(rows, view, &later, against.keys);
    let expected = if whole { report.verdict == Verdict::Intact } else { report.verdict != Verdict::Tampered };
    if expected { Ok(report.recovered) } else { Err(format!("{report:?}")) }
}

fn report(rows: &Log, view: SignerView, later: &SignerView, keys: &ReadyMacKeyring) -> Report {
    let last_logged_ns = rows.last_logged_ns.unwrap_or(i64::MIN);
    let row = LogRow { size: rows.size, head: rows.head.to_vec(), last_logged_ns };
    let subject = Subject { signer: Some(view), row: Some(row), expectation: None, since: None };
    let mut verifier = Verifier::new(&rows.name, subject);
    loop {
        for (index, (entry, mac)) in &rows.rows {
            let columns = decode(entry).unwrap().columns();
            verifier.push(&Row { index: i64::try_from(*index).unwrap(), columns, entry, mac: mac.as_bytes() });
        }
        verifier.end();
        while let Some(run) = verifier.next_check() {
            let indices: Vec<u64> = run.indices().collect();
            let asked = HeadMacs { log: &rows.name, indices: &indices, heads: &run.heads, macs: &run.macs };
            verifier.checked(Some(&verify_macs(keys, asked).unwrap()));
        }
        if !verifier.read_again() {
            break;
        }
    }
    let later = if verifier.beyond_signer() { Later::View(later) } else { Later::NotAsked };
    verifier.finish(later)
}
