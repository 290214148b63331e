//! What the rows of a log prove: that it continues what the signer has, in one pass with a page in memory, and where it was at
//! a size.

use std::ops::Range;

use db::Db;
use names::LogId;
use tlog::consistency::subtrees;
use tlog::entry::decode;
use tlog::hash::{chain_head, leaf_hash};
use tlog::{CompactRange, Hash};

use crate::store::{StoreError, entries};

/// Rows read at once: at most 24 MiB of entries.
const PAGE: i64 = 512;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProofError {
    /// A row is not there.
    #[error(
        "entry {0} is missing: bring a size and head that were kept outside with --expected-size and --expected-head"
    )]
    Missing(u64),
    /// The database failed.
    #[error("the audit database failed")]
    Store(#[from] StoreError),
}

/// The head that rows have at a size above 0: that behind the entry before it, or else that which the entry there names. `None`
/// where neither can be read.
pub(super) async fn head_at(db: &Db, log: LogId, size: u64) -> Result<Option<Hash>, StoreError> {
    let before = size.saturating_sub(1);
    let rows = entries::entries_page(db, log, before, 2).await?;
    let row = |index| rows.iter().find(|row| row.index == index).and_then(|row| Some((decode(&row.entry).ok()?, row)));
    let behind =
        row(before).map(|(entry, row)| chain_head(log, before, &entry.place.previous_head, &leaf_hash(&row.entry)));
    Ok(behind.or_else(|| row(size).map(|(entry, _)| entry.place.previous_head)))
}

/// The proof that the log of `to` entries continues the log of `from` entries, from what its rows from there on hold.
pub(super) async fn proof(db: &Db, log: LogId, from: u64, to: u64) -> Result<Vec<Hash>, ProofError> {
    let mut trees: Vec<(Range<u64>, CompactRange)> =
        subtrees(from, to).into_iter().map(|leaves| (leaves, CompactRange::new())).collect();
    let Some(mut next) = trees.iter().map(|(leaves, _)| leaves.start).min() else { return Ok(Vec::new()) };
    while next < to {
        let page = entries::entries_page(db, log, next, PAGE).await?;
        if page.is_empty() {
            return Err(ProofError::Missing(next));
        }
        for row in page {
            if row.index != next {
                return Err(ProofError::Missing(next));
            }
            let leaf = leaf_hash(&row.entry);
            if let Some((_, tree)) = trees.iter_mut().find(|(leaves, _)| leaves.contains(&next)) {
                tree.append(leaf);
            }
            next += 1;
        }
    }
    Ok(trees.into_iter().map(|(_, tree)| tree.root()).collect())
}
