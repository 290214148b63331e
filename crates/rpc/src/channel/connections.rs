//! Connections to every address of a peer. Each is made, and made again, by a task of its own, whoever calls; a call
//! takes the one that has the least to do.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use hyper::client::conn::http2::SendRequest;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tonic::Status;

use super::body::OutgoingBody;
use super::connector::{Connected, Connector};
use crate::jitter::chance;

/// From a failed attempt to the next; twice as long after each further one, up to the longest.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A connection that breaks sooner, and on which nothing was answered, was refused: by TLS 1.3 a client has its connection before the server has looked at it.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// The log says once in so long why a peer cannot be connected to.
const UNTIL_SAID_AGAIN: Duration = Duration::from_mins(1);
/// Calls on one connection: fewer than a server takes by default.
const MAX_CALLS: usize = 200;
/// From one question for addresses to the next: if one has failed, and otherwise.
const RESOLVE_SOON: Duration = Duration::from_secs(1);
const RESOLVE_LATER: Duration = Duration::from_secs(5);

/// Gives the addresses that a peer has now.
pub type Resolve = Box<dyn Fn() -> Resolving + Send + Sync>;
/// Their coming.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// All connections to a peer.
pub(super) struct Connections {
    pub(super) connector: Connector,
    /// To each address.
    count: usize,
    resolve: Resolve,
    places: watch::Sender<Places>,
    turn: AtomicUsize,
    /// An address has failed: there may be others by now.
    failed: Notify,
    /// When the log last said why.
    said_at: Mutex<Option<Instant>>,
}

type Places = BTreeMap<PlaceId, Place>;
/// The address and which connection to it; none stands for the question for addresses.
type PlaceId = Option<(SocketAddr, usize)>;

/// The place of one connection.
enum Place {
    Connecting,
    /// In use until there is another, or closed a moment ago.
    Open(Open),
    /// Pausing before the next attempt.
    Failed,
}

/// A connection for calls.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) sender: SendRequest<OutgoingBody>,
    /// Places of calls. A call that waits here moves to another connection when this one ends; HTTP/2 would drop one that
    /// waits for the peer's leave.
    pub(super) calls: Arc<Semaphore>,
    /// Whether anything was answered on it.
    pub(super) has_answered: Arc<AtomicBool>,
}

impl Connections {
    pub(super) fn new(connector: Connector, count: usize, resolve: Resolve) -> Arc<Self> {
        let (places, turn, failed) = (watch::Sender::default(), AtomicUsize::default(), Notify::default());
        let (count, said_at) = (count.max(1), Mutex::default());
        Arc::new(Self { connector, count, resolve, places, turn, failed, said_at })
    }

    /// An open connection. Waits for one as long as there is hope.
    pub(super) async fn open(&self) -> Result<Open, Status> {
        if let Some(open) = self.least_loaded(&self.places.borrow()) {
            return Ok(open);
        }
        let mut changes = self.places.subscribe();
        let decided = |places: &Places| {
            let has_failed = !places.is_empty() && places.values().all(|place| matches!(place, Place::Failed));
            let failure = || Status::unavailable(format!("cannot connect to {}", self.connector.authority));
            self.least_loaded(places).map(Ok).or_else(|| has_failed.then(|| Err(failure())))
        };
        loop {
            if let Some(decided) = decided(&changes.borrow_and_update()) {
                return decided;
            }
            // Not closed: the sender is here.
            drop(changes.changed().await);
        }
    }

