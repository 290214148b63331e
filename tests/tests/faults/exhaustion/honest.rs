//! Honest callers: small records, records of a mebibyte, reveals of both, each within its deadline or the test fails. What was
//! refused for a moment and certainly not done is repeated in that time, as the client in `crates/client` does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tonic::Code;

use crate::support::calls::{Done, Failed, Records, Values};
use crate::support::eventually;
use crate::support::world::{COLLECTION, World};

/// Clients at one time.
const CLIENTS: usize = 3;
/// Of a call, its repetitions included.
const DEADLINE: Duration = Duration::from_secs(10);
/// Before a call that says nothing of when to come again.
const PAUSE: Duration = Duration::from_millis(100);
/// After two calls of a client, so that it leaves time for others.
const BREATH: Duration = Duration::from_millis(50);
/// Characters of a large record's value.
const LARGE: usize = 1_000_000;

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Honest {
    clients: JoinSet<()>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    answered: AtomicU64,
    repeated: AtomicU64,
    stopped: AtomicBool,
}

impl Shared {
    /// Creates a record with these values, or reveals it without, within the deadline.
    async fn served(&self, records: &Records, what: &str, values: Option<&Values>) -> Done {
        let begun = Instant::now();
        loop {
            let ended = match values {
                Some(values) => records.create(what, values, "").await,
                None => records.reveal(what).await,
            };
            match ended {
                Ok(done) if begun.elapsed() <= DEADLINE => return done,
                Err(Failed::NothingDone(why)) if why.code == Code::Unavailable && begun.elapsed() < DEADLINE => {
                    self.repeated.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(why.retry_after.unwrap_or(PAUSE)).await;
                }
                ended => panic!("{what} is not served within its deadline, but {ended:?} after {:?}", begun.elapsed()),
            }
        }
    }
}

impl Honest {
    pub(crate) async fn start(world: &World) -> Self {
        let shared = Arc::new(Shared::default());
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let records = Records::new(world.channel("honest", "vault").unwrap());
            clients.spawn(work(records, number, Arc::clone(&shared)));
        }
        let honest = Self { clients, shared };
        honest.serves(1).await;
        honest
    }

    /// Calls that were answered so far.
    pub(crate) fn served(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many calls more were answered.
    pub(crate) async fn serves(&self, more: u64) {
        let wanted = self.served() + more;
        eventually("answers to honest callers", async || (self.served() >= wanted).then_some(())).await;
    }

    /// Ends them; where one was not served, so does the test.
    pub(crate) async fn stop(self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
        let repeated = self.shared.repeated.load(Ordering::Relaxed);
        println!("{repeated} of {} honest calls were repeated", self.shared.answered.load(Ordering::Relaxed));
    }
}

async fn work(records: Records, number: usize, shared: Arc<Shared>) {
    let large = Values::from([("scan".to_owned(), "x".repeat(LARGE))]);
    let small = Values::from([("name".to_owned(), "Jane".to_owned())]);
    for round in 0_u64.. {
        for (kind, values) in [("small", &small), ("large", &large)] {
            let name = format!("{COLLECTION}/records/{kind}-{number}-{round}");
            shared.served(&records, &name, Some(values)).await;
            let revealed = shared.served(&records, &name, None).await;
            assert!(revealed.values == *values);
            shared.answered.fetch_add(2, Ordering::Relaxed);
            if shared.stopped.load(Ordering::Relaxed) {
                return;
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}
