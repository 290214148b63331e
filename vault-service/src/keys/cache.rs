//! Data keys that reveals may use again, where the configuration wants that.
//!
//! ```text
//! every 250 ms   key-service tells which keys and subjects changed: the data keys under them are wiped
//! a reveal       held, and changes were heard of within a second? used again; else unwrapped, and held
//! ```
//! A data key is found by all that key-service would check: the wrapped key, the key, the subject and the context. It is held
//! for [`DataKeyCacheConfig::time_to_live`] from before it was unwrapped, for [`DataKeyCacheConfig::max_uses`] reveals.
//!
//! Another replica of key-service hears of a change up to a second after the one that told of it. So what is unwrapped within
//! [`SETTLING`] after a change is used once and not held.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use envelope::DataKey;
use names::KeyName;
use secret_cache::SecretCache;
use serde::Deserialize;
use tokio::time::Instant;

use super::calls::{KeyError, KeyService};
use super::{Operation, UnwrapKey, UnwrappedKey};

/// How often key-service is asked what changed.
pub const INTERVAL: Duration = Duration::from_millis(250);
/// What is held is not used where nothing was heard for longer.
const MAX_SILENCE: Duration = Duration::from_secs(1);
/// For how long after a change was heard of data keys under what changed are not held.
const SETTLING: Duration = Duration::from_secs(1);
/// Most changes within [`SETTLING`] that are followed one by one; where there are more, all keys count as changed.
const MAX_RECENT: usize = 10_000;

/// Longest time to live.
const MAX_TIME_TO_LIVE: Duration = Duration::from_mins(15);
/// Most data keys that may be held: about 2 KiB of memory each.
const MAX_ENTRIES: u64 = 100_000;

/// Whether data keys are used again, and for how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataKeyCacheConfig {
    /// Whether they are. Off by default: key-service sees and records every reveal.
    pub enabled: bool,
    /// For how long, at most 15 minutes.
    #[serde(deserialize_with = "rpc::duration::deserialize")]
    pub time_to_live: Duration,
    /// For how many reveals each, the first one counted; a few more where they come at once.
    pub max_uses: u32,
    /// How many are held, at most 100,000; beyond it those go that are used least.
    pub max_entries: u64,
}

impl Default for DataKeyCacheConfig {
    fn default() -> Self {
        Self { enabled: false, time_to_live: Duration::from_mins(5), max_uses: 100, max_entries: 10_000 }
    }
}

impl DataKeyCacheConfig {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.time_to_live.is_zero() || self.time_to_live > MAX_TIME_TO_LIVE {
            problems.push("data_key_cache.time_to_live: must be above 0 and at most 15m".to_owned());
        }
        if self.max_uses == 0 {
            problems.push("data_key_cache.max_uses: must be at least 1".to_owned());
        }
        if !(1..=MAX_ENTRIES).contains(&self.max_entries) {
            problems.push(format!("data_key_cache.max_entries: must be from 1 to {MAX_ENTRIES}"));
        }
        problems
    }
}

/// A key, or one subject under it, whose data keys must be unwrapped anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Changed {
    /// The key.
    pub key: KeyName,
    /// The subject; none for the key itself.
    pub subject: Option<String>,
}

/// What key-service says of changes after a generation.
#[derive(Debug)]
pub struct Changes {
    /// What changed.
    pub changes: Vec<Changed>,
    /// The generation that they reach.
    pub generation: u64,
    /// Whether more follow.
    pub is_more: bool,
    /// Whether everything that is held must be dropped.
    pub is_reset: bool,
}

/// Data keys by what they were unwrapped from.
#[derive(Debug)]
pub struct DataKeyCache {
    held: SecretCache<UnwrapKey, HeldKey>,
    max_uses: u32,
    heard: Mutex<Heard>,
}

#[derive(Debug, Clone)]
struct HeldKey {
    data_key: Arc<DataKey>,
    operation: Operation,
    uses: Arc<AtomicU32>,
}

/// What was heard of changes.
#[derive(Debug, Default)]
struct Heard {
    /// The generation that was reached; none where nothing that is held may be used.
    generation: Option<u64>,
    /// When the request began whose answer told of all changes.
    at: Option<Instant>,
    /// When everything was dropped.
    reset: Option<Instant>,
    /// What changed within [`SETTLING`], and when that was heard of.
    recent: HashMap<Changed, Instant>,
}

impl Changed {
    /// What a data key depends on.
    fn on(request: &UnwrapKey) -> [Self; 2] {
        [None, request.subject.clone()].map(|subject| Self { key: request.key.clone(), subject })
    }
}

impl From<UnwrappedKey> for HeldKey {
    fn from(UnwrappedKey { data_key, operation, .. }: UnwrappedKey) -> Self {
        Self { data_key: Arc::new(data_key), operation, uses: Arc::default() }
    }
}

impl Heard {
    fn is_recent(&self) -> bool {
        self.at.is_some_and(|at| at.elapsed() <= MAX_SILENCE)
    }

    /// Notes what changed; returns whether all keys count as changed.
    fn note(&mut self, changed: &HashSet<Changed>, is_reset: bool) -> bool {
        let now = Instant::now();
        self.recent.retain(|_, heard| heard.elapsed() < SETTLING);
        let is_reset = is_reset || self.recent.len() + changed.len() > MAX_RECENT;
        if is_reset {
            (self.recent, self.reset) = (HashMap::new(), Some(now));
        } else {
            self.recent.extend(changed.iter().map(|change| (change.clone(), now)));
        }
        is_reset
    }

