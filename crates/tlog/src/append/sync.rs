//! What audit-service says and fetches at its start, for all logs.

use std::collections::BTreeMap;

use names::LogName;

use crate::{hash::Hash, protocol::Acknowledgement};

/// A log as audit-service has committed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The log.
    pub log: LogName,
    /// Number of entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
}

/// What to do at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sync {
    /// What to acknowledge.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Logs to probe, because the signer has more of them or something else.
    pub probe: Vec<LogName>,
}

/// Compares all committed logs with all heads of the signer. The heads may be older than the logs, so that a log that is
/// ahead of its head is probed too: the signer then says what is true.
pub fn sync(committed: &[Committed], heads: &[Committed]) -> Sync {
    let mut heads: BTreeMap<&LogName, &Committed> = heads.iter().map(|head| (&head.log, head)).collect();
    let mut sync = Sync::default();
    for ours in committed {
        if ours.size > 0 {
            let Committed { log, size, head } = ours.clone();
            sync.acknowledgements.push(Acknowledgement { log, size, head });
        }
        let same =
            heads.remove(&ours.log).map_or(ours.size == 0, |head| head.size == ours.size && head.head == ours.head);
        if !same {
            sync.probe.push(ours.log.clone());
        }
    }
    sync.probe.extend(heads.into_keys().cloned());
    sync
}
