//! Has a ledger's rows verified against its signer.

use names::LogName;
use tlog::{
    mac::ReadyMacKeyring,
    protocol::SignerView,
    signer::{HeadMacs, verify_macs},
    verify::{Expectation, Finding, FindingKind, Report, Subject, Verifier},
};

use super::{Ledger, OwnedRow, keyring};

impl Ledger {
    pub(crate) fn verify(&self) -> Report {
        self.verify_against(Some(self.view()), None)
    }

    pub(crate) fn verify_against(&self, signer: Option<SignerView>, expectation: Option<Expectation>) -> Report {
        let subject = Subject { signer, row: self.row.clone(), expectation };
        let mut verifier = Verifier::new(&self.log, subject);
        let keys = keyring().ready();
        let mut rows: Vec<&OwnedRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.index);
        for row in rows {
            verifier.push(&row.row());
            answer(&mut verifier, &keys, &self.log);
        }
        verifier.end();
        answer(&mut verifier, &keys, &self.log);
        let latest = verifier.beyond_signer().then(|| self.view());
        verifier.finish(latest.as_ref())
    }
}

fn answer(verifier: &mut Verifier, keys: &ReadyMacKeyring, log: &LogName) {
    while let Some(run) = verifier.next_check() {
        let asked = HeadMacs { log, first_index: run.first_index, heads: &run.heads, macs: &run.macs };
        let checked = verify_macs(keys, asked).unwrap();
        verifier.checked(Some(&checked.wrong));
    }
}

/// Findings without their words.
pub(crate) fn kinds(report: &Report) -> Vec<(FindingKind, u64, u64)> {
    let kind = |finding: &Finding| (finding.kind, finding.first_index, finding.last_index);
    report.findings.iter().map(kind).collect()
}
