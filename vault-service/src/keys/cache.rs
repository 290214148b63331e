//! Data keys that reveals may use again, where the configuration wants that.
//!
//! ```text
//! every 250 ms   key-service tells which keys and subjects changed: the data keys under them are wiped
//! a reveal       held, and changes were heard of within a second? used again; else unwrapped, and held
//! ```
//! A data key is found by all that key-service would check: the wrapped key, the key, the subject and the context. It is held
//! for [`DataKeyCacheConfig::time_to_live`] from before it was unwrapped, for [`DataKeyCacheConfig::max_uses`] reveals. Reveals
//! that miss at once ask each for itself: each operation of key-service is that of one reveal.
//!
//! Another replica of key-service hears of a change up to a second after the one that told of it. So what is unwrapped within
//! [`SETTLING`](heard::SETTLING) after a change is used once and not held.

mod heard;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use envelope::DataKey;
use names::KeyName;
use secret_cache::{Place, SecretCache};
use serde::Deserialize;
use tokio::time::Instant;

use heard::Heard;
pub use heard::{Changed, Changes};

use super::asked::{Operation, UnwrapKey, UnwrappedKey};
use super::error::KeyError;

/// How often key-service is asked what changed.
pub const INTERVAL: Duration = Duration::from_millis(250);
/// How long an answer is waited for: two questions can be asked before what is held is not used any more.
const PATIENCE: Duration = Duration::from_millis(500);

/// Longest time to live.
const MAX_TIME_TO_LIVE: Duration = Duration::from_mins(15);
/// Most reveals of one unwrapping.
const MAX_USES: u32 = 100_000;
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
    /// For how many reveals each, the first one counted: 2 to 100,000.
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
        if !(2..=MAX_USES).contains(&self.max_uses) {
            problems.push(format!("data_key_cache.max_uses: must be from 2 to {MAX_USES}"));
        }
        if !(1..=MAX_ENTRIES).contains(&self.max_entries) {
            problems.push(format!("data_key_cache.max_entries: must be from 1 to {MAX_ENTRIES}"));
        }
        problems
    }
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

impl HeldKey {
    /// A copy to hold; it was used once already.
    fn of(unwrapped: &UnwrappedKey) -> Option<Self> {
        let data_key = Arc::new(copy(&unwrapped.data_key)?);
        Some(Self { data_key, operation: unwrapped.operation, uses: Arc::new(AtomicU32::new(1)) })
    }
}

/// A data key is for one sealing and cannot be cloned but here.
fn copy(data_key: &DataKey) -> Option<DataKey> {
    DataKey::from_slice(data_key.expose())
}

impl DataKeyCache {
    /// An empty cache; nothing is held before changes were heard of.
    pub fn new(config: &DataKeyCacheConfig) -> Self {
        let held = SecretCache::new(config.max_entries, config.time_to_live);
        Self { held, max_uses: config.max_uses, heard: Mutex::default() }
    }

