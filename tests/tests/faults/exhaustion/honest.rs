//! Honest callers: small records, records of a mebibyte, reveals of both, each within its deadline or the test fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::task::JoinSet;

use crate::support::calls::{Records, Values};
use crate::support::eventually;
use crate::support::world::{COLLECTION, World};

/// Clients at one time.
const CLIENTS: usize = 3;
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
    served: AtomicU64,
    stopped: AtomicBool,
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
        self.shared.served.load(Ordering::Relaxed)
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
    }
}

async fn work(records: Records, number: usize, shared: Arc<Shared>) {
    let large = Values::from([("scan".to_owned(), "x".repeat(LARGE))]);
    let small = Values::from([("name".to_owned(), "Jane".to_owned())]);
    for round in 0_u64.. {
        for (kind, values) in [("small", &small), ("large", &large)] {
            let name = format!("{COLLECTION}/records/{kind}-{number}-{round}");
            let created = records.create(&name, values, "").await;
            assert!(created.is_ok(), "creating {name}: {created:?}");
            let revealed = records.reveal(&name).await;
            assert!(revealed.is_ok(), "revealing {name}: {revealed:?}");
            assert!(revealed.unwrap().values == *values);
            shared.served.fetch_add(2, Ordering::Relaxed);
            if shared.stopped.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}
