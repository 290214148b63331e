//! Brings a stack up: on ports that are nobody else's, and with nobody else's answers taken for its own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::ports::{self, port};
use super::state::State;
use super::{END_LIMIT, Service, Stack, admin};
use crate::postgres::Server;
use crate::processes::{Lifetime, ProcessId};
use crate::{Error, certificates, databases, files};

/// Longest wait for a service to be ready, also on a machine that compiles at the same time.
const READY_LIMIT: Duration = Duration::from_mins(1);
/// Pause between two looks at a service that is not ready.
const POLL: Duration = Duration::from_millis(10);

impl Stack {
    /// Starts whatever does not run and waits until all is ready. Ports that somebody else has, or takes meanwhile, are
    /// given up for others.
    pub async fn bring_up(&mut self) -> Result<(), Error> {
        self.start_postgres().await?;
        for service in Service::ALL {
            self.migrate(service)?;
        }
        for tries_left in (0..ports::TRIES).rev() {
            self.choose_ports()?;
            let names: Vec<String> = self.state.instances.keys().cloned().collect();
            for name in &names {
                self.start_instance(name)?;
            }
            match self.all_ready(&names).await {
                Err(Error::Ended { .. }) if tries_left > 0 && self.lost_a_port() => {}
                Err(error) => return Err(error),
                Ok(()) => return self.save(),
            }
        }
        Err(Error::NoPort)
    }

    async fn start_postgres(&mut self) -> Result<(), Error> {
        let before = self.state.postgres_port;
        let server = match self.state.cluster.clone() {
            None => Server::Named(State::named_server(&self.options.directory)?),
            Some(directory) => self.start_cluster(&directory).await?,
        };
        let address = server.address();
        self.state.postgres = server.process();
        self.state.postgres_port = Some(address.port);
        if before.is_some_and(|before| before != address.port) {
            self.end_those_that_call(&Service::ALL.into())?;
        }
        self.state.save(&self.options.directory)?;
        self.server = Some(server);
        databases::provide(&address, &self.secrets(), &self.options.dumps).await
    }

    /// Starts the private cluster, or finds it running.
    async fn start_cluster(&self, directory: &std::path::Path) -> Result<Server, Error> {
        let detached = self.options.lifetime == Lifetime::Detached;
        let preferred = self.state.postgres_port.or(self.options.first_port.and_then(|port| port.checked_add(20)));
        let runs = self.state.postgres.is_some_and(ProcessId::is_alive);
        let mut chosen = if runs { preferred } else { Some(port(preferred)?) };
        for _ in 0..ports::TRIES {
            match Server::start(directory, chosen, detached, self.options.durable).await {
                Err(error) if is_taken(&error, chosen) => chosen = Some(port(None)?),
                started => return started,
            }
        }
        Err(Error::NoPort)
    }

    /// Gives instances that do not run other ports where somebody listens at theirs.
    fn choose_ports(&mut self) -> Result<(), Error> {
        let mut moved = BTreeSet::new();
        for (name, instance) in &mut self.state.instances {
            if instance.is_alive() {
                continue;
            }
            let before = instance.grpc;
            (instance.grpc, instance.admin) = (port(Some(before))?, port(Some(instance.admin))?);
            if instance.grpc != before && name == instance.service.short() {
                moved.insert(instance.service);
            }
        }
        let calls = |service: Service| service.peers().iter().any(|peer| moved.contains(peer));
        self.end_those_that_call(&Service::ALL.into_iter().filter(|service| calls(*service)).collect())
    }

    /// Ends the instances of services whose configuration names an address that has moved: they start with the new one.
    fn end_those_that_call(&self, services: &BTreeSet<Service>) -> Result<(), Error> {
        for instance in self.state.instances.values().filter(|instance| services.contains(&instance.service)) {
            if let Some(process) = instance.process {
                process.end(Signal::TERM, END_LIMIT);
            }
        }
        self.state.save(&self.options.directory)
    }

    /// Whether somebody listens where an instance that has ended was to.
    fn lost_a_port(&self) -> bool {
        let ended = self.state.instances.values().filter(|instance| !instance.is_alive());
        ended.flat_map(|instance| [instance.grpc, instance.admin]).any(|port| !ports::is_free(port))
    }

    /// Waits until all instances are ready, and looks at all of them once more when the last one is.
    async fn all_ready(&self, names: &[String]) -> Result<(), Error> {
        for name in names {
            self.ready(name).await?;
        }
        names.iter().try_for_each(|name| self.require_alive(name))
    }

