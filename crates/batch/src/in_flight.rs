//! Batches that are in flight: while some are, what the next one will take waits.
//!
//! ```text
//! callers   ●  ○○○○○○○○○  ○○○○○○○○  ○○○○○○○○
//! batch 1   ├──────┤            ├───────────┤    nothing is in flight: begins at once, with whoever is there
//! batch 2            ├────────────┤              as many wait as one batch has taken: begins beside it
//! ```
//! So under load about half of the callers are in one batch and half in the other, and neither the machine nor the
//! peer is idle while one of them waits. If batches take long, or hang, others begin beside them.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Batches in flight at once.
const MAX_IN_FLIGHT: usize = 4;
/// How long a batch is waited for before another begins beside it, however few wait: each costs as much for one caller
/// as for fifty, but if batches take long, or one hangs, nobody is to wait for it.
pub(crate) const STAGGER: Duration = Duration::from_millis(10);
/// How often everything else that is ready to run goes first before a batch is closed. With none, the callers of one batch
/// would come back as a batch of a single call and one of the rest.
const OTHERS_FIRST: usize = 3;

/// Callers that wait for a batch to take them.
pub trait Waiting: Send {
    /// Resolves as soon as `callers` wait. May be dropped and begun anew. `false`: none waits, and none will come.
    fn wait_for(&mut self, callers: usize) -> impl Future<Output = bool> + Send;
}

/// The batches of one kind that are in flight.
pub struct InFlight<'a> {
    /// Each resolves to how many callers it has taken.
    batches: FuturesUnordered<BoxFuture<'a, usize>>,
    callers: usize,
    newest: Instant,
    stagger: Duration,
}

impl<'a> InFlight<'a> {
    /// None is in flight.
    pub fn new() -> Self {
        Self { batches: FuturesUnordered::new(), callers: 0, newest: Instant::now(), stagger: STAGGER }
    }

    /// Resolves as soon as another batch may begin and everything that was ready to run has run; `false` when nobody
    /// waits for one and nobody will. What is in flight goes on meanwhile, and only meanwhile. May be dropped.
    pub async fn next(&mut self, waiting: &mut impl Waiting) -> bool {
        loop {
            let (batches, callers) = (self.batches.len(), self.callers);
            let overdue = self.newest + self.stagger;
            let due = async {
                match batches {
                    0 => return waiting.wait_for(1).await,
                    1 => match timeout_at(overdue, waiting.wait_for(callers.max(1))).await {
                        Ok(more) => return more,
                        Err(_elapsed) => {}
                    },
                    _ => sleep_until(overdue).await,
                }
                waiting.wait_for(1).await
            };
            tokio::select! {
                biased;
                Some(callers) = self.batches.next() => self.callers = self.callers.saturating_sub(callers),
                more = due, if batches < MAX_IN_FLIGHT => {
                    // Callers that were woken together come one after the other.
                    for _ in 0..OTHERS_FIRST {
                        yield_now().await;
                    }
                    return more;
                }
            }
        }
    }

    /// Begins a batch that has taken so many callers.
    pub fn begin(&mut self, callers: usize, batch: impl Future<Output = ()> + Send + 'a) {
        self.newest = Instant::now();
        self.callers = self.callers.saturating_add(callers);
        self.batches.push(batch.map(move |()| callers).boxed());
    }

    /// Resolves when none is in flight any more.
    pub async fn finish(mut self) {
        while self.batches.next().await.is_some() {}
    }
}

impl Default for InFlight<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for InFlight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("batches", &self.batches.len()).field("callers", &self.callers).finish()
    }
}

/// Callers that come through a channel.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    channel: mpsc::Receiver<T>,
    waiting: VecDeque<T>,
}

impl<T> Queue<T> {
    /// What comes through `channel`.
    pub(crate) fn new(channel: mpsc::Receiver<T>) -> Self {
        Self { channel, waiting: VecDeque::new() }
    }

