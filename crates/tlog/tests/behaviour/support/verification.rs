//! Has a ledger's rows verified against its signer.

use names::LogName;
use tlog::mac::{MacKeyring, ReadyMacKeyring};
use tlog::protocol::SignerView;
use tlog::signer::{HeadMacs, verify_macs};
use tlog::verify::{Expectation, Finding, FindingKind, Later, Report, Subject, Verifier};

use super::{Ledger, OwnedRow, keyring};

/// What the rows are held against.
#[derive(Debug)]
pub(crate) struct Against {
    /// The signer's first answer.
    pub(crate) signer: Option<SignerView>,
    /// Its second one, should it be asked. `None`: it knows no such log.
    pub(crate) later: Option<SignerView>,
    /// Whether it answers at all after the first time.
    pub(crate) answers: bool,
    pub(crate) expectation: Option<Expectation>,
    pub(crate) since: Option<Expectation>,
    pub(crate) keys: MacKeyring,
}

/// How a verification went.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) report: Report,
    /// How often all rows were read.
    pub(crate) passes: u32,
    /// MACs that the signer was asked for.
    pub(crate) asked: usize,
}

impl Ledger {
    /// Against the signer as it is.
    pub(crate) fn against(&self) -> Against {
        Against {
            signer: Some(self.view()),
            later: Some(self.view()),
            answers: true,
            expectation: None,
            since: None,
            keys: keyring(),
        }
    }

    pub(crate) fn verify(&self) -> Report {
        self.verify_with(&self.against()).report
    }

    pub(crate) fn verify_against(&self, signer: Option<SignerView>, expectation: Option<Expectation>) -> Report {
        self.verify_with(&Against { signer, expectation, ..self.against() }).report
    }

    pub(crate) fn verify_with(&self, against: &Against) -> Verified {
        let (signer, since) = (against.signer.clone(), against.since);
        let subject = Subject { signer, row: self.row.clone(), expectation: against.expectation, since };
        let mut verifier = Verifier::new(&self.log, subject);
        let keys = against.answers.then(|| against.keys.ready());
        let from = since.map_or(0, |since| since.size);
        let mut rows: Vec<&OwnedRow> =
            self.rows.iter().filter(|row| from == 0 || row.index >= i64::try_from(from).unwrap()).collect();
        rows.sort_by_key(|row| row.index);
        let (mut passes, mut asked) = (0, 0);
        loop {
            passes += 1;
            for row in &rows {
                verifier.push(&row.row());
                asked += answer(&mut verifier, keys.as_ref(), &self.log);
            }
            verifier.end();
            asked += answer(&mut verifier, keys.as_ref(), &self.log);
            if !verifier.read_again() {
                break;
            }
        }
        let later = match &against.later {
            _ if !verifier.beyond_signer() => Later::NotAsked,
            _ if !against.answers => Later::Unanswered,
            None => Later::Nothing,
            Some(view) => Later::View(view),
        };
        Verified { report: verifier.finish(later), passes, asked }
    }
}

fn answer(verifier: &mut Verifier, keys: Option<&ReadyMacKeyring>, log: &LogName) -> usize {
    let mut asked = 0;
    while let Some(run) = verifier.next_check() {
        asked += run.heads.len() / 32;
        let indices: Vec<u64> = run.indices().collect();
        let ask = HeadMacs { log, indices: &indices, heads: &run.heads, macs: &run.macs };
        let checked = keys.map(|keys| verify_macs(keys, ask).unwrap());
        verifier.checked(checked.as_ref());
    }
    asked
}

/// Findings without their words.
pub(crate) fn kinds(report: &Report) -> Vec<(FindingKind, u64, u64)> {
    let kind = |finding: &Finding| (finding.kind, finding.first_index, finding.last_index);
    report.findings.iter().map(kind).collect()
}
