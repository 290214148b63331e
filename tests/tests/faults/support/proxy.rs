//! A TCP proxy between two services: it passes bytes on, stalls them, or cuts connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the proxy does with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Passes them on.
    Pass,
    /// Takes connections and bytes, and passes nothing on: a peer that hangs, or a connection that is half open.
    Stall,
    /// Passes requests on and keeps the answers: the work is done, and nobody hears of it.
    Swallow,
    /// Closes every connection as soon as there is one.
    Refuse,
}

/// A proxy; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    mode: watch::Sender<Mode>,
    /// Changes when all connections are to be cut.
    cuts: watch::Sender<u64>,
    /// Changes when nothing may pass through the connections that are there any more.
    frosts: watch::Sender<u64>,
    passed: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Debug)]
struct Orders {
    mode: watch::Receiver<Mode>,
    cuts: watch::Receiver<u64>,
    frosts: watch::Receiver<u64>,
    passed: Arc<AtomicUsize>,
}

impl Proxy {
    /// A proxy on a port of its own that leads to `target` on 127.0.0.1.
    pub(crate) async fn to(target: u16) -> Self {
        Self::to_any_of(vec![target]).await
    }

    /// A proxy that leads each connection to the next of `targets` that takes it, as the one address of several replicas does.
    pub(crate) async fn to_any_of(targets: Vec<u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mode, cuts, frosts) = (watch::Sender::new(Mode::Pass), watch::Sender::new(0), watch::Sender::new(0));
        let passed = Arc::new(AtomicUsize::new(0));
        let orders = Orders {
            mode: mode.subscribe(),
            cuts: cuts.subscribe(),
            frosts: frosts.subscribe(),
            passed: Arc::clone(&passed),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, targets, orders));
        Self { port, mode, cuts, frosts, passed, _tasks: tasks }
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Treats bytes so from now on, those of connections that are there too.
    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Cuts all connections that are there.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// The same, where this holds.
    pub(crate) fn cut_if(&self, wanted: bool) {
        if wanted {
            self.cut();
        }
    }

    /// Passes nothing on through the connections that are there, ever again, and does not close them either; new ones are
    /// treated as the mode says.
    pub(crate) fn freeze(&self) {
        self.frosts.send_modify(|frosts| *frosts += 1);
    }

    /// Bytes passed on so far, both ways.
    pub(crate) fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, mut targets: Vec<u16>, orders: Orders) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((near, _)) = accepted else { continue };
                if *orders.mode.borrow() != Mode::Refuse {
                    targets.rotate_left(1);
                    connections.spawn(serve(near, targets.clone(), orders.clone()));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn serve(near: TcpStream, targets: Vec<u16>, mut orders: Orders) {
    let addresses: Vec<SocketAddr> = targets.iter().map(|port| (Ipv4Addr::LOCALHOST, *port).into()).collect();
    let Ok(far) = TcpStream::connect(&addresses[..]).await else { return };
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    // Cuts from before this connection do not concern it.
    orders.cuts.mark_unchanged();
    orders.frosts.mark_unchanged();
    let there = pass(near_read, far_write, orders.clone(), |mode| mode != Mode::Stall);
    let back = pass(far_read, near_write, orders.clone(), |mode| mode == Mode::Pass);
    tokio::select! {
        // Whichever side ends first, both are closed.
        () = there => {}
        () = back => {}
        _ = orders.cuts.changed() => {}
    }
}

/// Passes bytes on while the mode lets them pass.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut orders: Orders, passes: fn(Mode) -> bool) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => count,
        };
        if orders.mode.wait_for(|mode| passes(*mode)).await.is_err() {
            return;
        }
        if orders.frosts.has_changed().unwrap_or(true) {
            return std::future::pending().await;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
        orders.passed.fetch_add(count, Ordering::Relaxed);
    }
}
