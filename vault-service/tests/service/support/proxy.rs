//! A TCP proxy that breaks connections on demand.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

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

/// What is to be lost.
struct Losses {
    /// The answer to the next request that holds these bytes is lost, with its connection.
    answer_to: Mutex<Option<Vec<u8>>>,
    /// Bytes that came back.
    answered: AtomicU64,
    hold: watch::Sender<Hold>,
}

pub(crate) struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    losses: Arc<Losses>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = watch::Sender::new(Mode::To(target));
        let losses = Arc::new(Losses {
            answer_to: Mutex::default(),
            answered: AtomicU64::new(0),
            hold: watch::Sender::new(Hold::No),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, mode.clone(), Arc::clone(&losses)));
        Self { address, mode, losses, _tasks: tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads to another address; the connections that there are break.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        self.mode.send_replace(Mode::To(target));
    }

    /// Breaks the connections that there are, and takes no more.
    pub(crate) fn refuse(&self) {
        self.mode.send_replace(Mode::Refuse);
    }

    /// Breaks the connections that there are; on new ones nothing moves.
    pub(crate) fn hang(&self) {
        self.mode.send_replace(Mode::Hang);
    }

    /// The next request that holds `marker` is passed on, but its answer is lost together with the connection.
    pub(crate) fn lose_answer_to(&self, marker: &str) {
        *self.losses.answer_to.lock().unwrap() = Some(marker.as_bytes().to_vec());
    }

    /// The same; before the caller notices, `meanwhile` happens, once there is an answer to lose.
    pub(crate) async fn lose_answer_after(&self, marker: &str, meanwhile: impl Future<Output = ()>) {
        self.losses.hold.send_replace(Hold::Next);
        self.lose_answer_to(marker);
        self.losses.hold.subscribe().wait_for(|hold| *hold == Hold::Held).await.unwrap();
        meanwhile.await;
        self.losses.hold.send_replace(Hold::No);
    }

    /// How many bytes have come back so far: a message costs several hundred of them, however few calls it carries.
    pub(crate) fn answered(&self) -> u64 {
        self.losses.answered.load(Ordering::Relaxed)
    }

    /// Whether an answer was lost since the last [`Self::lose_answer_to`].
    pub(crate) fn has_lost(&self) -> bool {
        self.losses.answer_to.lock().unwrap().is_none()
    }
}

async fn accept(listener: TcpListener, mode: watch::Sender<Mode>, losses: Arc<Losses>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        let (mut changes, losses) = (mode.subscribe(), Arc::clone(&losses));
        let now = *changes.borrow_and_update();
        connections.spawn(async move {
            let passing = async {
                match now {
                    Mode::To(target) => pass(client, target, &losses).await,
                    Mode::Refuse => {}
                    Mode::Hang => {
                        let _open = client;
                        std::future::pending::<()>().await;
                    }
                }
            };
            tokio::select! {
                () = passing => {}
                _ = changes.changed() => {}
            }
        });
    }
}

async fn pass(client: TcpStream, target: SocketAddr, losses: &Losses) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let losing = watch::Sender::new(false);
    let requests = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            let request = &buffer[..count];
            if losses.has_marked(request) {
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
                    losses.hold.subscribe().wait_for(|hold| *hold == Hold::No).await.unwrap();
                }
                return;
            }
            losses.answered.fetch_add(u64::try_from(count).unwrap(), Ordering::Relaxed);
            if to_client.write_all(&buffer[..count]).await.is_err() {
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
    fn has_marked(&self, request: &[u8]) -> bool {
        let mut marker = self.answer_to.lock().unwrap();
        let marked = marker.as_ref().is_some_and(|marker| request.windows(marker.len()).any(|window| window == marker));
        if marked {
            *marker = None;
        }
        marked
    }
}