    /// Whoever has waited longest.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.waiting.pop_front().or_else(|| self.channel.try_recv().ok())
    }
}

impl<T: Send> Waiting for Queue<T> {
    async fn wait_for(&mut self, callers: usize) -> bool {
        while self.waiting.len() < callers {
            match self.channel.recv().await {
                Some(caller) => self.waiting.push_back(caller),
                None => break,
            }
        }
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// Batches of one shape: each lasts until it is let go.
    struct Fixture {
        in_flight: InFlight<'static>,
        callers: mpsc::Sender<u32>,
        queue: Queue<u32>,
    }

    impl Fixture {
        /// No batch ever takes long.
        fn new() -> Self {
            Self::with_stagger(Duration::from_hours(1))
        }

        fn with_stagger(stagger: Duration) -> Self {
            let (callers, channel) = mpsc::channel(100);
            Self { in_flight: InFlight { stagger, ..InFlight::new() }, callers, queue: Queue::new(channel) }
        }

        fn come(&self, callers: u32) {
            for caller in 0..callers {
                self.callers.try_send(caller).unwrap();
            }
        }

        /// Begins a batch with all who wait.
        fn begin(&mut self) -> oneshot::Sender<()> {
            let taken = std::iter::from_fn(|| self.queue.take()).count();
            let (let_go, gone) = oneshot::channel::<()>();
            self.in_flight.begin(taken, async { gone.await.unwrap() });
            let_go
        }

        /// Whether another batch may begin without any time passing.
        async fn may_begin(&mut self) -> bool {
            let mut next = Box::pin(self.in_flight.next(&mut self.queue));
            for _ in 0..20 {
                if futures::poll!(next.as_mut()).is_ready() {
                    return true;
                }
                yield_now().await;
            }
            false
        }
    }

    #[tokio::test]
    async fn the_first_batch_begins_at_once() {
        let mut fixture = Fixture::new();
        assert!(!fixture.may_begin().await);
        fixture.come(1);
        assert!(fixture.may_begin().await);
    }

    #[tokio::test]
    async fn a_second_batch_begins_when_as_many_wait_as_are_in_flight() {
        let mut fixture = Fixture::new();
        fixture.come(5);
        let _in_flight = fixture.begin();
        fixture.come(4);
        assert!(!fixture.may_begin().await);
        fixture.come(1);
        assert!(fixture.may_begin().await);
    }

    #[tokio::test]
    async fn a_third_batch_begins_when_one_of_two_ends() {
        let mut fixture = Fixture::new();
        fixture.come(1);
        let first = fixture.begin();
        fixture.come(1);
        let _second = fixture.begin();
        fixture.come(1);
        assert!(!fixture.may_begin().await);
        first.send(()).unwrap();
        assert!(fixture.may_begin().await);
    }

    #[tokio::test]
    async fn beside_batches_that_take_long_others_begin_up_to_the_limit() {
        let mut fixture = Fixture::with_stagger(Duration::ZERO);
        let mut in_flight = Vec::new();
        for callers in [4, 3, 2, 1] {
            fixture.come(callers);
            assert!(fixture.in_flight.next(&mut fixture.queue).await);
            in_flight.push(fixture.begin());
        }
        assert_eq!(in_flight.len(), MAX_IN_FLIGHT);
        fixture.come(10);
        assert!(!fixture.may_begin().await);
    }

    #[tokio::test]
    async fn the_last_callers_are_taken_before_the_end_is_told() {
        let mut fixture = Fixture::new();
        fixture.come(2);
        let in_flight = fixture.begin();
        fixture.come(1);
        let (queue, callers) = (&mut fixture.queue, fixture.callers);
        drop(callers);
        assert!(fixture.in_flight.next(queue).await);
        assert_eq!(queue.take(), Some(0));
        assert!(!fixture.in_flight.next(queue).await);
        in_flight.send(()).unwrap();
        fixture.in_flight.finish().await;
    }
}
