//! The three services and their PostgreSQL: started, killed and restarted in parts, ended exactly.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::certificates::{self, Certificates, Identity, Usage};
use crate::description::{self, CallerDescription, Description, PostgresDescription, ServiceDescription};
use crate::files::{self, PRIVATE};
use crate::postgres::Server;
use crate::processes::{self, Lifetime, ProcessId, Program};
use crate::settings::{self, Settings};
use crate::{Error, binaries};
use rustix::process::Signal;
use test_support::certs::Authority;

mod admin;
mod options;
mod ports;
mod postgres;
mod service;
mod starting;
mod state;

pub use options::StackOptions;
use ports::port;
pub use service::Service;
pub use state::CALLERS;
use state::{Instance, STATE, State};

/// A service ends within sixteen seconds: calls have ten, then a second to return, then jobs five.
const END_LIMIT: Duration = Duration::from_secs(20);

/// A stack. One whose processes live with this one ends them when it is dropped.
#[derive(Debug)]
pub struct Stack {
    options: StackOptions,
    certificates: Certificates,
    state: State,
    binaries: PathBuf,
    server: Option<Server>,
    routes: BTreeMap<(String, Service), u16>,
}

impl Stack {
    /// Builds the services, then starts whatever of the stack does not run, and waits until all is ready.
    pub async fn start(options: StackOptions) -> Result<Self, Error> {
        let binaries = binaries::build(options.profile).await?;
        let mut stack = Self::prepare(options, binaries)?;
        stack.bring_up().await?;
        Ok(stack)
    }

    /// A stack that was started before, as it was left; nothing is started.
    pub fn open(options: StackOptions) -> Result<Option<Self>, Error> {
        if !options.directory.join(STATE).exists() {
            return Ok(None);
        }
        Self::prepare(options, PathBuf::new()).map(Some)
    }

    fn prepare(options: StackOptions, binaries: PathBuf) -> Result<Self, Error> {
        for directory in ["", "config", "logs", "pki", "secrets"] {
            files::make_dir(&options.directory.join(directory))?;
        }
        let certificates = Certificates::open(&options.directory.join("pki"))?;
        let state = State::load(&options.directory)?;
        let mut stack = Self { options, certificates, state, binaries, server: None, routes: BTreeMap::new() };
        files::write_once(&settings::seal_file(&stack.secrets()), PRIVATE, || {
            Ok(files::random_hex::<32>()?.into_bytes())
        })?;
        let shipped = binaries::repository().join("deploy/policy.toml");
        files::write_once(&stack.policy(), files::PUBLIC, || Ok(files::read(&shipped)?.into_bytes()))?;
        for service in Service::ALL {
            stack.certificates.provide(service.binary(), Usage::Service)?;
            if !stack.state.instances.contains_key(service.short()) {
                stack.add_instance(service.short(), service)?;
            }
        }
        for caller in CALLERS.into_iter().chain(stack.state.callers.iter().map(String::as_str)) {
            stack.certificates.provide(caller, Usage::Caller)?;
        }
        Ok(stack)
    }

    fn migrate(&self, service: Service) -> Result<(), Error> {
        let config = self.options.directory.join(format!("config/{}-migrate.toml", service.binary()));
        settings::write_migrator(&config, &self.postgres()?, service, &self.secrets())?;
        self.run(service, &["migrate", "--config", &config.display().to_string()]).map(drop)
    }

    /// Runs a subcommand of a service to its end and returns what it wrote to standard output.
    pub fn run(&self, service: Service, arguments: &[&str]) -> Result<String, Error> {
        processes::run(&self.binary(service), arguments, &self.options.directory, None)
    }

    /// Path of a service's binary.
    pub fn binary(&self, service: Service) -> PathBuf {
        self.binaries.join(service.binary())
    }

    fn add_instance(&mut self, name: &str, service: Service) -> Result<(), Error> {
        let preferred = self.options.first_port.and_then(|first| first.checked_add(service.number()));
        let admin = preferred.and_then(|port| port.checked_add(10));
        let instance = Instance { service, grpc: port(preferred)?, admin: port(admin)?, process: None, build: None };
        self.state.instances.insert(name.to_owned(), instance);
        self.state.save(&self.options.directory)
    }

    /// Starts a further instance of a service on the same database and waits until it is ready; its name.
    pub async fn add_replica(&mut self, service: Service) -> Result<String, Error> {
        let count = self.state.instances.values().filter(|instance| instance.service == service).count();
        let name = format!("{}-{}", service.short(), count.saturating_add(1));
        self.add_instance(&name, service)?;
        self.restart(&name).await?;
        Ok(name)
    }

