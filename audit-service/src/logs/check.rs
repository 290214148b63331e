//! Entries that are about to be shown, held against the signer: one `VerifyMacs` for all of them. A signer that does not
//! answer keeps nobody from reading; the entries say that they are unchecked.

use std::time::Duration;

use names::LogName;
use tlog::signer::MacsChecked;

use crate::signer::{MacsToVerify, Signer, SignerError};
use crate::store::entries::LoneEntry;

/// Longest time that entries wait for the signer.
const DEADLINE: Duration = Duration::from_secs(1);

/// What is known of an entry that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryCheck {
    /// Its MAC verifies.
    Sealed,
    /// Its MAC does not.
    MacInvalid,
    /// The row holds no entry, or another one than belongs there.
    Unreadable,
    /// Its MAC names a version of the key that the signer does not have.
    UnknownKeyVersion,
    /// The signer did not answer.
    NoAnswer,
}

/// An entry with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct CheckedEntry {
    /// Its row.
    pub(crate) row: LoneEntry,
    /// Whether it is what was sealed.
    pub(crate) check: EntryCheck,
}

/// Checks entries of a log, which are in the order of their indices. Of several rows with one index, which only a table
/// without its primary key can have, all are as bad as the worst.
pub(crate) async fn checked(signer: &dyn Signer, log: &LogName, rows: Vec<LoneEntry>) -> Vec<CheckedEntry> {
    let mut asked = MacsToVerify { log: log.clone(), indices: Vec::new(), heads: Vec::new(), macs: Vec::new() };
    for row in &rows {
        if let Some(read) = &row.read
            && let Some(mac) = &read.mac
        {
            asked.indices.push(row.index);
            asked.heads.extend_from_slice(&read.head);
            asked.macs.extend_from_slice(mac.as_bytes());
        }
    }
    let answer = if asked.indices.is_empty() { Some(MacsChecked::default()) } else { answer(signer, asked).await };
    rows.into_iter().map(|row| CheckedEntry { check: check(&row, answer.as_ref()), row }).collect()
}

async fn answer(signer: &dyn Signer, asked: MacsToVerify) -> Option<MacsChecked> {
    let log = asked.log.clone();
    let answer = tokio::time::timeout(DEADLINE, signer.verify_macs(asked)).await;
    match answer.unwrap_or_else(|elapsed| Err(SignerError::Unavailable(Box::new(elapsed)))) {
        Ok(checked) => Some(checked),
        Err(error) => {
            tracing::warn!(%log, error = service::chain(&error), "entries are shown unchecked");
            None
        }
    }
}

fn check(row: &LoneEntry, answer: Option<&MacsChecked>) -> EntryCheck {
    let Some(read) = &row.read else { return EntryCheck::Unreadable };
    let is_among = |indices: &[u64]| indices.binary_search(&row.index).is_ok();
    match (&read.mac, answer) {
        (None, _) => EntryCheck::MacInvalid,
        (Some(_), None) => EntryCheck::NoAnswer,
        (Some(_), Some(answer)) if is_among(&answer.wrong) => EntryCheck::MacInvalid,
        (Some(_), Some(answer)) if is_among(&answer.unknown) => EntryCheck::UnknownKeyVersion,
        (Some(_), Some(_)) => EntryCheck::Sealed,
    }
}