    /// Data keys, in the order of the requests: held ones, and for the others those that `unwrap` gives.
    pub async fn unwrap_all<U, F>(&self, requests: &[UnwrapKey], unwrap: U) -> Vec<Result<UnwrappedKey, KeyError>>
    where
        U: Fn(Vec<UnwrapKey>) -> F,
        F: Future<Output = Vec<Result<UnwrappedKey, KeyError>>>,
    {
        let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
        let mut missing = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            if self.held(request).await.is_none() {
                missing.push(index);
            }
        }
        self.unwrap_missing(&missing, requests, &mut answers, &unwrap).await;
        // Taken after the wait for the others: what has changed meanwhile is not used.
        missing.clear();
        for (index, (request, answer)) in requests.iter().zip(&mut answers).enumerate() {
            if answer.is_none() {
                *answer = self.use_held(request).await.map(Ok);
                if answer.is_none() {
                    missing.push(index);
                }
            }
        }
        self.unwrap_missing(&missing, requests, &mut answers, &unwrap).await;
        let missing = || Err(KeyError::Bug("a data key is missing"));
        answers.into_iter().map(|answer| answer.unwrap_or_else(missing)).collect()
    }

    /// Has data keys unwrapped, and holds them.
    async fn unwrap_missing<U, F>(
        &self,
        missing: &[usize],
        requests: &[UnwrapKey],
        answers: &mut [Option<Result<UnwrappedKey, KeyError>>],
        unwrap: U,
    ) where
        U: Fn(Vec<UnwrapKey>) -> F,
        F: Future<Output = Vec<Result<UnwrappedKey, KeyError>>>,
    {
        if missing.is_empty() {
            return;
        }
        let began = Instant::now();
        let asked: Vec<UnwrapKey> = missing.iter().filter_map(|index| requests.get(*index)).cloned().collect();
        let mut places = Vec::with_capacity(asked.len());
        for request in &asked {
            places.push(self.place(request, began).await);
        }
        count("no", asked.len());
        for ((index, place), unwrapped) in missing.iter().zip(places).zip(unwrap(asked).await) {
            match (&unwrapped, place) {
                (Ok(unwrapped), Some(place)) => {
                    if let Some(held) = HeldKey::of(unwrapped) {
                        place.keep(held);
                    }
                }
                (Ok(_), None) => {}
                (Err(error), _) => {
                    if let Some(request) = requests.get(*index) {
                        self.refused(request, error).await;
                    }
                }
            }
            if let Some(answer) = answers.get_mut(*index) {
                *answer = Some(unwrapped);
            }
        }
    }

    /// Wipes what key-service would refuse as well: it says so of a key or a subject, or lets this service unwrap nothing.
    pub async fn refused(&self, request: &UnwrapKey, error: &KeyError) {
        let subject = match error {
            KeyError::Denied { .. } => return self.wipe().await,
            KeyError::VersionDisabled | KeyError::VersionUnknown { .. } | KeyError::RowAltered { .. } => None,
            // Of the person where there is one; else of one record alone.
            KeyError::Erased | KeyError::DoesNotOpen if request.subject.is_some() => request.subject.clone(),
            _ => return,
        };
        let changed = HashSet::from([Changed { key: request.key.clone(), subject }]);
        self.heard().note(&changed, false);
        self.drop_changed(&changed).await;
    }

    /// Where a data key may be held whose unwrapping begins now. A change that comes meanwhile closes the place; one that came
    /// before the place was made is known by then.
    async fn place(&self, request: &UnwrapKey, began: Instant) -> Option<Arc<Place<HeldKey>>> {
        let may_hold = || self.heard().may_hold(request, began);
        if !may_hold() {
            return None;
        }
        let place = self.held.place(request).await;
        may_hold().then_some(place)
    }

    /// What is held for a request and may be used.
    async fn held(&self, request: &UnwrapKey) -> Option<HeldKey> {
        if self.heard().is_recent() { self.held.held(request).await } else { None }
    }

    /// A copy of what is held, for one use; after the last one nothing is held.
    async fn use_held(&self, request: &UnwrapKey) -> Option<UnwrappedKey> {
        let held = self.held(request).await?;
        let uses = held.uses.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if uses >= self.max_uses {
            self.held.drop_value(request).await;
        }
        if uses > self.max_uses {
            return None;
        }
        count("yes", 1);
        Some(UnwrappedKey { data_key: copy(&held.data_key)?, operation: held.operation, is_cached: true })
    }

    /// Asks what changed with `list`, which is given the generation that is known and until when to wait, and wipes that.
    pub async fn follow<L, F>(&self, list: L) -> Result<(), KeyError>
    where
        L: Fn(Option<u64>, Instant) -> F,
        F: Future<Output = Result<Changes, KeyError>>,
    {
        self.held.wipe_expired().await;
        metrics::gauge!("vault_data_key_cache_entries")
            .set(f64::from(u32::try_from(self.held.count()).unwrap_or(u32::MAX)));
        loop {
            let began = Instant::now();
            let after = self.known_generation().await;
            let changes = list(after, began + PATIENCE).await?;
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
        let is_reset = {
            let mut heard = self.heard();
            let is_reset = is_reset || !heard.is_recent();
            // Said before anything is wiped: what is unwrapped meanwhile is not held.
            heard.note(&changed, is_reset)
        };
        if is_reset {
            self.held.clear().await;
        } else if !changed.is_empty() {
            self.drop_changed(&changed).await;
        }
        let mut heard = self.heard();
        heard.generation = Some(generation);
        if !is_more {
            heard.at = Some(began);
        }
    }

    async fn drop_changed(&self, changed: &HashSet<Changed>) {
        let mut by_key: HashMap<&KeyName, HashSet<Option<&str>>> = HashMap::new();
        for Changed { key, subject } in changed {
            by_key.entry(key).or_default().insert(subject.as_deref());
        }
        let is_on = |subjects: &HashSet<_>, request: &UnwrapKey| {
            subjects.contains(&None) || subjects.contains(&request.subject.as_deref())
        };
        let has_changed = |request: &UnwrapKey| by_key.get(&request.key).is_some_and(|of_key| is_on(of_key, request));
        self.held.drop_where(has_changed).await;
    }

    /// Wipes all that is held; nothing is held again before changes were heard of.
    pub async fn wipe(&self) {
        *self.heard() = Heard::default();
        self.held.clear().await;
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts reveals, and whether a data key was held for them.
fn count(found: &'static str, reveals: usize) {
    metrics::counter!("vault_data_key_cache_requests_total", "found" => found)
        .increment(u64::try_from(reveals).unwrap_or(u64::MAX));
}

#[cfg(test)]
mod tests;
