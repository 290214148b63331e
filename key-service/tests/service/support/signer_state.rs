//! The signer's state as callers see it, and as SQL sets it back; and its database's clock.

use api::key::v1::{GetHeadRequest, Head, SealOutcome, SegmentResult};
use test_support::postgres::{MovableClock, keep_rows, put_rows_back};
use tonic::Code;

use super::{Calls, Chain, Refused, Replica, World};

/// The answer about a log of which what is kept cannot be used.
pub(crate) fn inconsistent() -> Refused {
    Refused::with(Code::DataLoss, "LOG_INCONSISTENT", &[])
}

/// A signer that was set back, and who calls it.
pub(crate) struct Restored {
    /// The signer, started anew.
    pub(crate) replica: Replica,
    /// audit-service.
    pub(crate) audit: Calls,
    /// An operator.
    pub(crate) operator: Calls,
    /// The log as audit-service has it.
    pub(crate) chain: Chain,
    /// What the signer had answered last.
    pub(crate) newest: SegmentResult,
}

/// Everything that the signer keeps, and the keys.
const TABLES: [&str; 7] = [
    "keys",
    "key_versions",
    "signer_heads",
    "signer_segments",
    "signer_alarms",
    "signer_unknown_alarms",
    "signer_losses",
];

/// What the signer knows of a log.
pub(crate) async fn head(calls: &mut Calls, log: &str) -> Head {
    calls.signer.get_head(GetHeadRequest { log: log.to_owned() }).await.unwrap().into_inner().head.unwrap()
}

/// Kinds and indices of the open alarms, sorted.
pub(crate) fn alarms(head: &Head) -> Vec<(&str, u64)> {
    let open = head.alarms.iter().filter(|alarm| alarm.close_time.is_none());
    let mut alarms: Vec<_> = open.map(|alarm| (alarm.kind.as_str(), alarm.first_index())).collect();
    alarms.sort_unstable();
    alarms
}

/// Ids of the open alarms of a kind.
pub(crate) fn open_ids(head: &Head, kind: &str) -> Vec<String> {
    let open = head.alarms.iter().filter(|alarm| alarm.close_time.is_none() && alarm.kind == kind);
    open.map(|alarm| alarm.alarm_id.clone()).collect()
}

impl World {
    /// Puts a clock of the test's in front of the database's own. Before a replica is started.
    pub(crate) async fn movable_clock(&self) -> MovableClock {
        MovableClock::install(&self.database).await.unwrap()
    }

    /// Keeps what the signer has now, as a backup does.
    pub(crate) async fn back_up(&self) {
        keep_rows(&self.sql().await, &TABLES).await.unwrap();
    }

    /// Sets the signer back to what was kept.
    pub(crate) async fn restore(&self) {
        put_rows_back(&self.sql().await, &TABLES).await.unwrap();
    }

    /// The signer restored to before a log began of which it had sealed two entries. audit-service's next segment has raised
    /// an alarm AHEAD.
    pub(crate) async fn restored_before_the_log(&self, replica: Replica, log: &str) -> Restored {
        let mut audit = self.calls(&replica, "audit-service");
        self.back_up().await;
        let mut chain = Chain::new(log);
        let newest = chain.seal(&mut audit, [1, 2]).await;
        replica.stop().await;
        self.restore().await;
        let replica = self.replica().await;
        let mut audit = self.calls(&replica, "audit-service");
        assert_eq!(audit.seal_one(chain.segment([3]).0).await.outcome(), SealOutcome::Ahead);
        Restored { operator: self.calls(&replica, "operator"), replica, audit, chain, newest }
    }
}
