//! Shared messages that take turns: while some are under way, what the next one will carry gathers.
//!
//! ```text
//! callers   ●  ○○○○○○○○○  ○○○○○○○○  ○○○○○○○○
//! message 1 ├──────┤            ├───────────┤    nothing is under way: begins at once, with whoever is there
//! message 2          ├────────────┤              as many wait as one message has under way: begins beside it
//! ```
//! So under load about half of the callers are in one message and half in the other, and neither the machine nor the
//! peer is idle while one of them waits. Where messages take long, or hang, others begin beside them.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Messages under way at once.
const MAX_UNDER_WAY: usize = 4;
/// How long a message is waited for before another begins beside it, however few wait: each costs as much for one caller
/// as for fifty, but where messages take long, or one hangs, nobody is to wait for it.
pub const STAGGER: Duration = Duration::from_millis(10);
/// How often everything else that is ready to run goes first before a message is closed. With none, the answers of one
/// message would come back as a message of a single call and one of the rest.
const OTHERS_FIRST: usize = 3;

/// Callers that wait to be carried by a message.
pub trait Gathering: Send {
    /// Resolves as soon as `callers` wait. May be dropped and begun anew. `false`: none waits, and none will come.
    fn wait_for(&mut self, callers: usize) -> impl Future<Output = bool> + Send;
}

/// The messages of one kind that are under way.
pub struct Turns<'a> {
    /// Each resolves to how many callers it carries.
    under_way: FuturesUnordered<BoxFuture<'a, usize>>,
    callers: usize,
    newest: Instant,
    stagger: Duration,
}

impl<'a> Turns<'a> {
    /// None is under way.
    pub fn new() -> Self {
        Self { under_way: FuturesUnordered::new(), callers: 0, newest: Instant::now(), stagger: STAGGER }
    }

    /// Resolves as soon as another message may begin and everything that was ready to run has run; `false` when nobody
    /// waits for one and nobody will. What is under way goes on meanwhile, and only meanwhile. May be dropped.
    pub async fn next(&mut self, gathering: &mut impl Gathering) -> bool {
        loop {
            let (messages, callers) = (self.under_way.len(), self.callers);
            let overdue = self.newest + self.stagger;
            let due = async {
                match messages {
                    0 => return gathering.wait_for(1).await,
                    1 => match timeout_at(overdue, gathering.wait_for(callers.max(1))).await {
                        Ok(more) => return more,
                        Err(_elapsed) => {}
                    },
                    _ => sleep_until(overdue).await,
                }
                gathering.wait_for(1).await
            };
            tokio::select! {
                biased;
                Some(callers) = self.under_way.next() => self.callers = self.callers.saturating_sub(callers),
                more = due, if messages < MAX_UNDER_WAY => {
                    // Callers that were woken together come one after the other.
                    for _ in 0..OTHERS_FIRST {
                        yield_now().await;
                    }
                    return more;
                }
            }
        }
    }

    /// Begins a message that carries so many callers.
    pub fn begin(&mut self, callers: usize, message: impl Future<Output = ()> + Send + 'a) {
        self.newest = Instant::now();
        self.callers = self.callers.saturating_add(callers);
        self.under_way.push(message.map(move |()| callers).boxed());
    }

    /// Resolves when none is under way any more.
    pub async fn finish(mut self) {
        while self.under_way.next().await.is_some() {}
    }
}

impl Default for Turns<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Turns<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").field("under_way", &self.under_way.len()).field("callers", &self.callers).finish()
    }
}

/// Callers that come through a channel.
#[derive(Debug)]
pub struct Queue<T> {
    channel: mpsc::Receiver<T>,
    waiting: VecDeque<T>,
}

impl<T> Queue<T> {
    /// What comes through `channel`.
    pub fn new(channel: mpsc::Receiver<T>) -> Self {
        Self { channel, waiting: VecDeque::new() }
    }

    /// Whoever has waited longest.
    pub fn take(&mut self) -> Option<T> {
        self.waiting.pop_front().or_else(|| self.channel.try_recv().ok())
    }
}

impl<T: Send> Gathering for Queue<T> {
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

    /// Messages of one shape: each lasts until it is let go.
    struct Fixture {
        turns: Turns<'static>,
        callers: mpsc::Sender<u32>,
        queue: Queue<u32>,
    }

    impl Fixture {
        /// No message ever takes long.
        fn new() -> Self {
            Self::with_stagger(Duration::from_hours(1))
        }

        fn with_stagger(stagger: Duration) -> Self {
            let (callers, channel) = mpsc::channel(100);
            Self { turns: Turns { stagger, ..Turns::new() }, callers, queue: Queue::new(channel) }
        }

        fn come(&self, callers: u32) {
            for caller in 0..callers {
                self.callers.try_send(caller).unwrap();
            }
        }

        /// Begins a message with all who wait.
        fn begin(&mut self) -> oneshot::Sender<()> {
            let carried = std::iter::from_fn(|| self.queue.take()).count();
            let (let_go, gone) = oneshot::channel::<()>();
            self.turns.begin(carried, async { gone.await.unwrap() });
            let_go
        }

        /// Whether another message may begin without any time passing.
        async fn may_begin(&mut self) -> bool {
            let mut next = Box::pin(self.turns.next(&mut self.queue));
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
    async fn the_first_message_begins_at_once() {
        let mut fixture = Fixture::new();
        assert!(!fixture.may_begin().await);
        fixture.come(1);
        assert!(fixture.may_begin().await);
    }

    #[tokio::test]
    async fn a_second_message_begins_when_as_many_wait_as_are_under_way() {
        let mut fixture = Fixture::new();
        fixture.come(5);
        let _under_way = fixture.begin();
        fixture.come(4);
        assert!(!fixture.may_begin().await);
        fixture.come(1);
        assert!(fixture.may_begin().await);
    }

    #[tokio::test]
    async fn a_third_message_begins_when_one_of_two_ends() {
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
    async fn beside_messages_that_take_long_others_begin_up_to_the_limit() {
        let mut fixture = Fixture::with_stagger(Duration::ZERO);
        let mut under_way = Vec::new();
        for callers in [4, 3, 2, 1] {
            fixture.come(callers);
            assert!(fixture.turns.next(&mut fixture.queue).await);
            under_way.push(fixture.begin());
        }
        assert_eq!(under_way.len(), MAX_UNDER_WAY);
        fixture.come(10);
        assert!(!fixture.may_begin().await);
    }

    #[tokio::test]
    async fn the_last_callers_are_carried_before_the_end_is_told() {
        let mut fixture = Fixture::new();
        fixture.come(2);
        let under_way = fixture.begin();
        fixture.come(1);
        let (queue, callers) = (&mut fixture.queue, fixture.callers);
        drop(callers);
        assert!(fixture.turns.next(queue).await);
        assert_eq!(queue.take(), Some(0));
        assert!(!fixture.turns.next(queue).await);
        under_way.send(()).unwrap();
        fixture.turns.finish().await;
    }
}