    fn start_instance(&mut self, name: &str) -> Result<(), Error> {
        let instance = self.instance(name)?.clone();
        let build = Some(binaries::identity(&self.binary(instance.service))?);
        if let Some(process) = instance.process.filter(|process| process.is_alive()) {
            if instance.build == build {
                return Ok(());
            }
            process.end(Signal::TERM, END_LIMIT);
        }
        let config = self.write_config(name, &instance)?;
        let process = Program {
            path: self.binary(instance.service),
            arguments: vec!["serve".into(), "--config".into(), config.into()],
            log: self.log(name),
            directory: self.options.directory.clone(),
            user: None,
            lifetime: self.options.lifetime,
        }
        .start()?;
        if let Some(instance) = self.state.instances.get_mut(name) {
            instance.process = Some(process);
            instance.build = build;
        }
        self.save()
    }

    fn write_config(&self, name: &str, instance: &Instance) -> Result<PathBuf, Error> {
        let mut peers = BTreeMap::new();
        for peer in instance.service.peers() {
            let route = self.routes.get(&(name.to_owned(), *peer)).copied();
            peers.insert(*peer, route.map_or_else(|| self.port(peer.short()), Ok)?);
        }
        let settings = Settings {
            service: instance.service,
            grpc: instance.grpc,
            admin: instance.admin,
            identity: &self.certificates.identity(instance.service.binary(), Usage::Service)?,
            ca: &self.certificates.ca(),
            policy: &self.policy(),
            postgres: &self.postgres()?,
            secrets: &self.secrets(),
            peers,
            extra: self.options.extra.get(&instance.service).map_or("", String::as_str),
        };
        let path = self.config(name);
        settings.write(&path)?;
        Ok(path)
    }

    /// From its next start on, an instance reaches a peer at another port of 127.0.0.1: a replica's, or a proxy's.
    pub fn route(&mut self, name: &str, peer: Service, port: u16) {
        self.routes.insert((name.to_owned(), peer), port);
    }

    /// Starts an instance that was killed or ended and waits until it is ready.
    pub async fn restart(&mut self, name: &str) -> Result<(), Error> {
        self.start_instance(name)?;
        self.ready(name).await
    }

