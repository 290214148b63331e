//! A cache of secrets: bounded, with an absolute time to live, and wiped by its owner.
//!
//! moka drops a value some time after it has left the cache. So what it holds is a place, from which the value is taken at
//! once when it is dropped, and at the next [`SecretCache::wipe_expired`] when it is evicted or too old: its bytes are wiped
//! with the last call that is at work with them. A place that was emptied stays empty: what is loaded while its key changes is
//! not kept, and those who wait for it go on to the place that is there then.

use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Values by key.
pub struct SecretCache<K, T>(Cache<K, Arc<Place<T>>>);

/// Where one value is held.
pub struct Place<T> {
    state: RwLock<State<T>>,
    turn: Arc<Mutex<()>>,
}

/// A place, while nobody else loads what belongs there.
pub struct Turn<T> {
    place: Arc<Place<T>>,
    _turn: OwnedMutexGuard<()>,
}

struct State<T> {
    is_closed: bool,
    value: Option<T>,
}

impl<T> Default for Place<T> {
    fn default() -> Self {
        Self { state: RwLock::new(State { is_closed: false, value: None }), turn: Arc::default() }
    }
}

impl<T> Place<T> {
    /// What is held there.
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.state.read().unwrap_or_else(PoisonError::into_inner).value.clone()
    }

    /// Holds a value there, unless the place has left the cache.
    pub fn keep(&self, value: T) {
        let mut state = self.write();
        if !state.is_closed {
            state.value = Some(value);
        }
    }

    fn is_closed(&self) -> bool {
        self.state.read().unwrap_or_else(PoisonError::into_inner).is_closed
    }

    fn close(&self) {
        *self.write() = State { is_closed: true, value: None };
    }

    fn write(&self) -> RwLockWriteGuard<'_, State<T>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Deref for Turn<T> {
    type Target = Place<T>;

    fn deref(&self) -> &Place<T> {
        &self.place
    }
}

impl<K, T> SecretCache<K, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// At most so many values, each for at most so long after its place was made.
    pub fn new(most: u64, time_to_live: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(most)
            .time_to_live(time_to_live)
            .eviction_listener(|_key, place: Arc<Place<T>>, _cause| place.close());
        Self(cache.build())
    }

    /// The value of a key, if it is held.
    pub async fn held(&self, key: &K) -> Option<T> {
        self.0.get(key).await?.get()
    }

    /// The place of a key, once nobody else loads what belongs there. One that was emptied meanwhile keeps nothing: all who
    /// waited for it go on to the next, of which again only one loads.
    pub async fn turn(&self, key: &K) -> Turn<T> {
        loop {
            let place = self.place(key).await;
            let turn = Arc::clone(&place.turn).lock_owned().await;
            if !place.is_closed() {
                return Turn { place, _turn: turn };
            }
        }
    }

    /// The place of a key: an open one, whatever the cache still has. Who takes no turn may load what another loads, too.
    pub async fn place(&self, key: &K) -> Arc<Place<T>> {
        match self.0.get(key).await {
            Some(place) if !place.is_closed() => place,
            _ => {
                let entry = self.0.entry_by_ref(key);
                entry.or_insert_with_if(async { Arc::default() }, |place| place.is_closed()).await.into_value()
            }
        }
    }

    /// Takes away what is held of a key.
    pub async fn drop_value(&self, key: &K) {
        self.0.invalidate(key).await;
    }

    /// Takes away what is held of each key that `is_dropped` says, looking at every key once.
    pub async fn drop_where(&self, is_dropped: impl Fn(&K) -> bool) {
        for (key, place) in &self.0 {
            if is_dropped(&key) {
                place.close();
                self.drop_value(&key).await;
            }
        }
    }

    /// How many places there are, about.
    pub fn count(&self) -> u64 {
        self.0.entry_count()
    }

    /// Takes away all that is held, where moka would take its time.
    pub async fn clear(&self) {
        for (_, place) in &self.0 {
            place.close();
        }
        self.0.invalidate_all();
        self.wipe_expired().await;
    }

    /// Takes away what is too old or too much: call it again and again.
    pub async fn wipe_expired(&self) {
        self.0.run_pending_tasks().await;
    }
}

