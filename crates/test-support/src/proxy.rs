//! A TCP proxy that breaks connections on demand.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The end of a transaction, as PostgreSQL's protocol has it; a begin may say READ COMMITTED.
const COMMIT: &str = "COMMIT\0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Connections lead to this address.
    To(SocketAddr),
    /// Connections are closed at once.
    Refuse,
    /// Connections are taken and nothing moves on them.
    Hang,
}

/// Whether an answer that will be lost is held back, so that others may act before its caller knows of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// It is lost at once.
    No,
    /// The next one will be.
    Next,
    /// It is here.
    Held,
}

/// A request: the next that holds `ends` on a connection that `begins` went over, both at once or one after the other.
#[derive(Debug)]
struct Marked {
    begins: Vec<u8>,
    ends: Vec<u8>,
}

/// What is to be lost.
#[derive(Debug)]
struct Losses {
    /// The request whose answer is lost, with its connection.
    request: Mutex<Option<Marked>>,
    /// Bytes that came back.
    answered: AtomicU64,
    /// How often the connections that were there have been forgotten.
    forgotten: AtomicU64,
    hold: watch::Sender<Hold>,
}

/// Passes on what comes to it, until it is told otherwise. Its connections end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    /// Changes when the connections that there are fall silent.
    silence: watch::Sender<()>,
    losses: Arc<Losses>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// A proxy that leads to `target`.
    pub async fn to(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mode = watch::Sender::new(Mode::To(target));
        let losses = Arc::new(Losses {
            request: Mutex::default(),
            answered: AtomicU64::new(0),
            forgotten: AtomicU64::new(0),
            hold: watch::Sender::new(Hold::No),
        });
        let silence = watch::Sender::new(());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, mode.clone(), silence.clone(), Arc::clone(&losses)));
        Ok(Self { address, mode, silence, losses, _tasks: tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads to another address; the connections that there are break.
    pub fn lead_to(&self, target: SocketAddr) {
        self.mode.send_replace(Mode::To(target));
    }

    /// Breaks the connections that there are, and takes no more.
    pub fn refuse(&self) {
        self.mode.send_replace(Mode::Refuse);
    }

    /// Nothing moves any more on the connections that there are, and nobody is ever told; new ones are led on. A machine that lost
    /// its power is like that, and another one in its place.
    pub fn silence(&self) {
        self.silence.send_replace(());
    }

    /// Each of the connections that there are breaks when its client says something; new ones are led on. So it is where another machine
    /// has the address and knows nothing of them.
    pub fn forget(&self) {
        self.losses.forgotten.fetch_add(1, Ordering::Relaxed);
    }

    /// Breaks the connections that there are; on new ones nothing moves.
    pub fn hang(&self) {
        self.mode.send_replace(Mode::Hang);
    }

    /// The next request that holds `marker` is passed on, but its answer is lost together with the connection.
    pub fn lose_answer_to(&self, marker: &str) {
        self.lose(marker, marker);
    }

    /// The next COMMIT of a transaction that sends `marker` is passed on, but its answer is lost together with the connection.
    pub fn lose_commit_of(&self, marker: &str) {
        self.lose(marker, COMMIT);
    }

    /// As [`Self::lose_answer_to`]; before the caller notices, `meanwhile` happens, once there is an answer to lose.
    pub async fn lose_answer_after(&self, marker: &str, meanwhile: impl Future<Output = ()>) {
        self.lose_after(marker, marker, meanwhile).await;
    }

    /// As [`Self::lose_commit_of`]; before the caller notices, `meanwhile` happens, once there is an answer to lose.
    pub async fn lose_commit_after(&self, marker: &str, meanwhile: impl Future<Output = ()>) {
        self.lose_after(marker, COMMIT, meanwhile).await;
    }

    fn lose(&self, begins: &str, ends: &str) {
        *self.losses.request() = Some(Marked { begins: begins.into(), ends: ends.into() });
    }

    async fn lose_after(&self, begins: &str, ends: &str, meanwhile: impl Future<Output = ()>) {
        self.losses.hold.send_replace(Hold::Next);
        self.lose(begins, ends);
        self.losses.held_until(Hold::Held).await;
        meanwhile.await;
        self.losses.hold.send_replace(Hold::No);
    }

    /// How many bytes have come back so far: a message costs several hundred of them, however few calls it carries.
    pub fn answered(&self) -> u64 {
        self.losses.answered.load(Ordering::Relaxed)
    }

    /// Whether the answer was lost that was to be lost.
    pub fn has_lost(&self) -> bool {
        self.losses.request().is_none()
    }
}

async fn accept(listener: TcpListener, mode: watch::Sender<Mode>, silence: watch::Sender<()>, losses: Arc<Losses>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        let (mut changes, mut silence, losses) = (mode.subscribe(), silence.subscribe(), Arc::clone(&losses));
        let now = *changes.borrow_and_update();
        connections.spawn(async move {
            // Kept where it falls silent, with its sockets.
            let mut passing = pin!(async {
                match now {
                    Mode::To(target) => pass(client, target, &losses).await,
                    Mode::Refuse => {}
                    Mode::Hang => {
                        let _open = client;
                        std::future::pending::<()>().await;
                    }
                }
            });
            tokio::select! {
                () = &mut passing => {}
                _ = changes.changed() => {}
                _ = silence.changed() => std::future::pending().await,
            }
        });
    }
}

async fn pass(client: TcpStream, target: SocketAddr, losses: &Losses) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    if client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
        return;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let losing = watch::Sender::new(false);
    let requests = async {
        let (mut buffer, mut has_begun) = (vec![0; 64 * 1024], false);
        let forgotten = losses.forgotten.load(Ordering::Relaxed);
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            if losses.forgotten.load(Ordering::Relaxed) != forgotten {
                return;
            }
            let Some(request) = buffer.get(..count) else { return };
            if losses.is_marked(request, &mut has_begun) {
                losing.send_replace(true);
            }
            if to_server.write_all(request).await.is_err() {
                return;
            }
        }
    };
    let answers = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            if *losing.borrow() {
                let is_held = |hold: &mut Hold| {
                    let next = *hold == Hold::Next;
                    if next {
                        *hold = Hold::Held;
                    }
                    next
                };
                if losses.hold.send_if_modified(is_held) {
                    losses.held_until(Hold::No).await;
                }
                return;
            }
            losses.answered.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
            let Some(answer) = buffer.get(..count) else { return };
            if to_client.write_all(answer).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = requests => {}
        () = answers => {}
    }
}

impl Losses {
    fn request(&self) -> MutexGuard<'_, Option<Marked>> {
        self.request.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn held_until(&self, state: Hold) {
        // Not closed: the sender is here.
        drop(self.hold.subscribe().wait_for(|hold| *hold == state).await);
    }

    /// Whether this is the request; `has_begun` says of its connection that it is on the way.
    fn is_marked(&self, request: &[u8], has_begun: &mut bool) -> bool {
        let holds = |marker: &Vec<u8>| request.windows(marker.len()).any(|window| window == marker);
        let mut wanted = self.request();
        let Some(Marked { begins, ends }) = wanted.as_ref() else { return false };
        *has_begun |= holds(begins);
        let is_marked = holds(ends) && std::mem::take(has_begun);
        if is_marked {
            *wanted = None;
        }
        is_marked
    }
}
