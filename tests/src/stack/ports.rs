//! Ports on 127.0.0.1 that nobody listens at.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use tokio::net::TcpSocket;

use crate::{Error, files};

/// How often other ports are chosen where somebody takes the chosen ones first.
pub(super) const TRIES: usize = 8;

/// Ports that this process has given out: nobody listens at them until a service is started, and another stack beside must
/// not get them too.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// The preferred port if nobody listens at it, else another one, below those that the kernel gives to outgoing
/// connections: a service that is restarted finds it free.
pub(super) fn port(preferred: Option<u16>) -> Result<u16, Error> {
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 20_000;
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(port) = preferred.filter(|port| is_free(*port)) {
        given.insert(port);
        return Ok(port);
    }
    for _ in 0..256 {
        let port = FIRST + u16::from_be_bytes(files::random_bytes::<2>()?) % COUNT;
        if !given.contains(&port) && is_free(port) {
            given.insert(port);
            return Ok(port);
        }
    }
    Err(Error::NoPort)
}

/// Whether nobody listens at a port now. It is bound and not listened at, so that a look keeps nobody from taking it.
pub(super) fn is_free(port: u16) -> bool {
    let bound = TcpSocket::new_v4().and_then(|socket| {
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    });
    bound.is_ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_port_that_somebody_listens_at_is_not_chosen() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = other.local_addr().unwrap().port();
        assert!(!is_free(taken));
        assert_ne!(port(Some(taken)).unwrap(), taken);
        drop(other);
        assert!(is_free(taken));
    }

    #[test]
    fn a_port_that_somebody_has_on_all_addresses_is_not_chosen() {
        let other = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        assert!(!is_free(other.local_addr().unwrap().port()));
    }
}
