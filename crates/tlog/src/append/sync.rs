//! What audit-service says and fetches at its start, for all logs.

use std::collections::BTreeMap;

use names::LogName;

use crate::hash::Hash;
use crate::protocol::Acknowledgement;

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

/// A log as the signer has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it stands.
    pub at: Committed,
    /// Whether alarms of it are open.
    pub has_open_alarms: bool,
}

/// What to do at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sync {
    /// What to acknowledge.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Logs to probe: because the signer has more of them or something else, or because an alarm is open, which can be closed
    /// only after a probe has shown that rows and signer agree.
    pub probe: Vec<LogName>,
}

/// Compares all committed logs with all heads of the signer. The heads may be older than the logs, so that a log that is
/// ahead of its head is probed too: the signer then says what is true.
pub fn sync(committed: &[Committed], heads: &[Listed]) -> Sync {
    let mut heads: BTreeMap<&LogName, &Listed> = heads.iter().map(|head| (&head.at.log, head)).collect();
    let mut sync = Sync::default();
    for ours in committed {
        if ours.size > 0 {
            let Committed { log, size, head } = ours.clone();
            sync.acknowledgements.push(Acknowledgement { log, size, head, alarms_raised: None });
        }
        let settled = heads.remove(&ours.log).map_or(ours.size == 0, |head| head.at == *ours && !head.has_open_alarms);
        if !settled {
            sync.probe.push(ours.log.clone());
        }
    }
    sync.probe.extend(heads.into_keys().cloned());
    sync
}
