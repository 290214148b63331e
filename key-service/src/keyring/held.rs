//! What is held of one key: as it was loaded last, and why it could not be loaded since.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::Instant;

use super::loaded::{LoadedKey, Wanted};
use super::marks::Mark;
use crate::error::Error;
use crate::key::Key;

/// Most versions that are held of one key; more are loaded when used, unless all are wanted.
const MAX_VERSIONS_HELD: usize = 64;

/// What is held of one key.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    key: Option<Arc<LoadedKey>>,
    failed: Option<(Instant, Arc<Error>)>,
}

impl Held {
    /// A key that was loaded.
    pub(super) fn loaded(key: Arc<LoadedKey>) -> Self {
        Self { key: Some(key), failed: None }
    }

    /// After a load that failed. What was held before is used on only if the database did not answer.
    pub(super) fn failed(self, error: Arc<Error>) -> Self {
        let key = self.key.filter(|_| error.is_of_database());
        Self { key, failed: Some((Instant::now(), error)) }
    }

    /// The key, if it has the versions that are wanted and was loaded recently enough.
    pub(super) fn key(&self, wanted: Wanted<'_>, not_before: Option<Instant>) -> Option<Arc<LoadedKey>> {
        let key = self.key.as_ref()?;
        let is_recent = not_before.is_none_or(|moment| key.loaded() >= moment);
        (is_recent && key.has(wanted)).then(|| Arc::clone(key))
    }

    /// Why a load failed that ended after this moment.
    pub(super) fn failed_since(&self, moment: Instant) -> Option<Arc<Error>> {
        self.failed.as_ref().filter(|(at, _)| *at >= moment).map(|(_, error)| Arc::clone(error))
    }

    /// Numbers of the versions to load: the primary one, those held, those wanted, and the newest that was seen. `None`: all.
    pub(super) fn numbers_with(&self, wanted: Wanted<'_>, key: &Key, mark: Option<&Mark>) -> Option<Vec<u32>> {
        let mut numbers = match wanted {
            Wanted::Primary => BTreeSet::new(),
            Wanted::Also(numbers) => numbers.iter().copied().collect(),
            Wanted::All => return None,
        };
        numbers.insert(key.primary_version);
        numbers.extend(mark.and_then(Mark::newest_version));
        let held = self.key.iter().flat_map(|key| key.versions().map(|one| one.version.version));
        for number in held.take(MAX_VERSIONS_HELD.saturating_sub(numbers.len())) {
            numbers.insert(number);
        }
        Some(numbers.into_iter().collect())
    }
}
