//! The signer's decisions, without I/O: what becomes of a segment, an acknowledgement, a report, an advance, a loss.
//!
//! The store loads, with the log's row locked, a [`Known`] for each log of a call, hands it in, and persists the change
//! that comes out in the same transaction before anything is answered. It locks the rows in the order of their ids in one
//! statement and reads them, and everything else, in the next: a statement that waits for a lock goes on with the newest
//! version of the locked row, but sees everything else as it was when it began.
//!
//! Time comes from the signer's database, which is one for all replicas ([`Clock`]).
//!
//! # Layout
//! - `known`: what the store knows of a log
//! - [`mod@seal`]: what becomes of a segment
//! - [`marks`]: acknowledgements and reports of what was found in the audit database
//! - [`alarms`]: raising alarms, and closing them
//! - [`repair`]: `AdvanceHead` and `DeclareLoss`
//!
//! # What the store must keep
//! The newest segment of a log is never deleted: [`LogState::agrees_with`] holds the state against it. All alarms and losses
//! of a log are held against their [`Tally`](crate::protocol::Tally) in its state whenever they are read.

use names::LogName;

use bytes::Bytes;

use crate::hash::log_id;
use crate::mac::{MAC_BYTES, Mac, MacVerdict, ReadyMacKeyring};

pub mod alarms;
mod known;
pub mod marks;
pub mod repair;
pub mod seal;

pub use alarms::{CloseError, NewAlarm, Raising, close, close_named, explain, raise};
pub use known::{Clock, Known, LogState, SegmentMeta};
pub use marks::{AckDecision, acknowledge, report};
pub use repair::{Advance, AdvanceError, Advancing, LossError, Proof, advance, declare_loss};
pub use seal::{Decision, Sealing, page, seal};

/// Why a `VerifyMacs` cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyMacsError {
    /// Heads are not 32 bytes each, MACs not 44 bytes each, or there are not as many of both as indices.
    #[error("indices, heads and macs do not pair")]
    Pairs,
    /// More than fit one call.
    #[error("too many heads")]
    TooMany,
    /// An index is lower than the one before it.
    #[error("must not descend")]
    Order,
}

/// Heads of a log, 32 bytes each one after the other, and the MACs that claim to be over them, 44 bytes each.
#[derive(Clone, Copy, Debug)]
pub struct HeadMacs<'a> {
    /// The log.
    pub log: &'a LogName,
    /// Index of each head, none lower than the one before it.
    pub indices: &'a [u64],
    /// The heads.
    pub heads: &'a [u8],
    /// The MACs.
    pub macs: &'a [u8],
}

impl<'a> HeadMacs<'a> {
    /// Whether they can be checked at all.
    pub fn check(&self) -> Result<(), VerifyMacsError> {
        let (indices, heads, macs) = (self.indices.len(), self.heads.len(), self.macs.len());
        let pair = heads.is_multiple_of(32) && macs.is_multiple_of(MAC_BYTES);
        if heads / 32 > crate::protocol::MAX_VERIFY_MACS {
            Err(VerifyMacsError::TooMany)
        } else if !pair || heads / 32 != indices || macs / MAC_BYTES != indices {
            Err(VerifyMacsError::Pairs)
        } else if !self.indices.is_sorted() {
            Err(VerifyMacsError::Order)
        } else {
            Ok(())
        }
    }

    /// The same in parts of at most so many heads.
    pub fn parts(self, most: usize) -> impl Iterator<Item = HeadMacs<'a>> {
        let parts = self.indices.chunks(most).zip(self.heads.chunks(most * 32)).zip(self.macs.chunks(most * MAC_BYTES));
        parts.map(move |((indices, heads), macs)| HeadMacs { indices, heads, macs, ..self })
    }
}

/// What the signer says of MACs; neither list descends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MacsChecked {
    /// Indices whose MAC is wrong.
    pub wrong: Vec<u64>,
    /// Indices whose MAC was made under a key version that is not at hand.
    pub unknown: Vec<u64>,
}

/// Checks MACs of heads.
pub fn verify_macs(keys: &ReadyMacKeyring, asked: HeadMacs<'_>) -> Result<MacsChecked, VerifyMacsError> {
    asked.check()?;
    let (heads, _) = asked.heads.as_chunks::<32>();
    let (macs, _) = asked.macs.as_chunks::<MAC_BYTES>();
    let id = log_id(asked.log);
    let mut checked = MacsChecked::default();
    for (index, (head, mac)) in asked.indices.iter().copied().zip(heads.iter().zip(macs)) {
        // A value of 44 bytes is always a MAC.
        let Some(mac) = Mac::from_slice(mac) else { continue };
        match keys.verify(id, index, head, &mac) {
            MacVerdict::Valid => {}
            MacVerdict::Wrong => checked.wrong.push(index),
            MacVerdict::UnknownVersion => checked.unknown.push(index),
        }
    }
    Ok(checked)
}

/// Puts entries' bytes into one value for storage: each behind its length as u32.
pub fn pack(entries: &[Bytes]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 4).sum());
    for entry in entries {
        packed.extend_from_slice(&crate::hash::length_prefix(entry.len()));
        packed.extend_from_slice(entry);
    }
    packed
}

/// Reads what [`pack`] wrote, without copying. `None` if it is damaged.
pub fn unpack(mut packed: Bytes) -> Option<Vec<Bytes>> {
    let mut entries = Vec::new();
    while !packed.is_empty() {
        let (length, _) = packed.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if packed.len() - 4 < length {
            return None;
        }
        let mut rest = packed.split_off(4);
        packed = rest.split_off(length);
        entries.push(rest);
    }
    Some(entries)
}

/// Puts MACs into one value for storage, 44 bytes each.
pub fn pack_macs(macs: &[Mac]) -> Vec<u8> {
    macs.iter().flat_map(|mac| *mac.as_bytes()).collect()
}

/// Reads what [`pack_macs`] wrote. `None` if it is damaged.
pub fn unpack_macs(packed: &[u8]) -> Option<Vec<Mac>> {
    let (macs, odd) = packed.as_chunks::<MAC_BYTES>();
    if !odd.is_empty() {
        return None;
    }
    macs.iter().map(|mac| Mac::from_slice(mac)).collect()
}
