//! What was heard of changes of keys and subjects.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use names::KeyName;
use tokio::time::Instant;

use crate::keys::asked::UnwrapKey;

/// What is held is not used where nothing was heard for longer.
pub(super) const MAX_SILENCE: Duration = Duration::from_secs(1);
/// For how long after a change was heard of data keys under what changed are not held.
pub(super) const SETTLING: Duration = Duration::from_secs(1);
/// Most changes within [`SETTLING`] that are followed one by one; where there are more, all keys count as changed.
pub(super) const MAX_RECENT: usize = 10_000;

/// A key, or one subject under it, whose data keys must be unwrapped anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Changed {
    /// The key.
    pub key: KeyName,
    /// The subject; none for the key itself.
    pub subject: Option<String>,
}

/// What key-service says of changes after a generation.
#[derive(Debug)]
pub struct Changes {
    /// What changed.
    pub changes: Vec<Changed>,
    /// The generation that they reach.
    pub generation: u64,
    /// Whether more follow.
    pub is_more: bool,
    /// Whether everything that is held must be dropped.
    pub is_reset: bool,
}

/// What was heard of changes.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// The generation that was reached; none where nothing that is held may be used.
    pub(super) generation: Option<u64>,
    /// When the request began whose answer told of all changes.
    pub(super) at: Option<Instant>,
    /// When everything was dropped.
    reset: Option<Instant>,
    /// What changed within [`SETTLING`], and when that was heard of.
    pub(super) recent: HashMap<Changed, Instant>,
}

impl Changed {
    /// What a data key depends on.
    fn on(request: &UnwrapKey) -> [Self; 2] {
        [None, request.subject.clone()].map(|subject| Self { key: request.key.clone(), subject })
    }
}

impl Heard {
    pub(super) fn is_recent(&self) -> bool {
        self.at.is_some_and(|at| at.elapsed() <= MAX_SILENCE)
    }

    /// Notes what changed; returns whether all keys count as changed.
    pub(super) fn note(&mut self, changed: &HashSet<Changed>, is_reset: bool) -> bool {
        let now = Instant::now();
        self.recent.retain(|_, heard| heard.elapsed() < SETTLING);
        let is_reset = is_reset || self.recent.len() + changed.len() > MAX_RECENT;
        if is_reset {
            (self.recent, self.reset) = (HashMap::new(), Some(now));
        } else {
            self.recent.extend(changed.iter().map(|change| (change.clone(), now)));
        }
        is_reset
    }

    /// Whether a data key may be held whose unwrapping began then.
    pub(super) fn may_hold(&self, request: &UnwrapKey, began: Instant) -> bool {
        let has_settled = |heard: &Instant| began.saturating_duration_since(*heard) >= SETTLING;
        let changed = Changed::on(request);
        let mut heard = self.reset.iter().chain(changed.iter().filter_map(|change| self.recent.get(change)));
        self.is_recent() && heard.all(has_settled)
    }
}