    /// Kills an instance (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self, name: &str) -> Result<(), Error> {
        if let Some(process) = self.instance(name)?.process {
            process.end(Signal::KILL, END_LIMIT);
        }
        Ok(())
    }

    /// Asks an instance to end (SIGTERM) and waits until it has.
    pub fn terminate(&mut self, name: &str) -> Result<(), Error> {
        if let Some(process) = self.instance(name)?.process {
            process.end(Signal::TERM, END_LIMIT);
        }
        Ok(())
    }

    /// Ends everything that this stack started, and nothing else. Its data stay.
    pub fn end(&mut self) -> Result<(), Error> {
        let services: Vec<ProcessId> = self.state.instances.values().filter_map(|instance| instance.process).collect();
        for process in &services {
            process.signal(Signal::TERM);
        }
        for process in services {
            process.end(Signal::TERM, END_LIMIT);
        }
        self.stop_postgres()?;
        for instance in self.state.instances.values_mut() {
            instance.process = None;
        }
        self.state.save(&self.options.directory)?;
        files::remove(&self.description_file())
    }

    /// Makes an identity `spiffe://strongroom.dev/NAME` and binds it to a role, at `scopes` or else where the shipped policy
    /// has that role; the services reload the policy. No caller is called as the authority's files or a service are.
    pub fn make_caller(&mut self, name: &str, role: &str, scopes: &[String]) -> Result<Made, Error> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > 63 || !name.bytes().all(is_plain) {
            return Err(Error::Unknown { what: format!("caller {name:?}: a name has a-z, 0-9 and -, at most 63") });
        }
        // Its files would take the place of theirs.
        if name == Authority::FILES || Service::ALL.iter().any(|service| service.binary() == name) {
            return Err(Error::Unknown {
                what: format!("caller {name:?}: the authority or a service is called so, take another name"),
            });
        }
        // First, for it refuses a role that there is not.
        let bindings = settings::bind(&self.policy(), &certificates::spiffe_id(name), role, scopes)?;
        let identity = self.certificates.renew(name, Usage::Caller)?;
        if !CALLERS.contains(&name) && !self.state.callers.iter().any(|known| known == name) {
            self.state.callers.push(name.to_owned());
        }
        self.save()?;
        Ok(Made { identity, bindings })
    }

    /// The certificate and key of a caller or a service.
    pub fn identity(&self, name: &str) -> Result<Identity, Error> {
        let service = Service::ALL.iter().any(|service| service.binary() == name);
        self.certificates.identity(name, if service { Usage::Service } else { Usage::Caller })
    }

    /// The certificates of this stack.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// A channel to an instance, as a caller; for the clients that tonic generated.
    pub fn channel(&self, caller: &str, instance: &str) -> Result<rpc::Channel, Error> {
        self.channel_to(caller, instance, None)
    }

    /// The same, to a peer that must have an identity.
    fn channel_to(&self, caller: &str, instance: &str, identity: Option<String>) -> Result<rpc::Channel, Error> {
        let Identity { cert, key } = self.identity(caller)?;
        let tls = rpc::Tls::load(
            &rpc::TlsConfig { cert, key, ca: self.certificates.ca() },
            rpc::Uses::ServerAndClient,
            false,
        );
        let tls = tls.map_err(|source| Error::Channel(source.into()))?;
        let peer = rpc::PeerConfig { identity, ..rpc::PeerConfig::new(format!("https://{}", self.grpc(instance)?)) };
        rpc::Channel::new(&peer, tls).map_err(|source| Error::Channel(source.into()))
    }

    /// An instance's gRPC port.
    pub fn port(&self, name: &str) -> Result<u16, Error> {
        Ok(self.instance(name)?.grpc)
    }

    /// Address of an instance's gRPC port.
    pub fn grpc(&self, name: &str) -> Result<String, Error> {
        Ok(format!("127.0.0.1:{}", self.port(name)?))
    }

    /// Address of an instance's admin port.
    pub fn admin(&self, name: &str) -> Result<String, Error> {
        Ok(format!("127.0.0.1:{}", self.instance(name)?.admin))
    }

    /// What an instance's admin port answers to a GET of `path`, headers included; nothing where no answer came in time.
    pub async fn admin_page(&self, name: &str, path: &str) -> Result<Option<String>, Error> {
        Ok(admin::get(self.instance(name)?.admin, path).await)
    }

    /// Fails where an instance does not run.
    pub fn require_running(&self) -> Result<(), Error> {
        let is_down = |name: &String| self.state.instances.get(name).is_none_or(|instance| instance.process.is_none());
        if self.state.instances.keys().all(is_down) {
            return Err(Error::Unknown { what: "running stack: run `./dev up --detach` first".to_owned() });
        }
        self.state.instances.keys().try_for_each(|name| self.require_alive(name))
    }

    /// An instance's process, if it was started.
    pub fn process(&self, name: &str) -> Result<Option<ProcessId>, Error> {
        Ok(self.instance(name)?.process)
    }

    /// The policy file that all services of this stack read.
    pub fn policy(&self) -> PathBuf {
        self.options.directory.join("policy.toml")
    }

    /// The configuration of an instance.
    pub fn config(&self, name: &str) -> PathBuf {
        self.options.directory.join(format!("config/{name}.toml"))
    }

    /// The log of an instance.
    pub fn log(&self, name: &str) -> PathBuf {
        self.options.directory.join(format!("logs/{name}.log"))
    }

    /// Where the stack's state lives.
    pub fn directory(&self) -> &Path {
        &self.options.directory
    }

    /// `stack.json`.
    pub fn description_file(&self) -> PathBuf {
        self.options.directory.join(description::FILE)
    }

    fn secrets(&self) -> PathBuf {
        self.options.directory.join("secrets")
    }

    fn instance(&self, name: &str) -> Result<&Instance, Error> {
        self.state.instances.get(name).ok_or_else(|| Error::Unknown { what: format!("instance {name}") })
    }

    fn save(&self) -> Result<(), Error> {
        self.state.save(&self.options.directory)?;
        self.describe()?.write(&self.description_file())
    }

    /// What `stack.json` says.
    pub fn describe(&self) -> Result<Description, Error> {
        let mut services = BTreeMap::new();
        for (name, instance) in &self.state.instances {
            let pid = instance.process.map_or(0, |process| process.pid);
            let (grpc, admin) = (self.grpc(name)?, self.admin(name)?);
            services.insert(name.clone(), ServiceDescription { grpc, admin, pid });
        }
        let mut callers = BTreeMap::new();
        for name in CALLERS.into_iter().chain(self.state.callers.iter().map(String::as_str)) {
            let Identity { cert, key } = self.identity(name)?;
            callers.insert(name.to_owned(), CallerDescription { cert, key });
        }
        let mut databases = BTreeMap::new();
        for service in Service::ALL {
            databases.insert(service.short().to_owned(), self.database_url(service)?);
        }
        let pid = self.state.postgres.map(|process| process.pid);
        let data = self.state.cluster.as_ref().map(|cluster| cluster.join("data"));
        let postgres = PostgresDescription { data, pid };
        Ok(Description { services, ca: self.certificates.ca(), callers, databases, postgres })
    }
}

/// A caller that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its certificate and key.
    pub identity: Identity,
    /// Role and scope of each of its bindings, those of before included; an empty scope is everything.
    pub bindings: Vec<(String, String)>,
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.options.lifetime == Lifetime::WithThisProcess {
            // Nobody is left to tell; the kernel ends what is missed when this process ends.
            let _ = self.end();
        }
    }
}

/// Removes a stack's state, also the cluster's where it is elsewhere. End the stack first.
pub fn remove(directory: &Path) -> Result<(), Error> {
    let failed = |source| Error::File { action: "remove", path: directory.to_owned(), source };
    if directory.join(STATE).exists()
        && let Some(parent) = State::load(directory)?.cluster.as_deref().and_then(Path::parent)
        && parent != directory
    {
        fs::remove_dir_all(parent).map_err(failed)?;
    }
    if directory.exists() { fs::remove_dir_all(directory).map_err(failed) } else { Ok(()) }
}
