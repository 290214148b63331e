//! What a stack remembers between two runs of `./dev`: ports, processes, callers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::service::Service;
use crate::Error;
use crate::description::{self, Description};
use crate::files::{self, PRIVATE};
use crate::postgres::{self, Address};
use crate::processes::{self, ProcessId};

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

impl Instance {
    /// Whether its process runs.
    pub(super) fn is_alive(&self) -> bool {
        self.process.is_some_and(ProcessId::is_alive)
    }
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
    /// The run of the machine that the processes belong to: in the next one their ids may be anybody's.
    #[serde(default)]
    pub(super) boot: Option<String>,
}

/// Callers that every stack has.
pub const CALLERS: [&str; 4] = ["operator", "app", "auditor", "stranger"];

pub(super) const STATE: &str = "state.json";
/// Names a server that already runs; otherwise a private cluster is made.
const NAMED_SERVER: &str = "postgres.toml";

impl State {
    /// What was remembered. Where that was cut short, what the stack's description says; the rest is found anew.
    pub(super) fn load(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(STATE);
        let boot = processes::boot();
        let Some(kept) = files::read_if_there(&path)? else { return Self::new(directory, None) };
        let mut state: Self = match serde_json::from_slice(&kept) {
            Ok(state) => state,
            Err(_cut_short) => return Self::new(directory, Description::read(&directory.join(description::FILE)).ok()),
        };
        if state.boot.is_some() && state.boot != boot {
            state.postgres = None;
            state.instances.values_mut().for_each(|instance| instance.process = None);
        }
        state.boot = boot;
        Ok(state)
    }

    /// The state of a stack that has not started, with the cluster and the callers of one that was.
    fn new(directory: &Path, before: Option<Description>) -> Result<Self, Error> {
        let (data, callers) = before.map(|before| (before.postgres.data, before.callers)).unwrap_or_default();
        let kept = data.as_deref().and_then(Path::parent).filter(|cluster| cluster.is_dir()).map(Path::to_owned);
        let cluster = match kept {
            None if directory.join(NAMED_SERVER).exists() => None,
            None => Some(postgres::cluster_directory(directory)?),
            kept => kept,
        };
        let callers = callers.into_keys().filter(|name| !CALLERS.contains(&name.as_str())).collect();
        let (instances, boot) = (BTreeMap::new(), processes::boot());
        Ok(Self { cluster, postgres_port: None, postgres: None, instances, callers, boot })
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
