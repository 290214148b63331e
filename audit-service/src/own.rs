//! This service's own events: appended straight to `logs/system`, without an outbox. A read waits for its entry; refused
//! calls are counted and do not wait.

use std::time::Duration;

use audit::{AuditUnavailable, Event, EventSink, Outcome};
use clock::{SharedClock, uuid_v7};
use db::Db;
use names::{EventId, LogName, OnBehalfOf};
use rpc::policy::PolicyHandle;
use rpc::{CallContext, Granted, Permission, Tls};
use tlog::event::IDENTITY_ATTRIBUTE;

use crate::append::{self, Appender};
use crate::error::Error;
use crate::quarantine::advice;
use crate::store::logs::{self, LogRow};

/// Longest time that a read waits for its entry.
const LIMIT: Duration = Duration::from_secs(2);

/// Appends the service's own events. Clones share the appender.
#[derive(Clone, Debug)]
pub(crate) struct OwnEvents {
    appender: Appender,
    db: Db,
    clock: SharedClock,
    tls: Tls,
    policy: PolicyHandle,
}

/// A call that leaves an entry: what it may do, and for whom it is made.
#[derive(Debug)]
pub(crate) struct Reader<P: Permission> {
    /// What it may do.
    pub(crate) granted: Granted<P>,
    /// For whom the caller acts.
    pub(crate) on_behalf_of: Option<OnBehalfOf>,
    /// The call itself.
    pub(crate) call: CallContext,
}

/// What a read came to, with the event that accounts for it.
#[derive(Debug)]
pub(crate) struct Accounted<T> {
    /// What it came to.
    pub(crate) result: Result<T, Error>,
    /// The event, durable in `logs/system`.
    pub(crate) event_id: EventId,
}

impl OwnEvents {
    /// Events under the identity that `tls` shows, by the name that `policy` gives it.
    pub(crate) fn new(appender: Appender, db: Db, clock: SharedClock, tls: Tls, policy: PolicyHandle) -> Self {
        Self { appender, db, clock, tls, policy }
    }

    /// Makes the entry of a read before it is answered: whatever it came to, somebody asked.
    pub(crate) async fn account<P: Permission, T>(
        &self,
        reader: &Reader<P>,
        result: Result<T, Error>,
    ) -> Result<Accounted<T>, Error> {
        let Reader { granted, on_behalf_of, call } = reader;
        let event_id = EventId::new(uuid_v7(self.clock.as_ref()));
        let now = self.clock.now();
        let mut event = Event::new(event_id, LogName::System, now, granted.caller().as_str(), granted.permission());
        granted.resource().clone_into(&mut event.resource);
        on_behalf_of.as_ref().map_or("", OnBehalfOf::as_str).clone_into(&mut event.on_behalf_of);
        event.outcome = match &result {
            Ok(_) => Outcome::OK,
            Err(Error::NotFound { .. }) => Outcome::REFUSED,
            Err(_) => Outcome::FAILED,
        };
        if let Err(error) = &result {
            event = event.with("reason", error.reason());
        }
        match self.append(vec![event.with("peer", call.peer())], Some(call)).await.as_deref() {
            Ok([append::Outcome::Logged { .. }]) => Ok(Accounted { result, event_id }),
            Ok([append::Outcome::Later(append::Delay::Quarantined)]) => Err(self.quarantined().await),
            _ => Err(Error::Unaccounted),
        }
    }

    /// Why `logs/system` takes no entries, so that whoever looks for the reason is told it.
    async fn quarantined(&self) -> Error {
        let (log, id) = (LogName::System, tlog::log_id(&LogName::System));
        let row = logs::log_fetch(&self.db, id).await;
        match row {
            Ok(Some(LogRow { quarantine: Some(reason), .. })) => {
                Error::SystemQuarantined { advice: advice(&log.to_string(), &reason) }
            }
            _ => Error::Unaccounted,
        }
    }

    /// What became of the events, within the limit.
    async fn append(
        &self,
        mut events: Vec<Event>,
        call: Option<&CallContext>,
    ) -> Result<Vec<append::Outcome>, AuditUnavailable> {
        let identity = self.tls.identity();
        let policy = self.policy.current();
        let Some(producer) = policy.producer(identity.as_str()) else {
            tracing::error!(%identity, "the policy has no producer for this service: no call can be accounted for");
            return Err(AuditUnavailable);
        };
        for event in &mut events {
            producer.name().clone_into(&mut event.producer);
            event.attributes.insert(IDENTITY_ATTRIBUTE.to_owned(), identity.as_str().to_owned());
        }
        let deadline = tokio::time::Instant::now() + LIMIT;
        let outcomes = self.appender.append(events, deadline, call).await.map_err(|_not_queued| AuditUnavailable)?;
        if outcomes.iter().any(|outcome| matches!(outcome, append::Outcome::Refused(_))) {
            tracing::error!(?outcomes, "an own event was refused");
        }
        Ok(outcomes)
    }
}

impl EventSink for OwnEvents {
    /// Events that are refused for ever are not kept: they would be refused again.
    async fn write(&self, _log: &LogName, events: &[Event]) -> Result<(), AuditUnavailable> {
        let outcomes = self.append(events.to_vec(), None).await?;
        let put_off = outcomes.iter().any(|outcome| matches!(outcome, append::Outcome::Later(_)));
        if put_off { Err(AuditUnavailable) } else { Ok(()) }
    }
}
