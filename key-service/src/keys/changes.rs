//! Which keys and subjects changed, for whoever keeps data keys. Changes of both are counted together, by generations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::slice::from_ref;

use db::Tx;
use names::KeyName;
use rpc::Granted;

use crate::error::Error;
use crate::key::Key;
use crate::permissions::{KeyChangesList, check_granted};
use crate::store::keys::ChangedKey;
use crate::store::subject_keys::ChangedSubject;
use crate::unsealed::Unsealed;

/// Most changes of an answer.
const MAX_CHANGES: usize = 500;

/// The last change of a key or of a subject.
#[derive(Debug)]
pub enum KeyChange {
    /// A key, as it is now.
    Key(Key),
    /// A subject under a key.
    Subject {
        /// The key.
        key: KeyName,
        /// The subject.
        subject: String,
        /// Whether it was erased.
        is_erased: bool,
    },
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

impl Unsealed {
    /// What changed after a generation. Rows that were altered, or that a newer version wrote, say nothing.
    pub async fn list_key_changes(
        &self,
        granted: &Granted<KeyChangesList>,
        after: Option<u64>,
    ) -> Result<KeyChanges, Error> {
        check_granted(from_ref(granted), ["keys"])?;
        self.store
            .db()
            .run_snapshot("key_changes", |tx| {
                Box::pin(async move {
                    let newest = self.newest_change(tx).await?;
                    match after.filter(|after| *after <= newest) {
                        Some(after) => self.changes_after(tx, after, newest).await,
                        None => Ok(KeyChanges { generation: newest, is_reset: true, ..KeyChanges::default() }),
                    }
                })
            })
            .await
    }

    /// The newest generation of all that a row vouches for.
    async fn newest_change(&self, tx: &Tx<'_>) -> Result<u64, Error> {
        let limit = i64::try_from(MAX_CHANGES).unwrap_or(i64::MAX);
        let keys = self.store.key_newest_generations(tx, limit).await?;
        let subjects = self.store.subject_key_newest_generations(tx, limit).await?;
        Ok(keys.into_iter().chain(subjects).filter_map(Result::ok).max().unwrap_or_default())
    }

    async fn changes_after(&self, tx: &Tx<'_>, after: u64, newest: u64) -> Result<KeyChanges, Error> {
        let (since, limit) = (after.saturating_add(1), i64::try_from(MAX_CHANGES + 1).unwrap_or(i64::MAX));
        let mut found = Vec::new();
        for ChangedKey { stated, key, .. } in self.store.key_list_changed(tx, since, limit).await? {
            found.push((stated, key.ok().map(|stored| KeyChange::Key(stored.key))));
        }
        let mut names = HashMap::new();
        for ChangedSubject { stated, row, .. } in self.store.subject_key_list_changed(tx, since, limit).await? {
            let Ok(stored) = row else {
                found.push((stated, None));
                continue;
            };
            let name = match names.entry(stored.key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let key = self.store.key_fetch_by_uid(tx, stored.key).await?;
                    new.insert(key.map(|stored| stored.key.name()))
                }
            };
            let (name, is_erased) = (name.clone(), stored.material.is_none());
            let subject = |key| KeyChange::Subject { key, subject: stored.subject, is_erased };
            found.push((stated, name.map(subject)));
        }
        found.sort_unstable_by_key(|(stated, _)| *stated);
        let is_more = found.len() > MAX_CHANGES;
        found.truncate(MAX_CHANGES);
        let reached = found.iter().filter(|(_, change)| change.is_some()).map(|(stated, _)| *stated).max();
        // A row that cannot be used now may be a change that can be later: it is not passed over unsaid.
        let is_hidden = found.iter().any(|(stated, change)| change.is_none() && Some(*stated) < reached);
        if is_hidden || (is_more && reached.is_none()) {
            return Ok(KeyChanges { generation: newest, is_reset: true, ..KeyChanges::default() });
        }
        let changes = found.into_iter().filter_map(|(_, change)| change).collect();
        Ok(KeyChanges { changes, generation: reached.unwrap_or(after), is_more, is_reset: false })
    }
}
