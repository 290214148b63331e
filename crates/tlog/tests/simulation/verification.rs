//! Holds a log's rows against what the signer says of it.

use names::LogName;
use tlog::{
    Hash,
    entry::decode,
    genesis,
    hash::{chain_head, leaf_hash},
    mac::{MacVerdict, ReadyMacKeyring},
    protocol::{Loss, SignerView},
};

use crate::database::Log;

/// Verifies a log: `view` is what the signer said before the rows were read, `rows` what was read, `keys` all versions of
/// the MAC key. Returns how many entries are in flight, which only the signer has; or what is wrong.
pub(crate) fn verified(view: &SignerView, rows: &Log, keys: &ReadyMacKeyring) -> Result<u64, String> {
    let mut walk = Walk { log: &rows.name, losses: &view.losses, at: 0, head: genesis(&rows.name), last_ns: i64::MIN };
    let mut at_signers_end = None;
    for (index, (entry, mac)) in &rows.rows {
        walk.over_losses(*index);
        if walk.at == view.size {
            at_signers_end = Some(walk.head);
        }
        walk.entry(*index, entry)?;
        if keys.verify(tlog::log_id(&rows.name), *index, &walk.head, mac) != MacVerdict::Valid {
            return Err(format!("the mac of entry {index} is not valid"));
        }
    }
    walk.over_losses(rows.size);
    if (walk.at, walk.head) != (rows.size, rows.head) {
        return Err(format!("entries lead to {}, the log's size is {}", walk.at, rows.size));
    }
    if walk.at == view.size {
        at_signers_end = Some(walk.head);
    }
    if rows.size >= view.size {
        let agrees = at_signers_end == Some(view.head);
        return if agrees { Ok(0) } else { Err(format!("another head at {}", view.size)) };
    }
    in_flight(view, &walk)
}

/// What the rows lack must be segments that nobody has acknowledged.
fn in_flight(view: &SignerView, walk: &Walk<'_>) -> Result<u64, String> {
    if walk.at < view.acknowledged {
        return Err(format!("{} rows of {} acknowledged", walk.at, view.acknowledged));
    }
    let next = view.unacknowledged.iter().find(|segment| segment.first_index == walk.at);
    let links = next.and_then(|segment| segment.entries.first()).is_some_and(|entry| {
        let entry = decode(entry).unwrap();
        entry.place.previous_head == walk.head
    });
    if links { Ok(view.size - walk.at) } else { Err(format!("nothing follows entry {}", walk.at)) }
}

struct Walk<'a> {
    log: &'a LogName,
    losses: &'a [Loss],
    at: u64,
    head: Hash,
    last_ns: i64,
}

impl Walk<'_> {
    /// Goes over lost ranges as far as to the entry at `index`.
    fn over_losses(&mut self, index: u64) {
        while let Some(loss) = self.losses.iter().filter(|loss| loss.contains(self.at)).max_by_key(|loss| loss.end())
            && self.at < index
        {
            (self.at, self.head) = (loss.end(), loss.head);
        }
    }

    fn entry(&mut self, index: u64, bytes: &[u8]) -> Result<(), String> {
        let place = decode(bytes).map_err(|error| error.to_string())?.place;
        let id = tlog::log_id(self.log);
        if (index, place.log_id, place.index, place.previous_head) != (self.at, id, self.at, self.head) {
            return Err(format!("the row at {index} is not entry {}", self.at));
        }
        if place.logged_ns < self.last_ns {
            return Err(format!("entry {index} was logged before the one before it"));
        }
        self.last_ns = place.logged_ns;
        self.head = chain_head(id, index, &self.head, &leaf_hash(bytes));
        self.at += 1;
        Ok(())
    }
}
