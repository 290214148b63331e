//! Background tasks, all spawned here.
//!
//! ```text
//! from the start   unseal (until it succeeds) · outbox writer · denials · backlog
//! once unsealed    operations · keyring · wrap counts · forwarder · cleaning
//! ```
//! They outlive the server's drain, so that no call in flight loses its evidence: dropping [`Surroundings`] ends them.

mod periodic;

use std::sync::Arc;
use std::time::Duration;

use audit::{
    Coalescer, Forwarder, ForwarderConfig, Ingest, Outbox, OutboxConfig, OutboxKeySlot, OutboxWriter, PolicyReporter,
};
use clock::SharedClock;
use db::Db;
use rpc::DenialSink;
use rpc::policy::PolicyHandle;
use service::{Condition, Jobs, Readiness};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::Error;
use crate::seal::Seal;
use crate::state::State;
use crate::unseal::{self, Opened};
use crate::unsealed::Unsealed;

/// Pause between two attempts to unseal.
const UNSEAL_INTERVAL: Duration = Duration::from_secs(1);

/// What the service stands on.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The key database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
    /// What protects the root key.
    pub seal: Arc<dyn Seal>,
}

/// What the handlers stand on, kept going by background tasks until this is dropped.
#[derive(Debug)]
pub struct Surroundings {
    state: Arc<State>,
    clock: SharedClock,
    events: OutboxWriter,
    denials: Coalescer<OutboxWriter>,
    drained: CancellationToken,
    _ends_jobs: DropGuard,
}

impl Surroundings {
    /// Starts everything, sealed at first; `ingest` takes this service's own events.
    pub fn start(
        ground: Ground,
        config: &OutboxConfig,
        ingest: impl Ingest,
        jobs: &Jobs,
        readiness: &Readiness,
    ) -> Self {
        let drained = CancellationToken::new();
        let clock = Arc::clone(&ground.clock);
        let outbox = Outbox::new(ground.db.clone(), OutboxKeySlot::empty(), Arc::clone(&clock), config);
        let (writer, writer_job) = OutboxWriter::new(outbox.clone());
        let denials = Coalescer::system(writer.clone(), Arc::clone(&clock));
        let state = Arc::new(State::new(ground.seal.kind()));
        // Ends when the last writer is dropped.
        jobs.spawn("outbox writer", writer_job);
        jobs.spawn("denials", denials.clone().run(drained.clone()));
        jobs.spawn("backlog", outbox.clone().watch_backlog(drained.clone()));
        let unsealing = Unsealing {
            state: Arc::clone(&state),
            ground,
            outbox,
            drained: drained.clone(),
            unsealed: readiness.condition("unsealed"),
            jobs: jobs.clone(),
        };
        jobs.spawn("unseal", unsealing.run(ingest));
        Self { state, clock, events: writer, denials, drained: drained.clone(), _ends_jobs: drained.drop_guard() }
    }

    /// Reports the policy that is in force, and its changes.
    pub fn report_policy(&self, policy: PolicyHandle, jobs: &Jobs) {
        let reporter = PolicyReporter::new(policy, self.events.clone(), Arc::clone(&self.clock), "key-service");
        jobs.spawn("policy", reporter.run(self.drained.clone()));
    }

    /// The service as its handlers see it.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Where refused calls are reported.
    pub fn denials(&self) -> Arc<dyn DenialSink> {
        Arc::new(self.denials.clone())
    }
}

/// The way from sealed to unsealed.
struct Unsealing {
    state: Arc<State>,
    ground: Ground,
    outbox: Outbox,
    drained: CancellationToken,
    unsealed: Condition,
    jobs: Jobs,
}

impl Unsealing {
    /// Unseals, then starts what needs the root key.
    async fn run(self, ingest: impl Ingest) {
        let drained = self.drained.clone();
        let Some(opened) = drained.run_until_cancelled(self.root()).await else { return };
        match self.unsealed(opened).await {
            Ok(unsealed) => self.spawn_rest(&unsealed, ingest),
            Err(error) => tracing::error!(error = service::chain(&error), "the service stays sealed"),
        }
    }

    /// The root key, tried for until it is there: the database may come back, the secret may be mounted later. The same
    /// failure is said once.
    async fn root(&self) -> Opened {
        let mut said = String::new();
        loop {
            let Ground { db, clock, seal } = &self.ground;
            let error = match unseal::unseal(db, seal.as_ref(), clock, &self.outbox).await {
                Ok(opened) => return opened,
                Err(error) => error,
            };
            if unseal::is_initialized(db).await.unwrap_or(false) {
                self.state.set_initialized();
            }
            let text = service::chain(&error);
            if text != said {
                if error.is_alarm() {
                    crate::metrics::tampering();
                }
                if error.is_passing() {
                    tracing::warn!(error = text, "sealed until the database answers");
                } else {
                    tracing::error!(error = text, "the service is sealed");
                }
                said = text;
            }
            tokio::time::sleep(UNSEAL_INTERVAL).await;
        }
    }

    async fn unsealed(&self, opened: Opened) -> Result<Arc<Unsealed>, Error> {
        let Ground { db, clock, .. } = &self.ground;
        let unsealed = Arc::new(Unsealed::new(db.clone(), Arc::clone(clock), opened, self.outbox.clone())?);
        if let Err(error) = unsealed.follow_changes().await {
            // The periodic task goes on trying; until then every key is loaded for its use.
            tracing::warn!(error = service::chain(&error), "cannot read the newest change of keys");
        }
        Ok(unsealed)
    }

    fn spawn_rest(self, unsealed: &Arc<Unsealed>, ingest: impl Ingest) {
        let (jobs, drained) = (&self.jobs, &self.drained);
        let (operations, outbox, token) = (Arc::clone(unsealed), self.outbox.clone(), drained.clone());
        jobs.spawn("operations", async move { operations.data_keys.operations.run(&outbox, token).await });
        let forwarder = Forwarder::new(self.outbox, ingest, ForwarderConfig::default());
        jobs.spawn("forwarder", forwarder.run(drained.clone()));
        periodic::spawn(jobs, unsealed, drained);
        self.state.unseal(Arc::clone(unsealed));
        self.unsealed.set(true);
        tracing::info!(boot = %unsealed.data_keys.operations.boot(), "unsealed");
    }
}
