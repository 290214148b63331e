//! Places at the database: as many calls as there may be connections use it at once, fewer while PostgreSQL refuses some.
//!
//! ```text
//! calls ─▶ 16 places ─▶ a connection that is idle, or a new one ── refused (53300) ─▶ the place is taken away,
//!              ▲                                                                      its call waits for another
//!              └── one more each second while calls wait, the next at once where a connection was had for it
//! ```
//! So calls wait for the connections that are there instead of failing for want of one more, and a limit that is raised is
//! used soon. The last place is never taken away: whoever has it tries again.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout_at};

/// How long no further connection is asked for after one was refused.
const UNTIL_ONE_MORE: Duration = Duration::from_secs(1);
/// How long whoever has the last place waits before it asks again.
const UNTIL_AGAIN: Duration = Duration::from_millis(100);
/// The reason is logged once in so long.
const UNTIL_SAID_AGAIN: Duration = Duration::from_mins(1);

/// The right to use a connection, or to ask for a new one.
#[derive(Debug)]
pub(crate) struct Place {
    permit: OwnedSemaphorePermit,
}

/// The places of a pool.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    all: usize,
    until_one_more: Duration,
    missing: Mutex<Missing>,
}

/// What was taken away.
#[derive(Debug)]
struct Missing {
    places: usize,
    one_more_at: Instant,
    said_at: Option<Instant>,
}

impl Places {
    pub(crate) fn new(all: usize) -> Self {
        let missing = Missing { places: 0, one_more_at: Instant::now(), said_at: None };
        Self { free: Arc::new(Semaphore::new(all)), all, until_one_more: UNTIL_ONE_MORE, missing: Mutex::new(missing) }
    }

    /// Waits for a place, first come, first served.
    pub(crate) async fn take(&self) -> Result<Place, AcquireError> {
        let mut permit = pin!(Arc::clone(&self.free).acquire_owned());
        loop {
            let next_due = self.add_one_if_due();
            // A call keeps its turn while it looks whether one more is due.
            if let Ok(permit) = timeout_at(next_due, &mut permit).await {
                return Ok(Place { permit: permit? });
            }
        }
    }

    /// The holder of `place` was refused a connection, with `reason`: resolves when it may queue again.
    pub(crate) async fn refused(&self, place: Place, reason: &str) {
        let is_last = {
            let mut missing = self.missing();
            missing.one_more_at = Instant::now() + self.until_one_more;
            self.say(&mut missing, reason);
            let is_last = missing.places.saturating_add(1) >= self.all;
            missing.places = if is_last { missing.places } else { missing.places.saturating_add(1) };
            is_last
        };
        if is_last {
            sleep(UNTIL_AGAIN).await;
        } else {
            place.permit.forget();
        }
    }

    /// A new connection was had: there may be room for more.
    pub(crate) fn admitted(&self) {
        self.missing().one_more_at = Instant::now();
        self.add_one_if_due();
    }

    /// Adds one if it is due, and says when the next may be.
    fn add_one_if_due(&self) -> Instant {
        let mut missing = self.missing();
        let now = Instant::now();
        if let Some(fewer) = missing.places.checked_sub(1)
            && now >= missing.one_more_at
            && self.free.available_permits() == 0
        {
            missing.places = fewer;
            missing.one_more_at = now + self.until_one_more;
            self.free.add_permits(1);
        }
        if missing.one_more_at > now { missing.one_more_at } else { now + self.until_one_more }
    }

    fn say(&self, missing: &mut Missing, reason: &str) {
        metrics::counter!("db_connections_refused_total").increment(1);
        let now = Instant::now();
        if missing.said_at.is_some_and(|said_at| now < said_at + UNTIL_SAID_AGAIN) {
            return;
        }
        missing.said_at = Some(now);
        tracing::warn!(
            sqlstate = "53300",
            reason,
            wanted = self.all,
            "PostgreSQL refuses further connections, so calls wait for those that are there: raise the role's or the \
             database's CONNECTION LIMIT or max_connections of the server, or lower database.max_connections"
        );
    }

    fn missing(&self) -> MutexGuard<'_, Missing> {
        // A panic elsewhere leaves numbers behind, as always.
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const REASON: &str = "too many connections for role";

    async fn taken(places: &Places, count: usize) -> Vec<Place> {
        let mut taken = Vec::new();
        for _ in 0..count {
            taken.push(places.take().await.unwrap());
        }
        taken
    }

    fn has_one(places: &Places) -> bool {
        places.take().now_or_never().is_some()
    }

    #[tokio::test]
    async fn a_refused_place_is_missing_until_there_is_room_for_one_more() {
        let places = Places { until_one_more: Duration::from_hours(1), ..Places::new(3) };
        let mut three = taken(&places, 3).await;
        places.refused(three.pop().unwrap(), REASON).await;
        places.refused(three.pop().unwrap(), REASON).await;
        assert!(!has_one(&places), "a refused place is still there");
        places.admitted();
        let second = taken(&places, 1).await;
        assert!(!has_one(&places), "more than one came back");
        places.admitted();
        let third = taken(&places, 1).await;
        drop((three, second, third));
        let _all = taken(&places, 3).await;
        assert!(!has_one(&places), "more than there were");
    }

    #[tokio::test]
    async fn one_more_is_tried_after_a_while_also_where_none_was_had() {
        let places = Places { until_one_more: Duration::ZERO, ..Places::new(2) };
        let mut two = taken(&places, 2).await;
        places.refused(two.pop().unwrap(), REASON).await;
        assert!(has_one(&places));
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_wait_have_one_more_after_a_while_in_their_order() {
        let places = Places { until_one_more: Duration::from_millis(100), ..Places::new(3) };
        let mut three = taken(&places, 3).await;
        let waiting = async {
            let (mut first, mut second) = (pin!(places.take()), pin!(places.take()));
            assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
            // They wait already when two go away.
            places.refused(three.pop().unwrap(), REASON).await;
            places.refused(three.pop().unwrap(), REASON).await;
            let begun = Instant::now();
            let one = first.await.unwrap();
            assert!(begun.elapsed() >= places.until_one_more, "before it was due");
            assert!(second.as_mut().now_or_never().is_none(), "both at once");
            let both = (one, second.await.unwrap());
            assert!(begun.elapsed() >= places.until_one_more * 2, "the second before it was due");
            both
        };
        timeout_at(Instant::now() + Duration::from_secs(10), waiting).await.unwrap();
    }

    #[tokio::test]
    async fn the_last_place_is_kept_and_tries_again_after_a_while() {
        let places = Places::new(1);
        let before = Instant::now();
        places.refused(places.take().await.unwrap(), REASON).await;
        assert!(before.elapsed() >= UNTIL_AGAIN);
        assert!(has_one(&places));
    }
}
