//! The server behind the stack: a private cluster, or one that already runs and is named in a file.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use test_support::postgres::{Binaries, Cluster, Options, SUPERUSER};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

use crate::processes::ProcessId;
use crate::{Error, files};

/// How to reach a server as its superuser; also the form of `postgres.toml`, which names a server that already runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Superuser.
    pub user: String,
    /// File with the superuser's password.
    pub password_file: PathBuf,
}

impl Address {
    /// A private cluster's, by its directory.
    pub(crate) fn of_cluster(directory: &Path, port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            user: SUPERUSER.to_owned(),
            password_file: directory.join("passwords").join(SUPERUSER),
        }
    }

    /// Complete URL of a database, for psql, `pg_dump` and tampering.
    pub fn url(&self, database: &str) -> Result<String, Error> {
        let password = files::read(&self.password_file)?;
        Ok(format!("postgres://{}:{}@{}:{}/{database}", self.user, password.trim_end(), self.host, self.port))
    }

    /// Opens a superuser's session in a database.
    pub async fn session(&self, database: &str) -> Result<Session, Error> {
        Session::open(&self.url(database)?).await
    }

    /// Runs statements as superuser.
    pub async fn execute(&self, database: &str, action: &str, sql: &str) -> Result<(), Error> {
        let failed = |source| Error::Postgres { action: action.to_owned(), source: Box::new(source) };
        self.session(database).await?.batch_execute(sql).await.map_err(failed)
    }
}

/// A session; statements run on it as on a `tokio_postgres::Client`. It ends when it is dropped.
#[derive(Debug)]
pub struct Session {
    client: Client,
    _connection: JoinSet<()>,
}

impl Session {
    /// Logs in with a complete URL.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let failed = |source| Error::Postgres { action: "log in".to_owned(), source: Box::new(source) };
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(failed)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // Whatever ended it, the statement under way fails with the reason.
            let _ = connection.await;
        });
        Ok(Self { client, _connection: tasks })
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The server behind a stack.
#[derive(Debug)]
pub(crate) enum Server {
    /// The stack's own.
    Private(Box<Cluster>),
    /// One that already runs; never started or ended here.
    Named(Address),
}

impl Server {
    /// Starts the cluster in `directory`, or finds it running there.
    pub(crate) async fn start(
        directory: &Path,
        port: Option<u16>,
        detached: bool,
        durable: bool,
    ) -> Result<Self, Error> {
        let mut settings = Vec::new();
        if !durable {
            settings.extend([("fsync", "off"), ("full_page_writes", "off")]);
        }
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let options = Options {
            directory: Some(directory.to_owned()),
            port,
            detached,
            settings: settings.into_iter().map(owned).collect(),
            ..Options::default()
        };
        Ok(Self::Private(Box::new(Cluster::start_with(options).await.map_err(Error::Cluster)?)))
    }

    /// How to reach it.
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Named(address) => address.clone(),
            Self::Private(cluster) => Address::of_cluster(cluster.directory(), cluster.port()),
        }
    }

    /// The cluster, if it is the stack's own.
    pub(crate) fn cluster(&self) -> Option<&Cluster> {
        match self {
            Self::Private(cluster) => Some(cluster),
            Self::Named(_) => None,
        }
    }

    /// The server's main process, if it is the stack's own and runs.
    pub(crate) fn process(&self) -> Option<ProcessId> {
        let lock_file = self.cluster()?.data_directory().join("postmaster.pid");
        ProcessId::of(std::fs::read_to_string(lock_file).ok()?.lines().next()?.trim().parse().ok()?)
    }
}

/// A directory for the cluster: in the stack's own, or where the account that runs PostgreSQL can reach it, since a
/// checkout may lie below a private home.
pub(crate) fn cluster_directory(stack: &Path) -> Result<PathBuf, Error> {
    let account = Binaries::find().map_err(Error::Cluster)?.account();
    let reachable = account.is_none_or(|(user, group)| {
        use std::os::unix::process::CommandExt as _;
        let look = Command::new("/usr/bin/test").arg("-x").arg(stack).uid(user).gid(group).status();
        look.is_ok_and(|status| status.success())
    });
    if reachable {
        return Ok(stack.join("postgres"));
    }
    let parent = Path::new("/var/tmp").join(format!("strongroom-{}", files::random_hex::<8>()?));
    files::make_dir(&parent)?;
    Ok(parent.join("postgres"))
}
