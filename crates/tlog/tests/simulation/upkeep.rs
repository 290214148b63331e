//! What key-service does with a log besides sealing: pruning, and answering `GetHead`.

use names::LogName;
use tlog::protocol::SignerView;

use crate::signer::Signer;

impl Signer {
    /// Deletes the oldest acknowledged segments but `keep`, never the newest.
    pub(crate) fn prune(&mut self, keep: usize) {
        for log in self.logs.values_mut() {
            let acknowledged = log.segments.iter().filter(|(meta, ..)| meta.end() <= log.state.acknowledged).count();
            let drop = acknowledged.saturating_sub(keep).min(log.segments.len().saturating_sub(1));
            log.segments.drain(..drop);
        }
    }

    pub(crate) fn view(&self, log: &LogName) -> SignerView {
        let Some(log) = self.logs.get(log) else {
            return SignerView {
                size: 0,
                head: tlog::genesis(log),
                acknowledged: 0,
                alarms: Vec::new(),
                losses: Vec::new(),
                unacknowledged: Vec::new(),
            };
        };
        let unacknowledged = log.segments.iter().filter(|(meta, ..)| meta.first_index >= log.state.acknowledged);
        SignerView {
            size: log.state.size(),
            head: log.state.head,
            acknowledged: log.state.acknowledged,
            alarms: log.alarms.clone(),
            losses: log.losses.clone(),
            unacknowledged: unacknowledged.map(|(.., stored)| stored.clone()).collect(),
        }
    }
}
