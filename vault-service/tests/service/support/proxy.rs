//! A TCP proxy that breaks connections on demand.

use std::net::SocketAddr;
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

pub(crate) struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    /// The answer to the next request that holds these bytes is lost, with its connection.
    lose_answer_to: Arc<Mutex<Option<Vec<u8>>>>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = watch::Sender::new(Mode::To(target));
        let lose_answer_to = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, mode.clone(), Arc::clone(&lose_answer_to)));
        Self { address, mode, lose_answer_to, _tasks: tasks }
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
        *self.lose_answer_to.lock().unwrap() = Some(marker.as_bytes().to_vec());
    }

    /// Whether an answer was lost since the last [`Self::lose_answer_to`].
    pub(crate) fn has_lost(&self) -> bool {
        self.lose_answer_to.lock().unwrap().is_none()
    }
}

async fn accept(listener: TcpListener, mode: watch::Sender<Mode>, lose: Arc<Mutex<Option<Vec<u8>>>>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        let (mut changes, lose) = (mode.subscribe(), Arc::clone(&lose));
        let now = *changes.borrow_and_update();
        connections.spawn(async move {
            let passing = async {
                match now {
                    Mode::To(target) => pass(client, target, &lose).await,
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

async fn pass(client: TcpStream, target: SocketAddr, lose: &Mutex<Option<Vec<u8>>>) {
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
            if is_marked(lose, request) {
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
                return;
            }
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

fn is_marked(lose: &Mutex<Option<Vec<u8>>>, request: &[u8]) -> bool {
    let mut lose = lose.lock().unwrap();
    let marked = lose.as_ref().is_some_and(|marker| request.windows(marker.len()).any(|window| window == marker));
    if marked {
        *lose = None;
    }
    marked
}