    /// Whether a data key may be held whose unwrapping began then.
    fn has_settled(&self, request: &UnwrapKey, began: Instant) -> bool {
        let has_settled = |heard: &Instant| began.saturating_duration_since(*heard) >= SETTLING;
        let changed = Changed::on(request);
        self.reset.iter().chain(changed.iter().filter_map(|change| self.recent.get(change))).all(has_settled)
    }
}

impl DataKeyCache {
    /// An empty cache; nothing is held before changes were heard of.
    pub fn new(config: &DataKeyCacheConfig) -> Self {
        let held = SecretCache::new(config.max_entries, config.time_to_live);
        Self { held, max_uses: config.max_uses, heard: Mutex::default() }
    }

    /// Data keys, in the order of the requests: held ones, and for the others those that `unwrap` gives. Equal requests
    /// share one.
    pub async fn unwrap_all<U>(&self, requests: &[UnwrapKey], unwrap: U) -> Vec<Result<UnwrappedKey, KeyError>>
    where
        U: AsyncFnOnce(&[UnwrapKey]) -> Vec<Result<UnwrappedKey, KeyError>>,
    {
        let began = Instant::now();
        let distinct: BTreeSet<&UnwrapKey> = requests.iter().collect();
        let (mut found, mut missing, mut places) = (HashMap::new(), Vec::new(), Vec::new());
        for request in distinct {
            if let Some(held) = self.held(request).await {
                found.insert(request, Ok(held));
            } else {
                missing.push(request.clone());
                // Before the data key is unwrapped: a change that comes meanwhile closes the place.
                places.push((request, self.held.place(request).await));
            }
        }
        let unwrapped = if missing.is_empty() { Vec::new() } else { unwrap(&missing).await };
        for ((request, place), answer) in places.into_iter().zip(unwrapped) {
            let answer = answer.map(HeldKey::from);
            if let Ok(held) = &answer
                && self.heard().has_settled(request, began)
            {
                place.keep(held.clone());
            }
            found.insert(request, answer);
        }
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(match found.get(request) {
                Some(Ok(held)) => self.give(request, held).await,
                Some(Err(error)) => Err(error.clone()),
                None => Err(KeyError::Bug("a data key is missing")),
            });
        }
        answers
    }

    /// What is held for a request and may be used.
    async fn held(&self, request: &UnwrapKey) -> Option<HeldKey> {
        let is_recent = self.heard().is_recent();
        let held = if is_recent { self.held.held(request).await } else { None };
        metrics::counter!("vault_data_key_cache_requests_total", "found" => if held.is_some() { "yes" } else { "no" })
            .increment(1);
        held
    }

    /// A copy for one use; after the last one nothing is held.
    async fn give(&self, request: &UnwrapKey, held: &HeldKey) -> Result<UnwrappedKey, KeyError> {
        let before = held.uses.fetch_add(1, Ordering::Relaxed);
        if before.saturating_add(1) >= self.max_uses {
            self.held.drop_value(request).await;
        }
        let data_key = DataKey::from_slice(held.data_key.expose()).ok_or(KeyError::Bug("a data key has 32 bytes"))?;
        Ok(UnwrappedKey { data_key, operation: held.operation, is_cached: before > 0 })
    }

    /// Asks what changed, and wipes it.
    pub(super) async fn follow(&self, key_service: &KeyService) -> Result<(), KeyError> {
        self.held.wipe_expired().await;
        loop {
            let began = Instant::now();
            let after = self.known_generation().await;
            let mut changes = key_service.list_changes(after, began + MAX_SILENCE).await?;
            changes.is_reset |= after.is_none();
            let is_more = changes.is_more;
            self.take(changes, began).await;
            if !is_more {
                return Ok(());
            }
        }
    }

    /// The generation that is known. Who has heard nothing for too long knows none: the key database may have been set back
    /// meanwhile and gone on, so everything is wiped.
    async fn known_generation(&self) -> Option<u64> {
        let generation = {
            let heard = self.heard();
            heard.generation.filter(|_| heard.is_recent())
        };
        if generation.is_none() {
            self.wipe().await;
        }
        generation
    }

    async fn take(&self, Changes { changes, generation, is_more, is_reset }: Changes, began: Instant) {
        let changed: HashSet<Changed> = changes.into_iter().collect();
        // Said before anything is wiped: what is unwrapped meanwhile is not held.
        let is_reset = self.heard().note(&changed, is_reset);
        if is_reset {
            self.held.clear().await;
        } else if !changed.is_empty() {
            let mut by_key: HashMap<&KeyName, HashSet<Option<&str>>> = HashMap::new();
            for Changed { key, subject } in &changed {
                by_key.entry(key).or_default().insert(subject.as_deref());
            }
            let is_on = |subjects: &HashSet<_>, request: &UnwrapKey| {
                subjects.contains(&None) || subjects.contains(&request.subject.as_deref())
            };
            let has_changed =
                |request: &UnwrapKey| by_key.get(&request.key).is_some_and(|subjects| is_on(subjects, request));
            self.held.drop_where(has_changed).await;
        }
        let mut heard = self.heard();
        heard.generation = Some(generation);
        if !is_more {
            heard.at = Some(began);
        }
        metrics::gauge!("vault_data_key_cache_entries")
            .set(f64::from(u32::try_from(self.held.count()).unwrap_or(u32::MAX)));
    }

    /// Wipes all that is held; nothing is held again before changes were heard of.
    pub async fn wipe(&self) {
        *self.heard() = Heard::default();
        self.held.clear().await;
        metrics::gauge!("vault_data_key_cache_entries").set(0.0);
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
