//! Following changes of keys and subject keys: what changed is dropped, and loaded when it is used.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use tokio::time::Instant;

use super::{Keyring, Polled, Subjects, Wanted};
use crate::error::Error;
use crate::store::keys::ChangedKey;
use crate::store::subject_keys::ChangedSubject;
use crate::store::{self, Store, is_vouched};

/// Most changes that are followed one by one; where there are more, all that is held is dropped.
const MAX_CHANGED: i64 = 500;

/// Keys that were set back and are looked at again by one poll.
const LOOKED_AT: usize = 32;

/// The newest generation among rows, each checked for itself: an altered one says nothing about how far the others are.
fn newest(rows: &[Result<u64, store::Error>]) -> u64 {
    rows.iter().find_map(|row| row.as_ref().ok().copied()).unwrap_or_default()
}

/// The generation that a changed row vouches for.
fn vouched<T>(stated: u64, row: &Result<T, store::Error>) -> u64 {
    if is_vouched(row) { stated } else { 0 }
}

fn is_full(count: usize) -> bool {
    i64::try_from(count).is_ok_and(|count| count > MAX_CHANGED)
}

impl Keyring {
    /// Drops what changed since the last call.
    pub async fn refresh(&self, subjects: &Subjects) -> Result<(), Error> {
        let at = Instant::now();
        let before = *self.polled.read().unwrap_or_else(PoisonError::into_inner);
        let recent = before.filter(|polled| at.duration_since(polled.at) <= self.limits.max_staleness);
        let polled = if let Some(Polled { keys, subjects: since, .. }) = recent {
            let keys = self.follow_keys(keys).await?;
            Polled { at, keys, subjects: self.follow_subjects(subjects, since).await? }
        } else {
            // What changed meanwhile may have been set back, too. Dropped once it is known what is newest: a change that comes
            // before a load and after that is found by the next poll.
            let newest =
                Polled { at, keys: self.newest_of_keys().await?, subjects: newest_of_subjects(&self.store).await? };
            self.clear().await;
            subjects.clear().await;
            newest
        };
        *self.polled.write().unwrap_or_else(PoisonError::into_inner) = Some(polled);
        self.keys.wipe_expired().await;
        subjects.wipe_expired().await;
        self.look_again().await;
        Ok(())
    }

    /// Looks at some of the keys that were set back: a newer backup may have been restored.
    async fn look_again(&self) {
        let last = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner).take();
        let ids = self.marks.set_back_keys(last.as_ref(), LOOKED_AT);
        for id in &ids {
            if let Err(error) = self.reload(id, Wanted::Primary).await {
                tracing::debug!(error = service::chain(&error), "a key that was set back cannot be loaded");
            }
        }
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = ids.into_iter().next_back();
    }

    /// The newest generation that a row vouches for, held against what was seen.
    async fn newest_of_keys(&self) -> Result<u64, Error> {
        let (store, seen) = (&self.store, self.marks.newest_generation());
        let rows = store.key_newest_generations(store.db(), MAX_CHANGED);
        let rows = rows.await?;
        let found = newest(&rows);
        // An altered row is no older one, and an alarm of its own.
        if rows.first().is_none_or(Result::is_ok) {
            self.marks.judge_newest(seen, found);
        }
        Ok(found)
    }

    /// Follows changes of keys; returns the newest generation.
    async fn follow_keys(&self, since: u64) -> Result<u64, Error> {
        let (store, seen) = (&self.store, self.marks.newest_generation());
        let changed = store.key_list_changed(store.db(), since, MAX_CHANGED + 1);
        let changed = changed.await?;
        // The newest row that was seen is there, or a newer one.
        let is_followed = !changed.is_empty() && !is_full(changed.len());
        let last = changed.last().map_or(since, |last| last.stated);
        let (mut newest, mut altered) = (since, BTreeSet::new());
        for ChangedKey { id, stated, key } in changed {
            if stated > since
                && let Ok(id) = id.parse()
            {
                self.keys.drop_value(&id).await;
            }
            newest = newest.max(vouched(stated, &key));
            match key {
                Ok(stored) => self.marks.note(&stored.key, stored.generation),
                Err(error) => self.report_once(&id, &error.into(), &mut altered),
            }
        }
        *self.altered.lock().unwrap_or_else(PoisonError::into_inner) = altered;
        if !is_followed {
            let newest = self.newest_of_keys().await?;
            self.clear().await;
            return Ok(newest);
        }
        // What a load has seen since the last poll may be gone before the next. Not where the newest row was altered.
        if newest >= last && self.marks.judge_newest(seen, newest) {
            self.clear().await;
        }
        Ok(newest)
    }

    /// Follows changes of subject keys; returns the newest generation.
    async fn follow_subjects(&self, subjects: &Subjects, since: u64) -> Result<u64, Error> {
        let store = &self.store;
        let changed = store.subject_key_list_changed(store.db(), since, MAX_CHANGED + 1);
        let changed = changed.await?;
        if is_full(changed.len()) || (since > 0 && changed.is_empty()) {
            let newest = newest_of_subjects(store).await?;
            subjects.clear().await;
            return Ok(newest);
        }
        let mut newest = since;
        for ChangedSubject { key, subject, stated, row } in changed {
            if stated > since {
                subjects.drop_key(key, &subject).await;
            }
            newest = newest.max(vouched(stated, &row));
        }
        Ok(newest)
    }

    /// An altered row is reported when a poll meets it and the one before did not; one of a newer version is passed over.
    fn report_once(&self, id: &str, error: &Error, altered: &mut BTreeSet<String>) {
        if error.is_alarm() {
            altered.insert(id.to_owned());
            if !self.altered.lock().unwrap_or_else(PoisonError::into_inner).contains(id) {
                error.report();
            }
        } else {
            tracing::debug!(error = service::chain(error), "a key is passed over");
        }
    }
}

async fn newest_of_subjects(store: &Store) -> Result<u64, Error> {
    let rows = store.subject_key_newest_generations(store.db(), MAX_CHANGED);
    Ok(newest(&rows.await?))
}
