//! Updates of one record pass one after the other within a process: otherwise each of many would open and seal what only
//! one of them can write. Nothing rests on it: replicas meet at the revision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use names::RecordName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The records that are being updated, and those who wait for them; nothing of any other.
#[derive(Debug, Clone, Default)]
pub struct RecordLocks {
    locks: Arc<Mutex<HashMap<RecordName, Arc<Semaphore>>>>,
}

impl RecordLocks {
    /// The turn to update a record, given in the order of asking; it ends when it is dropped.
    pub async fn lock(&self, name: &RecordName) -> RecordLock {
        let one = || Arc::new(Semaphore::new(1));
        let lock = self.with(|locks| Arc::clone(locks.entry(name.clone()).or_insert_with(one)));
        let mut place = RecordLock { locks: self.clone(), name: name.clone(), lock: Arc::clone(&lock), permit: None };
        // Closed: nobody waits for another any more.
        place.permit = lock.acquire_owned().await.ok();
        place
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<RecordName, Arc<Semaphore>>) -> T) -> T {
        look(&mut self.locks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The turn to update a record, or a place in the line for it.
#[derive(Debug)]
pub struct RecordLock {
    locks: RecordLocks,
    name: RecordName,
    lock: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl RecordLock {
    /// Lets all who wait go on at once: what this turn failed of would keep each of them waiting as long.
    pub fn release_all(&self) {
        self.lock.close();
        self.locks.with(|locks| {
            if locks.get(&self.name).is_some_and(|lock| Arc::ptr_eq(lock, &self.lock)) {
                locks.remove(&self.name);
            }
        });
    }
}

impl Drop for RecordLock {
    fn drop(&mut self) {
        self.permit = None;
        self.locks.with(|locks| {
            // The map's and this one: whoever waits has one more, and nobody new comes to it meanwhile.
            let is_last = |lock: &Arc<Semaphore>| Arc::ptr_eq(lock, &self.lock) && Arc::strong_count(lock) == 2;
            if locks.get(&self.name).is_some_and(is_last) {
                locks.remove(&self.name);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::future::FutureExt as _;

    use super::*;

    fn name(id: &str) -> RecordName {
        format!("tenants/t/collections/c/records/{id}").parse().unwrap()
    }

    fn kept(locks: &RecordLocks) -> usize {
        locks.with(|locks| locks.len())
    }

    #[test]
    fn one_record_waits_and_another_does_not() {
        let locks = RecordLocks::default();
        let (a, b) = (name("a"), name("b"));
        let held = locks.lock(&a).now_or_never().unwrap();
        let _other = locks.lock(&b).now_or_never().unwrap();
        let mut next = pin!(locks.lock(&a));
        assert!(next.as_mut().now_or_never().is_none());
        drop(held);
        next.now_or_never().unwrap();
    }

    #[test]
    fn nothing_is_kept_of_a_record_that_nobody_updates() {
        let locks = RecordLocks::default();
        let a = name("a");
        let held = locks.lock(&a).now_or_never().unwrap();
        // One who gives up leaves the line.
        assert!(locks.lock(&a).now_or_never().is_none());
        assert_eq!(kept(&locks), 1);
        drop(held);
        assert_eq!(kept(&locks), 0);
    }

    #[test]
    fn a_turn_that_failed_lets_all_others_go_on() {
        let locks = RecordLocks::default();
        let a = name("a");
        let held = locks.lock(&a).now_or_never().unwrap();
        let (mut second, mut third) = (pin!(locks.lock(&a)), pin!(locks.lock(&a)));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        held.release_all();
        // Who comes now waits for nobody of those, and the others are kept apart from who comes after.
        let fresh = locks.lock(&a).now_or_never().unwrap();
        let both = (second.now_or_never().unwrap(), third.now_or_never().unwrap());
        drop((held, both));
        assert!(locks.lock(&a).now_or_never().is_none());
        drop(fresh);
        assert_eq!(kept(&locks), 0);
    }
}
