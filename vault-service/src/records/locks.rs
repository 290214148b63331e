//! Updates of one record pass one after the other within a process: otherwise each of many would open and seal what only
//! one of them can write. Nothing rests on it: replicas meet at the revision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use names::RecordName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most updates of one record that have their turn or wait for it.
const MAX_LINE: usize = 64;

/// The records that are being updated, and those who wait for them; nothing of any other.
#[derive(Debug, Clone, Default)]
pub struct RecordLocks {
    lines: Arc<Mutex<HashMap<RecordName, Line>>>,
}

#[derive(Debug)]
struct Line {
    turn: Arc<Semaphore>,
    /// Who has the turn or waits for it.
    length: usize,
}

impl RecordLocks {
    /// The turn to update a record, given in the order of asking; it ends when it is dropped. None where too many wait.
    pub async fn lock(&self, name: &RecordName) -> Option<RecordLock> {
        let turn = self.with(|lines| {
            let new = || Line { turn: Arc::new(Semaphore::new(1)), length: 0 };
            let line = lines.entry(name.clone()).or_insert_with(new);
            (line.length < MAX_LINE).then(|| {
                line.length += 1;
                Arc::clone(&line.turn)
            })
        })?;
        let mut place = RecordLock { locks: self.clone(), name: name.clone(), turn, permit: None };
        // Closed: nobody waits for another any more.
        place.permit = Arc::clone(&place.turn).acquire_owned().await.ok();
        Some(place)
    }

    fn with<T>(&self, look: impl FnOnce(&mut HashMap<RecordName, Line>) -> T) -> T {
        look(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The turn to update a record, or a place in the line for it.
#[derive(Debug)]
pub struct RecordLock {
    locks: RecordLocks,
    name: RecordName,
    turn: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl RecordLock {
    /// Lets all who wait go on at once: what this turn failed of would keep each of them waiting as long.
    pub fn release_all(&self) {
        self.turn.close();
        self.of_own_line(|lines| drop(lines.remove(&self.name)));
    }

    /// Does something with the lines, if this place is still in one.
    fn of_own_line(&self, look: impl FnOnce(&mut HashMap<RecordName, Line>)) {
        self.locks.with(|lines| {
            if lines.get(&self.name).is_some_and(|line| Arc::ptr_eq(&line.turn, &self.turn)) {
                look(lines);
            }
        });
    }
}

impl Drop for RecordLock {
    fn drop(&mut self) {
        self.permit = None;
        self.of_own_line(|lines| {
            let Some(line) = lines.get_mut(&self.name) else { return };
            line.length -= 1;
            if line.length == 0 {
                lines.remove(&self.name);
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
        locks.with(|lines| lines.len())
    }

    #[test]
    fn one_record_waits_and_another_does_not() {
        let locks = RecordLocks::default();
        let (a, b) = (name("a"), name("b"));
        let held = locks.lock(&a).now_or_never().unwrap().unwrap();
        let _other = locks.lock(&b).now_or_never().unwrap().unwrap();
        let mut next = pin!(locks.lock(&a));
        assert!(next.as_mut().now_or_never().is_none());
        drop(held);
        next.now_or_never().unwrap().unwrap();
    }

    #[test]
    fn nothing_is_kept_of_a_record_that_nobody_updates() {
        let locks = RecordLocks::default();
        let a = name("a");
        let held = locks.lock(&a).now_or_never().unwrap().unwrap();
        // One who gives up leaves the line.
        assert!(locks.lock(&a).now_or_never().is_none());
        assert_eq!(kept(&locks), 1);
        drop(held);
        assert_eq!(kept(&locks), 0);
    }

    #[test]
    fn a_line_has_an_end() {
        let locks = RecordLocks::default();
        let (a, b) = (name("a"), name("b"));
        let held = locks.lock(&a).now_or_never().unwrap().unwrap();
        let mut waiting: Vec<_> = (1..MAX_LINE).map(|_| Box::pin(locks.lock(&a))).collect();
        assert!(waiting.iter_mut().all(|one| one.as_mut().now_or_never().is_none()));
        assert!(locks.lock(&a).now_or_never().unwrap().is_none(), "one more is sent away at once");
        assert!(locks.lock(&b).now_or_never().unwrap().is_some(), "and nobody else");
        drop(waiting);
        assert!(locks.lock(&a).now_or_never().is_none(), "who left makes room");
        drop(held);
        assert_eq!(kept(&locks), 0);
    }

    #[test]
    fn a_turn_that_failed_lets_all_others_go_on() {
        let locks = RecordLocks::default();
        let a = name("a");
        let held = locks.lock(&a).now_or_never().unwrap().unwrap();
        let (mut second, mut third) = (pin!(locks.lock(&a)), pin!(locks.lock(&a)));
        assert!(second.as_mut().now_or_never().is_none() && third.as_mut().now_or_never().is_none());
        held.release_all();
        // Who comes now waits for nobody of those, and the others are kept apart from who comes after.
        let fresh = locks.lock(&a).now_or_never().unwrap().unwrap();
        let both = (second.now_or_never().unwrap(), third.now_or_never().unwrap());
        drop((held, both));
        assert!(locks.lock(&a).now_or_never().is_none());
        drop(fresh);
        assert_eq!(kept(&locks), 0);
    }
}
