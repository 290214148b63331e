//! Changes with a request id are made once: the same caller, user, id and request get the first answer again, for 24
//! hours, and an entry says so.

use std::future::Future;

use names::{EventId, KeyUid};
use rpc::{Granted, Permission};
use secret::constant_time_eq;
use uuid::Uuid;

use crate::core::Core;
use crate::error::Error;
use crate::origin::Origin;
use crate::store;
use crate::store::requests::StoredRequest;

/// Reason in the entry of an answer that is given again.
const REPLAYED: &str = "REPLAYED";

/// A request with an id, to be remembered with the change that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Identified {
    caller: String,
    on_behalf_of: String,
    request_id: Uuid,
    /// HMAC of method and request.
    fingerprint: [u8; 32],
}

/// What a change answers.
#[derive(Debug)]
pub struct Made<A> {
    /// The answer.
    pub answer: A,
    /// The event that tells of it.
    pub event: EventId,
}

/// What became of a request for a change.
#[derive(Debug)]
pub(crate) enum Once<A> {
    /// It was made.
    Made(Made<A>),
    /// The same request had made it before: its first answer is to be [replayed](Core::replayed).
    Before(StoredRequest),
}

impl Identified {
    /// What to write in the transaction that makes the change: it made this key, or this version of it.
    pub(crate) fn remembered(&self, key: KeyUid, key_version: Option<u32>) -> StoredRequest {
        let Self { caller, on_behalf_of, request_id, fingerprint } = self.clone();
        StoredRequest { caller, on_behalf_of, request_id, fingerprint, key, key_version }
    }
}

impl Core {
    /// A request, where it has an id; `parts` are what else it says.
    pub(crate) fn identified<P: Permission>(
        &self,
        granted: &Granted<P>,
        origin: &Origin,
        request_id: Option<Uuid>,
        parts: &[&[u8]],
    ) -> Option<Identified> {
        let request_id = request_id?;
        let (caller, on_behalf_of) = (granted.caller().as_str().to_owned(), origin.user().to_owned());
        let all: Vec<&[u8]> = std::iter::once(P::NAME.as_bytes()).chain(parts.iter().copied()).collect();
        Some(Identified { caller, on_behalf_of, request_id, fingerprint: self.fingerprint.compute(&all) })
    }

    /// Makes a change, unless the same request has made it. Whatever goes wrong with the change, the same request may have
    /// been made by another call meanwhile. Where that cannot be looked up, what it would explain is no answer.
    pub(crate) async fn once<A>(
        &self,
        request: Option<&Identified>,
        change: impl Future<Output = Result<Made<A>, Error>>,
    ) -> Result<Once<A>, Error> {
        let Some(request) = request else { return Ok(Once::Made(change.await?)) };
        if let Some(before) = self.made_before(request).await? {
            return Ok(Once::Before(before));
        }
        let error = match change.await {
            Ok(made) => return Ok(Once::Made(made)),
            Err(error) => error,
        };
        let told = match self.made_before(request).await {
            Ok(Some(before)) => Ok(Once::Before(before)),
            Err(Error::Store(store::Error::Database(unanswered))) if error.may_be_of_success() => {
                Err(Error::OutcomeUnknown(unanswered))
            }
            Ok(None) | Err(Error::Store(store::Error::Database(_))) => return Err(error),
            // Such as that the id was used for another request meanwhile.
            Err(of_request) => Err(of_request),
        };
        if !told.as_ref().is_err_and(Error::is_alarm) {
            // Nobody is told of it otherwise.
            error.report();
        }
        told
    }

    async fn made_before(&self, request: &Identified) -> Result<Option<StoredRequest>, Error> {
        let Identified { caller, on_behalf_of, request_id, fingerprint } = request;
        match self.store.request_fetch(self.store.db(), caller, on_behalf_of, *request_id).await? {
            Some(before) if !constant_time_eq(&before.fingerprint, fingerprint) => Err(Error::RequestIdReused),
            before => Ok(before),
        }
    }

    /// Gives an answer about `resource` again, once its entry is durable.
    pub(crate) async fn replayed<P: Permission, A>(
        &self,
        granted: &Granted<P>,
        origin: &Origin,
        resource: String,
        answer: A,
    ) -> Result<Made<A>, Error> {
        let id = self.event_id();
        let event = &origin.mark(self.event(id, granted, resource)).with("reason", REPLAYED);
        let report = self
            .store
            .db()
            .run_tx("request_replayed", |tx| Box::pin(async move { self.report(tx, event.clone()).await }));
        report.await?;
        self.outbox.committed(1);
        Ok(Made { answer, event: id })
    }
}
