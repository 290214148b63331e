//! A small cache with an absolute time to live, for rows that every call needs and that hardly change.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Most entries; beyond that expired ones go, and all where none has expired.
const MAX_ENTRIES: usize = 10_000;

/// Values by key, each for at most the time to live.
pub struct Cache<K, V> {
    entries: Mutex<HashMap<K, (Instant, Arc<V>)>>,
    time_to_live: Duration,
}

impl<K: Eq + Hash, V> Cache<K, V> {
    /// An empty cache.
    pub fn new(time_to_live: Duration) -> Self {
        Self { entries: Mutex::new(HashMap::new()), time_to_live }
    }

    /// The value, if it is there and not too old.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = entries.get(key)?;
        (since.elapsed() < self.time_to_live).then(|| Arc::clone(value))
    }

    /// Keeps a value as of `since`, the moment before it was read.
    pub fn insert(&self, key: K, value: Arc<V>, since: Instant) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|_, (since, _)| since.elapsed() < self.time_to_live);
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
        }
        entries.insert(key, (since, value));
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("time_to_live", &self.time_to_live).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_gone_after_its_time_however_often_it_is_read() {
        let cache = Cache::new(Duration::from_mins(1));
        let now = Instant::now();
        cache.insert("a", Arc::new(1), now.checked_sub(Duration::from_secs(30)).unwrap());
        for _ in 0..9 {
            assert_eq!(cache.get(&"a").as_deref(), Some(&1));
        }
        cache.insert("a", Arc::new(1), now.checked_sub(Duration::from_mins(1)).unwrap());
        assert_eq!(cache.get(&"a"), None);
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let cache = Cache::new(Duration::from_mins(1));
        for number in 0..=MAX_ENTRIES {
            cache.insert(number, Arc::new(()), Instant::now());
        }
        assert!(cache.get(&MAX_ENTRIES).is_some());
        assert!(cache.entries.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
