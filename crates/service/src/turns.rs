//! Shared messages that take turns: while one is under way, what the next one will carry gathers.

use std::pin::{Pin, pin};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// Messages under way at once.
const MAX_UNDER_WAY: usize = 4;
/// How long a message is waited for before another begins beside it: each costs as much for one caller as for fifty, but
/// where messages take long, or one hangs, nobody is to wait for it.
pub const STAGGER: Duration = Duration::from_millis(5);
/// How often everything else that is ready to run goes first before a message is closed. With none, the answers of one
/// message would come back as a message of a single call and one of the rest.
const OTHERS_FIRST: usize = 3;

/// The messages of one kind that are under way.
#[derive(Debug)]
pub struct Turns<F> {
    under_way: FuturesUnordered<F>,
    newest: Instant,
}

impl<F: Future<Output = ()>> Turns<F> {
    /// None is under way.
    pub fn new() -> Self {
        Self { under_way: FuturesUnordered::new(), newest: Instant::now() }
    }

    /// What `gathered` resolves to, as soon as another message may begin and everything that was ready to run has run.
    /// What is under way goes on meanwhile, and only meanwhile. If this is dropped, `gathered` is with it, and what is
    /// under way stays.
    pub async fn next<T>(&mut self, gathered: impl Future<Output = T>) -> T {
        let mut gathered = pin!(gathered);
        loop {
            let turn = (!self.under_way.is_empty()).then(|| self.newest + STAGGER);
            tokio::select! {
                biased;
                Some(()) = self.under_way.next() => {}
                first = after(turn, gathered.as_mut()), if self.under_way.len() < MAX_UNDER_WAY => {
                    // Calls that were woken together come one after the other.
                    for _ in 0..OTHERS_FIRST {
                        yield_now().await;
                    }
                    return first;
                }
            }
        }
    }

    /// Begins a message.
    pub fn begin(&mut self, message: F) {
        self.newest = Instant::now();
        self.under_way.push(message);
    }

    /// Resolves when none is under way any more.
    pub async fn finish(mut self) {
        while self.under_way.next().await.is_some() {}
    }
}

impl<F: Future<Output = ()>> Default for Turns<F> {
    fn default() -> Self {
        Self::new()
    }
}

async fn after<T>(turn: Option<Instant>, gathered: Pin<&mut impl Future<Output = T>>) -> T {
    if let Some(turn) = turn {
        sleep_until(turn).await;
    }
    gathered.await
}
