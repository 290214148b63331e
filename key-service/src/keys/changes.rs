//! Which keys and subjects changed, for whoever keeps data keys. Changes of both are counted together, by generations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::slice::from_ref;

use db::Tx;
use names::{KeyId, KeyName, KeyUid, KeyVersionName};
use rpc::Granted;

use super::Keys;
use crate::error::Error;
use crate::permissions::{KeyChangesList, check_granted};
use crate::store::keys::ChangedKey;
use crate::store::subject_keys::ChangedSubject;
use crate::store::{self, is_vouched};

/// Most changes of an answer.
const MAX_CHANGES: usize = 500;

/// The last change of a key or of a subject.
#[derive(Debug)]
pub struct KeyChange {
    /// The key.
    pub key: KeyName,
    /// The version of it that wraps now; none where its row cannot be read, and for a subject.
    pub primary_version: Option<KeyVersionName>,
    /// The subject under the key; none for the key itself.
    pub subject: Option<String>,
    /// Whether the subject was erased.
    pub is_erased: bool,
}

/// Changes after a generation, oldest first.
#[derive(Debug, Default)]
pub struct KeyChanges {
    /// At most [`MAX_CHANGES`] of them.
    pub changes: Vec<KeyChange>,
    /// The generation that they reach.
    pub generation: u64,
    /// Whether more follow.
    pub is_more: bool,
    /// Whether everything that is kept must be dropped.
    pub is_reset: bool,
}

/// A row with a change.
struct Found {
    /// The generation that it states.
    stated: u64,
    /// Whether its HMAC holds; it may be of a newer version all the same, which this one cannot read.
    is_vouched: bool,
    /// What changed, by the columns; none where they name no key.
    change: Option<KeyChange>,
}

impl Keys {
    /// What changed after a generation. Rows of newer versions, which cannot be read, are told by their names. Where there is one
    /// that was altered, everything may have changed.
    pub async fn list_changes(
        &self,
        granted: &Granted<KeyChangesList>,
        after: Option<u64>,
    ) -> Result<KeyChanges, Error> {
        check_granted(from_ref(granted), ["keys"])?;
        self.core
            .store
            .db()
            .run_snapshot("key_changes", |tx| {
                Box::pin(async move {
                    let newest = self.newest_change(tx).await?;
                    match after.filter(|after| *after <= newest) {
                        Some(after) => self.changes_after(tx, after, newest).await,
                        None => Ok(KeyChanges::reset(newest)),
                    }
                })
            })
            .await
    }

    /// The newest generation of all that a row vouches for.
    async fn newest_change(&self, tx: &Tx<'_>) -> Result<u64, Error> {
        let mut newest = 0;
        // The newest row of all but always holds; the others are read where it does not.
        for limit in [1, i64::try_from(MAX_CHANGES).unwrap_or(i64::MAX)] {
            let keys = self.core.store.key_newest_generations(tx, limit).await?;
            let subjects = self.core.store.subject_key_newest_generations(tx, limit).await?;
            let do_all_hold = keys.iter().chain(&subjects).all(Result::is_ok);
            newest = keys.into_iter().chain(subjects).filter_map(Result::ok).max().unwrap_or_default();
            if do_all_hold {
                break;
            }
        }
        Ok(newest)
    }

    async fn changes_after(&self, tx: &Tx<'_>, after: u64, newest: u64) -> Result<KeyChanges, Error> {
        let (since, limit) = (after.saturating_add(1), i64::try_from(MAX_CHANGES + 1).unwrap_or(i64::MAX));
        let keys = self.core.store.key_list_changed(tx, since, limit).await?;
        let subjects = self.core.store.subject_key_list_changed(tx, since, limit).await?;
        let mut found: Vec<Found> = keys.into_iter().map(Found::of_key).collect();
        let mut names = HashMap::new();
        for subject in subjects {
            let name = match names.entry(subject.key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.key_name(tx, subject.key).await?),
            };
            found.push(Found::of_subject(subject, name.clone()));
        }
        found.sort_unstable_by_key(|found| found.stated);
        let is_more = found.len() > MAX_CHANGES;
        found.truncate(MAX_CHANGES);
        // What an altered row says may be another's, and what was changed may be the row that it was.
        if found.iter().any(|found| !found.is_vouched || found.change.is_none()) {
            return Ok(KeyChanges::reset(newest));
        }
        let reached = found.last().map_or(after, |found| found.stated);
        let changes = found.into_iter().filter_map(|found| found.change).collect();
        Ok(KeyChanges { changes, generation: reached, is_more, is_reset: false })
    }

    /// The name of the key with a uid; none where there is no such key, or its row cannot be read.
    async fn key_name(&self, tx: &Tx<'_>, uid: KeyUid) -> Result<Option<KeyName>, Error> {
        match self.core.store.key_fetch_by_uid(tx, uid).await {
            Ok(stored) => Ok(stored.map(|stored| stored.key.name())),
            Err(store::Error::Database(error)) => Err(store::Error::Database(error).into()),
            Err(_unreadable) => Ok(None),
        }
    }
}

impl KeyChanges {
    /// Everything may have changed.
    fn reset(generation: u64) -> Self {
        Self { generation, is_reset: true, ..Self::default() }
    }
}

impl Found {
    fn of_key(ChangedKey { id, stated, key }: ChangedKey) -> Self {
        let name = id.parse::<KeyId>().ok().map(KeyName::new);
        let primary_version = key.as_ref().ok().map(|stored| stored.key.primary_name());
        let change = name.map(|key| KeyChange { key, primary_version, subject: None, is_erased: false });
        Self { stated, is_vouched: is_vouched(&key), change }
    }

    fn of_subject(ChangedSubject { subject, stated, row, .. }: ChangedSubject, key: Option<KeyName>) -> Self {
        let is_erased = row.as_ref().is_ok_and(|stored| stored.material.is_none());
        let change = key.map(|key| KeyChange { key, primary_version: None, subject: Some(subject), is_erased });
        Self { stated, is_vouched: is_vouched(&row), change }
    }
}
