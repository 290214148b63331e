//! A `PgBouncer` before a cluster.

use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;

use super::binaries::{SUPERUSER, find_pgbouncer};
use super::cluster::Cluster;
use super::database::roles;
use super::error::Error;
use super::server::free_port;
use crate::poll::poll_until;

/// Longest wait for it to take connections.
const READY: Duration = Duration::from_secs(10);

/// A pooler. It ends with this value, or with the thread that made it.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    process: Child,
}

impl Cluster {
    /// A `PgBouncer` that gives each connection a session of its own at `server`, and knows the passwords of this cluster's roles.
    /// `settings` are of its section `[pgbouncer]`, over the defaults.
    pub async fn pooler(&self, server: SocketAddr, settings: &[(&str, &str)]) -> Result<Pooler, Error> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        self.install_roles().await?;
        let (program, port) = (find_pgbouncer()?, free_port()?);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let file = |name: &str| self.files.directory().join(format!("pooler-{number}.{name}"));
        let line = |role: String| Ok(format!("\"{role}\" \"{}\"\n", self.files.password(&role)?));
        let users = roles().chain([SUPERUSER.to_owned()]).map(line).collect::<Result<String, Error>>()?;
        self.files.write(&file("users"), users.as_bytes())?;
        let (log, users) = (file("log").display().to_string(), file("users").display().to_string());
        let listen_port = port.to_string();
        let defaults = [
            ("listen_addr", "127.0.0.1"),
            ("listen_port", &*listen_port),
            ("unix_socket_dir", ""),
            ("auth_type", "scram-sha-256"),
            ("auth_file", &users),
            ("pool_mode", "session"),
            ("logfile", &log),
            ("server_login_retry", "1"),
        ];
        let lines = defaults.iter().chain(settings).map(|(name, value)| format!("{name} = {value}\n"));
        let (host, server) = (server.ip(), server.port());
        let text = format!("[databases]\n* = host={host} port={server}\n[pgbouncer]\n") + &lines.collect::<String>();
        self.files.write(&file("ini"), text.as_bytes())?;
        let mut command = self.binaries.command("setpriv".as_ref());
        command.args(["--pdeathsig", "KILL"]).arg(&program).arg("--quiet").arg(file("ini"));
        let failed = |output: String| Error::Program { command: program.display().to_string(), output };
        let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = silent.spawn().map_err(|error| failed(error.to_string()))?;
        let pooler = Pooler { port, process };
        let ready = async || TcpStream::connect(("127.0.0.1", port)).await.ok();
        match poll_until(READY, "the pooler to take connections", ready).await {
            Ok(_) => Ok(pooler),
            Err(_late) => Err(failed(std::fs::read_to_string(log).unwrap_or_default())),
        }
    }
}

impl Pooler {
    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // One that has ended by itself is no worse.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