    /// Of those that have equally many calls, each in turn.
    fn least_loaded(&self, places: &Places) -> Option<Open> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let open = places.values().filter_map(|place| match place {
            Place::Open(open) if !open.sender.is_closed() => Some(open),
            _ => None,
        });
        let rank = |index: usize| index.wrapping_add(turn).checked_rem(places.len());
        open.enumerate()
            .min_by_key(|(index, open)| (Reverse(open.calls.available_permits()), rank(*index)))
            .map(|(_, open)| open.clone())
    }

    /// Keeps connections to the addresses that there are. They end, after their last calls, when it is dropped.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut kept: HashMap<SocketAddr, JoinSet<()>> = HashMap::new();
        loop {
            match timeout(self.connector.timeout, (self.resolve)()).await {
                Ok(Ok(found)) if !found.is_empty() => {
                    kept.retain(|address, _| found.contains(address));
                    let is_kept = |id: &PlaceId| id.is_some_and(|(address, _)| found.contains(&address));
                    self.places.send_modify(|places| places.retain(|id, _| is_kept(id)));
                    for address in found {
                        kept.entry(address).or_insert_with(|| self.keep_address(address));
                    }
                }
                answer => {
                    let reason = match answer {
                        Ok(Ok(_)) => "its name has no address".to_owned(),
                        Ok(Err(error)) => format!("its name has no address: {error}"),
                        Err(_elapsed) => "DNS does not answer".to_owned(),
                    };
                    self.complain(None, &reason);
                    self.set(None, Place::Failed);
                }
            }
            sleep(if kept.is_empty() { RETRY_PAUSE } else { RESOLVE_SOON }).await;
            if !kept.is_empty() {
                drop(timeout(RESOLVE_LATER, self.failed.notified()).await);
            }
        }
    }

    fn keep_address(self: &Arc<Self>, address: SocketAddr) -> JoinSet<()> {
        let ids = (0..self.count).map(|number| Some((address, number)));
        ids.map(|id| {
            self.set(id, Place::Connecting);
            Arc::clone(self).keep_one(id, address)
        })
        .collect()
    }

    /// Connects, and again when the connection has ended or is too old, when certificates have changed or ended, and after a failure.
    async fn keep_one(self: Arc<Self>, id: PlaceId, address: SocketAddr) {
        let mut generation = self.connector.tls.generation();
        let mut pause = RETRY_PAUSE;
        loop {
            let begun = Instant::now();
            generation.mark_unchanged();
            let reason = match self.connector.connect(address).await {
                Ok(Connected { sender, mut running, expires }) => {
                    let has_answered: Arc<AtomicBool> = Arc::default();
                    let calls = Arc::new(Semaphore::new(MAX_CALLS));
                    let open = Open { sender, calls: Arc::clone(&calls), has_answered: Arc::clone(&has_answered) };
                    self.set(id, Place::Open(open));
                    let opened = Instant::now();
                    let broken = tokio::select! {
                        ended = &mut running => ended.unwrap_or_else(|task| Err(task.to_string())).err(),
                        _changed = generation.changed() => None,
                        () = sleep_until(expires) => {
                            // Calls that wait for it go elsewhere.
                            self.set(id, Place::Connecting);
                            calls.close();
                            None
                        }
                    };
                    let was_in_use = has_answered.load(Ordering::Relaxed) || opened.elapsed() >= REFUSED_WITHIN;
                    match broken {
                        Some(reason) if !was_in_use => format!("it ended the connection at once: {reason}"),
                        _ => {
                            pause = RETRY_PAUSE;
                            sleep_until(begun + RETRY_PAUSE).await;
                            continue;
                        }
                    }
                }
                Err(reason) => reason,
            };
            self.complain(Some(address), &reason);
            // A connection of older certificates is not used any more either, nor one whose peer's have ended.
            self.set(id, Place::Failed);
            self.failed.notify_one();
            sleep(pause.mul_f64(0.5 + chance() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            self.set(id, Place::Connecting);
        }
    }

    /// Counts a failure, and says why; the caller is told no more than that the peer does not answer.
    fn complain(&self, address: Option<SocketAddr>, reason: &str) {
        let peer = &self.connector.authority;
        metrics::counter!("strongroom_peer_connect_failures_total", "peer" => peer.to_string()).increment(1);
        let mut said_at = self.said_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if said_at.is_none_or(|said_at| now.saturating_duration_since(said_at) >= UNTIL_SAID_AGAIN) {
            *said_at = Some(now);
            tracing::warn!(%peer, ?address, reason, "cannot connect to a peer");
        } else {
            tracing::debug!(%peer, ?address, reason, "cannot connect to a peer");
        }
    }

    fn set(&self, id: PlaceId, place: Place) {
        self.places.send_modify(|places| drop(places.insert(id, place)));
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("connector", &self.connector).finish_non_exhaustive()
    }
}
