//! The signer of the audit logs: extends them, and never signs a second history of one.
//!
//! The decisions are tlog's; this module loads what they need with the logs' rows locked, stores what comes out, and
//! answers only after the commit.
//!
//! # Layout
//! - [`seal_batch`]: segments, acknowledgements and reports of the audit-service
//! - [`heads`]: what the signer knows, and checking MACs
//! - [`repair`]: what operators do after a restore
//! - [`seen`]: how far this process has seen each log
//!
//! # Known limits
//! - Rows of the key database that are set back together, an older head with its newer segments deleted, pass after a
//!   restart of every replica: only a size and head kept outside show that.

mod heads;
mod repair;
mod seal_batch;
mod seen;

pub use heads::HeadView;
pub use seal_batch::SealBatch;
pub use seen::Seen;

use names::{KeyId, LogId, LogName};
use secret::SecretBytes;
use std::sync::Arc;
use tlog::protocol::AlarmKind;
use tlog::signer::{Known, NewAlarm};
use tlog::{MacKey, MacKeyring};

use crate::error::Error;
use crate::keyring::LoadedKey;
use crate::metrics;
use crate::own_keys::AUDIT_MAC_KEY;
use crate::store::signer_heads::StoredHead;
use crate::store::signer_marks::StoredAlarm;
use crate::unsealed::Unsealed;

impl Unsealed {
    async fn audit_mac_key(&self) -> Result<Arc<LoadedKey>, Error> {
        let id = KeyId::new(AUDIT_MAC_KEY).map_err(|_name| Error::Bug("the audit key's id is malformed"))?;
        self.keyring.key(&id).await
    }

    /// The version that makes MACs now.
    async fn mac_key(&self) -> Result<MacKey, Error> {
        let key = self.audit_mac_key().await?;
        let primary = key.primary()?;
        Ok(MacKey::new(primary.version.version, copy(primary.usable(&key.key)?)?))
    }

    /// All versions that made MACs, whatever their state: what they made once stays checkable until they are destroyed.
    async fn mac_keyring(&self) -> Result<MacKeyring, Error> {
        let key = self.audit_mac_key().await?;
        let material = |one: &crate::keyring::LoadedVersion| {
            one.material().map(|material| Ok(MacKey::new(one.version.version, copy(material)?)))
        };
        let keys = key.versions().filter_map(material).collect::<Result<Vec<_>, Error>>()?;
        MacKeyring::new(keys).ok_or(Error::Bug("the audit key has no versions"))
    }

    /// Checks a log's row, read while it was locked, against its newest segment and what this process has seen.
    fn trusted(&self, stored: StoredHead) -> Result<Known, Error> {
        let allowed = self.seen.allows(tlog::log_id(&stored.log), &stored.state);
        consistent(stored, allowed)
    }

    fn alarm(&self, log: &LogName, new: NewAlarm) -> StoredAlarm {
        metrics::alarm(alarm_name(new.kind));
        tracing::error!(%log, index = new.first_index, kind = alarm_name(new.kind), "alarm: {}", new.detail);
        let alarm = tlog::protocol::Alarm {
            kind: new.kind,
            first_index: new.first_index,
            detail: new.detail.to_owned(),
            raised_ns: self.clock.now().as_nanos(),
            closed: false,
        };
        StoredAlarm { id: clock::uuid_v7(self.clock.as_ref()), log: log.clone(), alarm }
    }
}

/// What a log's row says, if it agrees with its newest segment and was not set back.
fn consistent(stored: StoredHead, allowed: bool) -> Result<Known, Error> {
    let agrees = stored.newest.as_ref().is_some_and(|newest| stored.state.agrees_with(newest));
    if !agrees || !allowed {
        return Err(Error::SignerSetBack(stored.log));
    }
    Ok(Known { state: stored.state, losses: Vec::new(), at: stored.newest })
}

fn alarm_name(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Ahead => "AHEAD",
        AlarmKind::Forked => "FORKED",
        AlarmKind::RolledBack => "ROLLED_BACK",
        AlarmKind::Suppressed => "SUPPRESSED",
    }
}

/// Ids of logs, sorted, each once: the order in which their rows are locked.
fn ids<'a>(logs: impl Iterator<Item = &'a LogName>) -> Vec<LogId> {
    let mut ids: Vec<_> = logs.map(tlog::log_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A short-lived copy for one batch; wiped when that is done.
fn copy(material: &SecretBytes<32>) -> Result<SecretBytes<32>, Error> {
    SecretBytes::from_slice(material.expose()).ok_or(Error::Bug("32 bytes are not 32"))
}
