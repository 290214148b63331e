//! Clients that create, reveal, update and delete records, each its own, until they are stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tonic::Code;

use super::calls::{Failed, Records, Values};
use super::eventually;
use super::ledger::{CREATE, DELETE, Ledger, State, UPDATE};
use super::random::Random;
use super::world::COLLECTION;

/// Pause of a client whose call failed.
const PAUSE: Duration = Duration::from_millis(20);

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Load {
    clients: JoinSet<Ledger>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    answered: AtomicU64,
    stopped: AtomicBool,
}

/// One client.
#[derive(Debug)]
struct Client {
    name: String,
    records: Records,
    random: Random,
    ledger: Ledger,
    /// Names of records that are there, as far as is known.
    live: Vec<String>,
    made: u64,
    shared: Arc<Shared>,
}

/// What a write builds upon.
struct Base {
    revision: i64,
    etag: String,
    values: Values,
}

impl Load {
    /// Starts a client for each of these; `prefix` begins the ids of their records.
    pub(crate) fn start(prefix: &str, channels: impl IntoIterator<Item = Records>, random: &mut Random) -> Self {
        let shared = Arc::new(Shared::default());
        let mut clients = JoinSet::new();
        for (number, records) in channels.into_iter().enumerate() {
            let client = Client {
                name: format!("{prefix}{number}"),
                records,
                random: random.fork(),
                ledger: Ledger::default(),
                live: Vec::new(),
                made: 0,
                shared: Arc::clone(&shared),
            };
            clients.spawn(client.run());
        }
        Self { clients, shared }
    }

    /// Calls answered so far.
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more calls were answered.
    pub(crate) async fn answers(&self, more: u64) {
        let wanted = self.answered() + more;
        eventually("answers to the load", async || (self.answered() >= wanted).then_some(())).await;
    }

    /// Lets each client end what it does; what they know.
    pub(crate) async fn stop(self) -> Ledger {
        self.shared.stopped.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::default();
        for of_one in self.clients.join_all().await {
            ledger.merge(of_one);
        }
        ledger
    }
}

impl Client {
    async fn run(mut self) -> Ledger {
        while !self.is_stopped() {
            self.step().await;
        }
        self.ledger
    }

    fn is_stopped(&self) -> bool {
        self.shared.stopped.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.shared.answered.fetch_add(1, Ordering::Relaxed);
    }

    async fn step(&mut self) {
        let chance = self.random.below(100);
        if self.live.is_empty() || chance < 30 {
            return self.create().await;
        }
        let name = self.random.pick(&self.live).clone();
        match chance {
            30..60 => self.reveal(&name).await,
            60..90 => self.update(&name).await,
            _ => self.delete(&name).await,
        }
    }

    fn values(&mut self) -> Values {
        let ssn = self.random.below(1_000_000_000);
        let note = format!("{:016x}{:016x}", self.random.number(), self.random.number());
        let name = format!("patient {} of {}", self.made, self.name);
        Values::from([("name".into(), name), ("ssn".into(), format!("{ssn:09}")), ("note".into(), note)])
    }

    /// Tries until it is known what became of it: the request id makes that safe.
    async fn create(&mut self) {
        self.made += 1;
        let name = format!("{COLLECTION}/records/{}-{}", self.name, self.made);
        let values = self.values();
        let created = State::Present(1, values.clone());
        let request_id = clock::uuid_v7(&clock::SystemClock).to_string();
        self.ledger.may_be(&name, State::Absent);
        loop {
            match self.records.create(&name, &values, &request_id).await {
                Ok(done) => {
                    self.ledger.written(CREATE, &name, &done, created);
                    self.live.push(name);
                    return self.count();
                }
                Err(failed) if self.ledger.failed(&failed) => {
                    if matches!(failed, Failed::Unknown(_)) {
                        self.ledger.may_be(&name, created.clone());
                    }
                }
                Err(failed) => return self.ledger.surprise(CREATE, &name, &failed),
            }
            if self.is_stopped() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What is there now; nothing where that could not be learnt.
    async fn reveal_now(&mut self, name: &str) -> Option<Base> {
        match self.records.reveal(name).await {
            Ok(done) => {
                self.ledger.revealed(name, &done);
                self.count();
                Some(Base { revision: done.revision, etag: done.etag, values: done.values })
            }
            Err(failed) => {
                self.not_answered("reveal", name, &failed).await;
                None
            }
        }
    }

    async fn reveal(&mut self, name: &str) {
        self.reveal_now(name).await;
    }

    async fn update(&mut self, name: &str) {
        let Some(base) = self.reveal_now(name).await else { return };
        let mut values = self.values();
        let answer = if self.random.below(2) == 0 {
            let note = values.remove("note").unwrap();
            values = base.values;
            values.insert("note".into(), note.clone());
            self.records.set(name, &base.etag, "note", &note).await
        } else {
            self.records.replace(name, &base.etag, &values).await
        };
        let updated = State::Present(base.revision + 1, values);
        match answer {
            Ok(done) => {
                self.ledger.written(UPDATE, name, &done, updated);
                self.count();
            }
            Err(failed) => {
                if matches!(failed, Failed::Unknown(_)) {
                    self.ledger.may_be(name, updated);
                }
                self.not_answered(UPDATE, name, &failed).await;
            }
        }
    }

    async fn delete(&mut self, name: &str) {
        let Some(base) = self.reveal_now(name).await else { return };
        match self.records.delete(name, &base.etag).await {
            Ok(mut done) => {
                done.revision = base.revision;
                self.ledger.written(DELETE, name, &done, State::Absent);
                self.live.retain(|live| live != name);
                self.count();
            }
            Err(failed) => {
                if matches!(failed, Failed::Unknown(_)) {
                    self.ledger.may_be(name, State::Absent);
                }
                self.not_answered(DELETE, name, &failed).await;
            }
        }
    }

    /// Takes note of a failure. An earlier write of unknown outcome may show as a stale etag or a missing record.
    async fn not_answered(&mut self, what: &str, name: &str, failed: &Failed) {
        if self.ledger.failed(failed) {
            tokio::time::sleep(PAUSE).await;
            return;
        }
        let is_open = self.ledger.certain(name).is_none();
        match failed.summary() {
            (Code::NotFound, _) if is_open => {
                self.ledger.saw(name, &State::Absent);
                self.live.retain(|live| live != name);
            }
            (Code::Aborted, "ETAG_MISMATCH") if is_open => {}
            _ => self.ledger.surprise(what, name, failed),
        }
    }
}
