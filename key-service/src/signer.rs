//! The signer of the audit logs: extends them, and never signs a second history of one.
//!
//! The decisions are tlog's; this module loads what they need with the logs' rows locked, stores what comes out, and
//! answers only after the commit.
//!
//! # Layout
//! - [`seal_batch`]: segments and reports of the audit-service
//! - [`acknowledge`]: how far audit-service has committed
//! - [`heads`]: what the signer knows, and checking MACs
//! - [`advance`]: bringing a restored signer forward
//! - [`repair`]: losses, and closing alarms
//! - [`marks`]: alarms and losses of a log, held against what its head says of them
//! - [`seen`]: how far this process has seen each log
//! - `write`: what a transaction writes
//!
//! # Known limits
//! - Rows of the key database that are set back together, an older head with its newer segments deleted or a log's rows
//!   deleted altogether, pass after a restart of every replica: only a size and head kept outside show that. So do
//!   alarms and losses that are set back together with the head that counts them, and, also while a process lives, alarms of
//!   logs without a head together with the row that counts those.

pub mod acknowledge;
pub mod advance;
pub mod heads;
mod marks;
pub mod repair;
pub mod seal_batch;
mod seen;
mod write;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use clock::{DatabaseTime, Timestamp};
use db::Tx;
use names::{KeyId, LogId, LogName};
use secret::SecretBytes;
use tlog::protocol::Alarm;
use tlog::signer::{Clock, Known};
use tlog::{MacKey, MacKeyring, MacVersion};
use uuid::Uuid;

use crate::core::Core;
use crate::error::Error;
use crate::keyring::{LoadedKey, LoadedVersion, Wanted};
use crate::own_keys::ids::AUDIT_MAC_KEY;
use crate::store;
use crate::store::signer_heads::{HeadRows, StoredHead, StoredHeads};
use seen::{Marks, Seen};

/// The use cases of the signer.
#[derive(Debug)]
pub struct Signer {
    core: Arc<Core>,
    seen: Seen,
    pub(crate) database_time: DatabaseTime,
}

impl Signer {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core, seen: Seen::default(), database_time: DatabaseTime::default() }
    }

    fn audit_mac_key_id() -> Result<KeyId, Error> {
        KeyId::new(AUDIT_MAC_KEY).map_err(|_name| Error::Bug("the audit key's id is malformed"))
    }

    /// The version that makes MACs now.
    async fn mac_key(&self) -> Result<MacKey, Error> {
        let key = self.core.keyring.key(&Self::audit_mac_key_id()?, Wanted::Primary).await?;
        let primary = key.primary()?;
        Ok(MacKey::new(mac_version(primary), copy(primary.usable(&key.key)?)?))
    }

    /// All versions that made MACs, whatever their state: what they made once stays checkable until they are destroyed.
    async fn mac_keyring(&self) -> Result<MacKeyring, Error> {
        keyring(&*self.core.keyring.key(&Self::audit_mac_key_id()?, Wanted::All).await?)
    }

    /// All versions as they are in the database now: another replica may have made one a moment ago.
    async fn mac_keyring_now(&self) -> Result<MacKeyring, Error> {
        keyring(&*self.core.keyring.reload(&Self::audit_mac_key_id()?, Wanted::All).await?)
    }

    /// The rows of logs, locked, and those that are gone. What is gone is judged by what was seen before the rows were
    /// read: another call may commit, and note, a log's first segment meanwhile.
    async fn locked_heads(&self, tx: &Tx<'_>, ids: &[LogId]) -> Result<LockedHeads, Error> {
        let marks = self.seen.marks_of(ids);
        let stored = self.core.store.signer_heads_lock(tx, ids).await?;
        Ok(self.held_against(&marks, stored, HashSet::new()))
    }

    /// Like [`Self::locked_heads`]; rows that somebody else has locked are not waited for.
    async fn free_heads(&self, tx: &Tx<'_>, ids: &[LogId]) -> Result<LockedHeads, Error> {
        let marks = self.seen.marks_of(ids);
        let (stored, busy) = self.core.store.signer_heads_lock_free(tx, ids).await?;
        Ok(self.held_against(&marks, stored, busy))
    }

    fn held_against(&self, marks: &Marks, stored: StoredHeads, busy: HashSet<LogId>) -> LockedHeads {
        let StoredHeads { heads, rows, clock } = stored;
        // So that a clock that jumps later on is held against what it shows now.
        self.database_time.bounded(Timestamp::from_nanos(clock.now_ns));
        let mut gone = marks.logs();
        let present: HashSet<LogId> = heads.iter().map(|(id, _)| *id).collect();
        gone.retain(|id, _| !present.contains(id) && !busy.contains(id));
        LockedHeads { heads, rows, gone, busy, clock }
    }

    /// Checks a log's row, read while it was locked, against its newest segment and what this process has seen.
    fn trusted(&self, stored: StoredHead) -> Result<Known, Error> {
        if !self.seen.allows(tlog::log_id(&stored.log), &stored.state) {
            return Err(Error::SignerSetBack(stored.log));
        }
        consistent(stored)
    }
}

/// Rows of logs, locked.
struct LockedHeads {
    /// Those that exist.
    heads: Vec<(LogId, Result<StoredHead, store::Error>)>,
    /// What writing them takes along.
    rows: HeadRows,
    /// Logs of which this process has seen entries, and that have no row: somebody has taken it away.
    gone: BTreeMap<LogId, LogName>,
    /// Logs whose rows somebody else has locked.
    busy: HashSet<LogId>,
    clock: Clock,
}

fn keyring(key: &LoadedKey) -> Result<MacKeyring, Error> {
    let material =
        |one: &LoadedVersion| one.material().map(|material| Ok(MacKey::new(mac_version(one), copy(material)?)));
    let keys = key.versions().filter_map(material).collect::<Result<Vec<_>, Error>>()?;
    MacKeyring::new(keys).ok_or(Error::Bug("the audit key has no versions"))
}

/// A version as MACs name it.
fn mac_version(version: &LoadedVersion) -> MacVersion {
    MacVersion { number: version.version.version, birth_mark: version.birth_mark() }
}

/// What a log's row says, if it agrees with its newest segment. Losses are still to be loaded.
fn consistent(stored: StoredHead) -> Result<Known, Error> {
    if !stored.state.agrees_with(stored.newest.as_ref()) {
        return Err(Error::SignerSetBack(stored.log));
    }
    Ok(Known { state: stored.state, losses: Vec::new(), at: stored.newest })
}

/// Those alarms of a log that have these ids.
fn named(log: &LogName, alarms: &[Alarm], ids: &[Uuid]) -> Vec<(LogName, Alarm)> {
    alarms.iter().filter(|alarm| ids.contains(&alarm.id)).map(|alarm| (log.clone(), alarm.clone())).collect()
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
