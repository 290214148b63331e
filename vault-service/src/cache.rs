//! A small cache with an absolute time to live, for rows that every call needs and that hardly change.
//!
//! Calls that miss the same key at once share one load. What it fails with is told to all of them and not kept; where
//! the call that loads goes away, another one loads.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache as Moka;

use crate::error::Error;

/// Most entries; beyond that those go that are used least.
const MAX_ENTRIES: u64 = 10_000;

/// Values by key, each for at most the time to live.
pub struct Cache<K, V> {
    held: Moka<K, Held<V>>,
    time_to_live: TimeToLive,
}

/// A value, and the moment before its load began.
struct Held<V> {
    value: Arc<V>,
    since: Instant,
}

/// Counted from before the load, however often the value is used.
#[derive(Debug, Clone, Copy)]
struct TimeToLive(Duration);

impl<V> Clone for Held<V> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), since: self.since }
    }
}

impl<K, V> Expiry<K, Held<V>> for TimeToLive {
    fn expire_after_create(&self, _key: &K, held: &Held<V>, created_at: Instant) -> Option<Duration> {
        Some(self.0.saturating_sub(created_at.saturating_duration_since(held.since)))
    }
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// An empty cache.
    pub fn new(time_to_live: Duration) -> Self {
        let time_to_live = TimeToLive(time_to_live);
        Self { held: Moka::builder().max_capacity(MAX_ENTRIES).expire_after(time_to_live).build(), time_to_live }
    }

    /// The value, if it is there and not too old.
    pub async fn get(&self, key: &K) -> Option<Arc<V>> {
        self.held.get(key).await.map(|held| held.value)
    }

    /// The value; loaded if it is not there.
    pub async fn get_or_load<F>(&self, key: &K, load: impl Fn() -> F) -> Result<Arc<V>, Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        let asked = Instant::now();
        loop {
            let loading = async {
                let since = Instant::now();
                Ok(Held { value: Arc::new(load().await?), since })
            };
            let held = self.held.try_get_with_by_ref(key, loading).await;
            let held = held.map_err(|error: Arc<Error>| Error::clone(&error))?;
            // A load that was slow may have begun too long before this call; the next one begins after it.
            if asked.saturating_duration_since(held.since) <= self.time_to_live.0 {
                return Ok(held.value);
            }
        }
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
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::future::join_all;
    use tokio::sync::Semaphore;

    const LONG: Duration = Duration::from_hours(1);

    /// Loads the number of the load, once it may.
    struct Source {
        loads: AtomicU64,
        gate: Semaphore,
    }

    impl Source {
        fn new(permits: usize) -> Self {
            Self { loads: AtomicU64::new(0), gate: Semaphore::new(permits) }
        }

        async fn load(&self) -> Result<u64, Error> {
            let load = self.loads.fetch_add(1, Ordering::Relaxed) + 1;
            self.gate.acquire().await.unwrap().forget();
            if load == 13 { Err(Error::Busy) } else { Ok(load) }
        }

        fn loads(&self) -> u64 {
            self.loads.load(Ordering::Relaxed)
        }
    }

    async fn loaded(cache: &Cache<u64, u64>, source: &Source) -> u64 {
        *cache.get_or_load(&1, || source.load()).await.unwrap()
    }

    #[tokio::test]
    async fn calls_that_miss_at_once_share_one_load() {
        let (cache, source) = (Cache::new(LONG), Source::new(0));
        let calls = join_all((0..100).map(|_| loaded(&cache, &source)));
        let (values, ()) = tokio::join!(calls, async { source.gate.add_permits(100) });
        assert_eq!((values, source.loads()), (vec![1; 100], 1));
        assert_eq!((loaded(&cache, &source).await, cache.get(&1).await.as_deref()), (1, Some(&1)));
    }

    #[tokio::test]
    async fn an_error_is_told_to_all_who_waited_and_not_kept() {
        let (cache, source) = (Cache::<u64, u64>::new(LONG), Source::new(0));
        source.loads.store(12, Ordering::Relaxed);
        let calls = join_all((0..9).map(|_| cache.get_or_load(&1, || source.load())));
        let (answers, ()) = tokio::join!(calls, async { source.gate.add_permits(100) });
        assert!(answers.iter().all(|answer| matches!(answer, Err(Error::Busy))));
        assert_eq!((source.loads(), cache.get(&1).await), (13, None));
        assert_eq!(loaded(&cache, &source).await, 14);
    }

    #[tokio::test]
    async fn where_the_call_that_loads_goes_away_another_one_loads() {
        let (cache, source) = (Cache::new(LONG), Source::new(0));
        let mut leaver = Box::pin(loaded(&cache, &source));
        assert!(futures::poll!(&mut leaver).is_pending());
        let mut stayer = Box::pin(loaded(&cache, &source));
        assert!(futures::poll!(&mut stayer).is_pending());
        assert_eq!(source.loads(), 1);
        drop(leaver);
        source.gate.add_permits(1);
        assert_eq!(stayer.await, 2);
    }

    #[tokio::test]
    async fn a_value_is_gone_after_its_time_however_often_it_is_read() {
        let (cache, source) = (Cache::new(Duration::from_millis(20)), Source::new(100));
        let begun = Instant::now();
        while loaded(&cache, &source).await == 1 {
            assert!(begun.elapsed() < Duration::from_secs(30), "it lives for ever");
        }
    }

    #[test]
    fn the_time_counts_from_before_the_load() {
        let minute = TimeToLive(Duration::from_mins(1));
        let since = Instant::now();
        let left = |loaded| {
            let held = Held { value: Arc::new(()), since };
            minute.expire_after_create(&(), &held, since + Duration::from_secs(loaded))
        };
        assert_eq!([0, 20, 61].map(left), [60, 40, 0].map(|seconds| Some(Duration::from_secs(seconds))));
    }

    #[tokio::test]
    async fn a_call_takes_no_value_that_was_too_old_when_it_came() {
        let (cache, source) = (Cache::new(Duration::from_millis(1)), Source::new(0));
        let mut early = Box::pin(loaded(&cache, &source));
        assert!(futures::poll!(&mut early).is_pending());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(2) {
            tokio::task::yield_now().await;
        }
        let mut late = Box::pin(loaded(&cache, &source));
        assert!(futures::poll!(&mut late).is_pending());
        source.gate.add_permits(2);
        assert_eq!((early.await, late.await), (1, 2));
    }

    #[tokio::test]
    async fn the_number_of_entries_is_bounded_and_most_of_them_stay() {
        let cache = Cache::new(LONG);
        for number in 0..MAX_ENTRIES + 100 {
            cache.get_or_load(&number, || async { Ok(number) }).await.unwrap();
        }
        cache.held.run_pending_tasks().await;
        let count = cache.held.entry_count();
        assert!(count <= MAX_ENTRIES && count > MAX_ENTRIES / 2, "{count}");
    }
}
