//! What a stack remembers between two runs of `./dev`: ports, processes, callers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Service;
use crate::Error;
use crate::files::{self, PRIVATE};
use crate::postgres::{self, Address};
use crate::processes::ProcessId;

/// An instance of a service: the first has the service's short name, replicas `audit-2` and so on.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Instance {
    pub(super) service: Service,
    pub(super) grpc: u16,
    pub(super) admin: u16,
    pub(super) process: Option<ProcessId>,
    /// The build that the process runs: path and time of the binary.
    pub(super) build: Option<String>,
}

/// What is remembered between two runs of `./dev`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct State {
    /// Directory of the private cluster; none where a server is named in a file.
    pub(super) cluster: Option<PathBuf>,
    /// Port of the private cluster: the services' configurations name it, so it stays.
    pub(super) postgres_port: Option<u16>,
    pub(super) postgres: Option<ProcessId>,
    pub(super) instances: BTreeMap<String, Instance>,
    /// Names of callers made beyond the usual ones.
    pub(super) callers: Vec<String>,
}

pub(super) const STATE: &str = "state.json";
/// Names a server that already runs; otherwise a private cluster is made.
const NAMED_SERVER: &str = "postgres.toml";

impl State {
    pub(super) fn load(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(STATE);
        if path.exists() {
            return serde_json::from_str(&files::read(&path)?)
                .map_err(|source| Error::Malformed { path, source: source.into() });
        }
        let cluster =
            if directory.join(NAMED_SERVER).exists() { None } else { Some(postgres::cluster_directory(directory)?) };
        Ok(Self { cluster, postgres_port: None, postgres: None, instances: BTreeMap::new(), callers: Vec::new() })
    }

    /// How to reach the server, whether it runs or not.
    pub(super) fn address(&self, directory: &Path) -> Result<Address, Error> {
        let Some(cluster) = &self.cluster else { return Self::named_server(directory) };
        let port =
            self.postgres_port.ok_or_else(|| Error::Unknown { what: "PostgreSQL of this stack yet".to_owned() })?;
        Ok(Address::of_cluster(cluster, port))
    }

    pub(super) fn named_server(directory: &Path) -> Result<Address, Error> {
        let path = directory.join(NAMED_SERVER);
        toml::from_str(&files::read(&path)?).map_err(|source| Error::Malformed { path, source: source.into() })
    }

    pub(super) fn save(&self, directory: &Path) -> Result<(), Error> {
        let path = directory.join(STATE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|source| Error::Malformed { path: path.clone(), source: source.into() })?;
        files::write(&path, PRIVATE, text)
    }
}

/// Ports that this process has given out: nobody listens at them until a service is started, and another stack beside must
/// not get them too.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// The preferred port if nobody listens at it, else another one, below those that the kernel gives to outgoing
/// connections: a service that is restarted finds it free.
pub(super) fn port(preferred: Option<u16>) -> Result<u16, Error> {
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 20_000;
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(port) = preferred.filter(is_free) {
        given.insert(port);
        return Ok(port);
    }
    for _ in 0..256 {
        let port = FIRST + u16::from_be_bytes(files::random_bytes::<2>()?) % COUNT;
        if !given.contains(&port) && is_free(&port) {
            given.insert(port);
            return Ok(port);
        }
    }
    Err(Error::NoPort)
}