    /// Waits until an instance is ready: its own process says so, and not whoever else may listen at its ports.
    pub async fn ready(&self, name: &str) -> Result<(), Error> {
        let instance = self.instance(name)?;
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            let is_ready = admin::is_ready(instance.admin).await && self.is_its_own(name).await?;
            // After the answers: a process that could not have its ports has ended, or ends without having given any.
            self.require_alive(name)?;
            if is_ready {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let log = self.log(name);
                let (what, seconds) = (name.to_owned(), READY_LIMIT.as_secs());
                return Err(Error::NotReady { what, seconds, tail: files::tail(&log), log });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    pub(super) fn require_alive(&self, name: &str) -> Result<(), Error> {
        if self.instance(name)?.is_alive() {
            return Ok(());
        }
        let log = self.log(name);
        Err(Error::Ended { what: name.to_owned(), tail: files::tail(&log), log })
    }

    /// Whether a gRPC port answers with a certificate of this stack's authority for the service: nobody else has one.
    async fn is_its_own(&self, name: &str) -> Result<bool, Error> {
        let identity = certificates::spiffe_id(self.instance(name)?.service.binary());
        let channel = self.channel_to("operator", name, Some(identity))?;
        Ok(HealthClient::new(channel).check(HealthCheckRequest::default()).await.is_ok())
    }
}

/// Whether a cluster did not start because somebody took its port first.
fn is_taken(error: &Error, port: Option<u16>) -> bool {
    let Error::Cluster(error) = error else { return false };
    error.to_string().contains("Address already in use") && port.is_some_and(|port| !ports::is_free(port))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::super::state::Instance;
    use super::*;
    use crate::StackOptions;
    use crate::binaries::{self, Profile};

    /// vault-service, which waits on its first start until somebody writes into the pipe; the others at once.
    const LATE: &str = r#"#!/bin/sh
name=$(basename "$0")
if [ "$name" = vault-service ] && [ "$1" = serve ] && mkdir "@here/first" 2>/dev/null; then
    read -r _go <"@here/pipe"
fi
exec "@real/$name" "$@"
"#;

    /// A directory that goes with the test.
    struct Home(PathBuf);

    impl Home {
        fn new() -> Self {
            let home = std::env::temp_dir().join(format!("strongroom-starting-{}", files::random_hex::<8>().unwrap()));
            fs::create_dir(&home).unwrap();
            Self(home)
        }

        /// The services as [`LATE`] starts them.
        fn late_services(&self, real: &Path) -> PathBuf {
            let script = LATE.replace("@here", &self.0.display().to_string());
            let script = script.replace("@real", &real.display().to_string());
            for service in Service::ALL {
                let path = self.0.join(service.binary());
                fs::write(&path, &script).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
            let made = std::process::Command::new("mkfifo").arg(self.0.join("pipe")).status().unwrap();
            assert!(made.success());
            self.0.clone()
        }
    }

    impl Drop for Home {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    /// Waits until vault-service has been started, on ports that were free, and takes them. Calls itself ready to whoever asks,
    /// and lets the service go on when somebody has asked twice: the first answer was not taken for the service's.
    async fn take_ports_of(vault: Instance, pipe: PathBuf) -> [TcpListener; 2] {
        let opened = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(pipe));
        let mut go = opened.await.unwrap().unwrap();
        let grpc = TcpListener::bind(("127.0.0.1", vault.grpc)).await.unwrap();
        let admin = TcpListener::bind(("127.0.0.1", vault.admin)).await.unwrap();
        for _ in 0..2 {
            let (mut stream, _) = admin.accept().await.unwrap();
            // Whoever asked may be gone.
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok\n").await;
        }
        writeln!(go, "go").unwrap();
        [grpc, admin]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn answers_at_a_port_that_somebody_took_first_are_not_its_own_and_the_stack_takes_another() {
        let home = Home::new();
        let real = binaries::build(Profile::Debug).await.unwrap();
        let options = StackOptions::of_test(home.0.join("stack"));
        let mut stack = Stack::prepare(options, home.late_services(&real)).unwrap();
        let vault = stack.instance("vault").unwrap().clone();
        let _taken = {
            let mut up = std::pin::pin!(stack.bring_up());
            let taken = tokio::select! {
                up = &mut up => panic!("somebody else's answers were taken for its own: {up:?}"),
                taken = take_ports_of(vault.clone(), home.0.join("pipe")) => taken,
            };
            up.await.unwrap();
            taken
        };
        let moved = stack.instance("vault").unwrap();
        assert!(moved.grpc != vault.grpc && moved.admin != vault.admin, "{moved:?}");
        assert!(moved.is_alive());
        let description = stack.describe().unwrap();
        assert_eq!(description.services["vault"].grpc, format!("127.0.0.1:{}", moved.grpc));
        drop(stack);
    }
}