impl<K, T> fmt::Debug for SecretCache<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretCache").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Turn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Place<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Instant;

    use futures::future::join_all;

    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    /// A place with a value, as the cache may hold it after it has dropped it.
    async fn filled(cache: &SecretCache<u32, u32>, key: u32) -> Arc<Place<u32>> {
        let place = cache.place(&key).await;
        place.keep(key);
        place
    }

    #[tokio::test]
    async fn a_place_is_empty_as_soon_as_the_cache_has_dropped_it_and_stays_so() {
        let cache = SecretCache::new(10, LONG);
        let (dropped, other) = (filled(&cache, 1).await, filled(&cache, 2).await);
        cache.drop_value(&1).await;
        assert_eq!((dropped.get(), other.get()), (None, Some(2)));
        dropped.keep(1);
        assert_eq!(dropped.get(), None, "what is loaded meanwhile is not kept");
        cache.clear().await;
        assert_eq!((other.get(), cache.held(&2).await), (None, None));
        assert_eq!(filled(&cache, 2).await.get(), Some(2), "a new place is another one");
    }

    #[tokio::test]
    async fn places_that_are_named_are_empty_at_once_and_no_others() {
        let cache = SecretCache::new(10_000, LONG);
        let mut all = Vec::new();
        for key in 0..1000 {
            all.push(filled(&cache, key).await);
        }
        cache.drop_where(|key| key % 3 == 0).await;
        let left: Vec<u32> = all.iter().filter_map(|place| place.get()).collect();
        assert_eq!(left, (0..1000).filter(|key| key % 3 != 0).collect::<Vec<_>>());
        for place in &all {
            place.keep(7);
        }
        assert_eq!((cache.held(&3).await, cache.held(&4).await), (None, Some(7)), "what was dropped stays empty");
    }

    #[tokio::test]
    async fn all_places_are_empty_at_once_however_many_there_are() {
        let cache = SecretCache::new(100_000, LONG);
        let mut all = Vec::new();
        for key in 0..20_000 {
            all.push(filled(&cache, key).await);
        }
        cache.clear().await;
        assert_eq!(all.iter().filter(|place| place.get().is_some()).count(), 0);
    }

    #[tokio::test]
    async fn what_is_too_much_is_taken_away() {
        let cache = SecretCache::new(10, LONG);
        let mut all = Vec::new();
        for key in 0..100 {
            all.push(filled(&cache, key).await);
        }
        cache.wipe_expired().await;
        assert_eq!(all.iter().filter(|place| place.get().is_some()).count(), 10);
    }

    #[tokio::test]
    async fn what_is_too_old_is_taken_away_however_often_it_is_used() {
        let cache = SecretCache::new(10, Duration::from_millis(100));
        let (place, since) = (filled(&cache, 1).await, Instant::now());
        while place.get().is_some() {
            let _used = cache.held(&1).await;
            cache.wipe_expired().await;
            tokio::task::yield_now().await;
            assert!(since.elapsed() < Duration::from_secs(20), "it is held for ever");
        }
        assert_eq!(cache.held(&1).await, None);
    }

    #[tokio::test]
    async fn one_at_a_time_has_the_turn() {
        let cache = SecretCache::<u32, u32>::new(10, LONG);
        let (turn, place) = (cache.turn(&1).await, cache.place(&1).await);
        assert!(place.turn.try_lock().is_err());
        drop(turn);
        assert!(place.turn.try_lock().is_ok());
    }

    #[tokio::test]
    async fn those_who_wait_while_a_place_is_emptied_share_the_next_load() {
        let (cache, loads) = (SecretCache::new(10, LONG), AtomicU32::new(0));
        let load = async || {
            let turn = cache.turn(&1).await;
            if turn.get().is_none() {
                loads.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                turn.keep(1);
            }
        };
        let held = cache.turn(&1).await;
        let waiting = join_all((0..100).map(|_| load()));
        let emptied = async {
            cache.clear().await;
            held.keep(1);
            drop(held);
        };
        // Those who wait are polled first.
        tokio::join!(biased; waiting, emptied);
        assert_eq!((loads.into_inner(), cache.held(&1).await), (1, Some(1)));
    }

    #[tokio::test]
    async fn a_place_that_is_closed_is_replaced_though_the_cache_still_has_it() {
        let cache = SecretCache::<u32, u32>::new(10, LONG);
        cache.place(&1).await.close();
        cache.turn(&1).await.keep(2);
        assert_eq!(cache.held(&1).await, Some(2));
    }
}
