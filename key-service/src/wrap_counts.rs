//! Counts how many data keys were wrapped under each key version: in memory here, in the database within half a second.
//! Each process keeps totals of its own rows, so no two write the same one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::KeyUid;

/// The wraps of this process. Shared by all handlers.
#[derive(Debug, Default)]
pub struct WrapCounts {
    counts: Mutex<HashMap<(KeyUid, u32), Count>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    total: u64,
    written: u64,
}

/// What one process has wrapped under one version so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WrapTotal {
    /// The key.
    pub key: KeyUid,
    /// Its version.
    pub version: u32,
    /// Data keys wrapped since the process began.
    pub wraps: u64,
}

impl WrapCounts {
    /// Counts wraps under one version.
    pub fn add(&self, key: KeyUid, version: u32, wraps: u64) {
        let mut counts = self.lock();
        let count = counts.entry((key, version)).or_default();
        count.total = count.total.saturating_add(wraps);
    }

    /// Totals that have risen since they were written, in the order of keys and versions.
    pub fn unwritten(&self) -> Vec<WrapTotal> {
        let counts = self.lock();
        let risen = counts.iter().filter(|(_, count)| count.total > count.written);
        let mut totals: Vec<_> =
            risen.map(|(&(key, version), count)| WrapTotal { key, version, wraps: count.total }).collect();
        totals.sort_unstable();
        totals
    }

    /// Notes that totals are in the database.
    pub fn written(&self, totals: &[WrapTotal]) {
        let mut counts = self.lock();
        for total in totals {
            if let Some(count) = counts.get_mut(&(total.key, total.version)) {
                count.written = count.written.max(total.wraps);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(KeyUid, u32), Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_that_arrive_while_totals_are_written_are_written_next() {
        let key = KeyUid::new(uuid::Uuid::from_u128(7));
        let counts = WrapCounts::default();
        counts.add(key, 1, 2);
        let totals = counts.unwritten();
        assert_eq!(totals, [WrapTotal { key, version: 1, wraps: 2 }]);
        counts.add(key, 1, 1);
        counts.written(&totals);
        assert_eq!(counts.unwritten(), [WrapTotal { key, version: 1, wraps: 3 }]);
        counts.written(&counts.unwritten());
        assert_eq!(counts.unwritten(), []);
    }
}
