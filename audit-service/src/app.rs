//! Everything put together: the appender with its task, the jobs, and the gRPC services.

use std::sync::Arc;

use ::api::audit::v1::ingest_service_server::IngestServiceServer;
use ::api::audit::v1::log_service_server::LogServiceServer;
use audit::{Coalescer, PolicyReporter};
use clock::SharedClock;
use db::Db;
use rpc::policy::PolicyHandle;
use rpc::server::ServerBuilder;
use rpc::{Server, ServerError, Tls};
use service::{Jobs, Shutdown};
use tokio_util::sync::DropGuard;

use crate::acknowledgements::Acknowledgements;
use crate::api::{Ingest, LogReader};
use crate::append::{self, Appender, Batches, SignerClock, Transactions};
use crate::background::{self, Pace, Work};
use crate::config::AppendConfig;
use crate::logs::Logs;
use crate::own::OwnEvents;
use crate::signer::Signer;
use crate::verify::Verification;

/// What the service is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The own database.
    pub db: Db,
    /// Who seals.
    pub signer: Arc<dyn Signer>,
    /// Where the time comes from.
    pub clock: SharedClock,
    /// The own certificates.
    pub tls: Tls,
    /// Who may do what.
    pub policy: PolicyHandle,
    /// How often the jobs work.
    pub pace: Pace,
}

/// The running service without its port. Drop it when every call has ended: what still waits is appended, then the
/// appender ends.
#[derive(Debug)]
pub struct App {
    parts: Parts,
    appender: Appender,
    own: OwnEvents,
    denials: Coalescer<OwnEvents>,
    _drained: DropGuard,
}

impl App {
    /// Starts the appender and the jobs.
    pub fn start(parts: Parts, config: &AppendConfig, jobs: &Jobs) -> Self {
        let acknowledgements = Arc::new(Acknowledgements::default());
        let transactions = Transactions {
            db: parts.db.clone(),
            signer: Arc::clone(&parts.signer),
            signer_clock: Arc::new(SignerClock::new()),
            places: Arc::default(),
        };
        let batches = Arc::new(Batches::new(transactions, Arc::clone(&acknowledgements)));
        let (appender, inbox) = append::appender(config.queue);
        let own = OwnEvents::new(
            appender.clone(),
            parts.db.clone(),
            Arc::clone(&parts.clock),
            parts.tls.clone(),
            parts.policy.clone(),
        );
        let denials = Coalescer::system(own.clone(), Arc::clone(&parts.clock));
        // Refused calls are reported a last time when the last call has ended, and the appender ends after that: calls that are
        // being drained still need both.
        let (drained, reported) = (Shutdown::new(), Shutdown::new());
        jobs.spawn("append", append::dispatch(inbox, Arc::clone(&batches), config.batch_delay, reported.clone()));
        let policy = PolicyReporter::new(parts.policy.clone(), own.clone(), Arc::clone(&parts.clock), "audit-service");
        jobs.spawn("policy", policy.run(jobs.shutdown().clone()));
        let (reporting, ends_appender) = (denials.clone().run(drained.clone()), reported.drop_guard());
        jobs.spawn("denials", async move {
            reporting.await;
            drop(ends_appender);
        });
        let work = Work {
            db: parts.db.clone(),
            signer: Arc::clone(&parts.signer),
            acknowledgements,
            batches,
            pace: parts.pace,
        };
        background::spawn(jobs, &work);
        Self { parts, appender, own, denials, _drained: drained.drop_guard() }
    }

    /// The server with all services of this one.
    pub fn server(&self, builder: ServerBuilder) -> Result<Server, ServerError> {
        let verification = Verification { db: self.parts.db.clone(), signer: Arc::clone(&self.parts.signer) };
        let logs = Logs::new(self.parts.db.clone(), Arc::clone(&self.parts.signer), self.own.clone());
        let reader = LogReader::new(logs, self.own.clone(), verification);
        builder
            .denial_sink(Arc::new(self.denials.clone()))
            .service(IngestServiceServer::new(Ingest::new(self.appender.clone(), Arc::clone(&self.parts.clock))))
            .service(LogServiceServer::new(reader))
            .service(rpc::access::audit(&self.parts.policy))
            .build()
    }

    /// The way to append events in this process.
    pub fn appender(&self) -> &Appender {
        &self.appender
    }
}
