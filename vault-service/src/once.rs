//! Changes with a request id are made once: the same caller, user, id and request get the first answer again, for 24
//! hours, and an entry says so.
//!
//! ```text
//! known? ─▶ its first answer, with an entry REPLAYED
//!   │ no
//!   ▼
//! the change, which writes the request and its answer in the statement that makes it
//!   │ failed, for whatever reason
//!   ▼
//! known now? ─▶ another call has made the same change meanwhile: its first answer, with an entry REPLAYED
//!   │ no
//!   ▼
//! the error
//! ```

use std::future::Future;
use std::sync::Arc;

use envelope::mac::Fingerprint;
use names::LogName;
use rows::RowKeys;
use rpc::Permission;
use secret::SecretVec;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::core::{Core, Done};
use crate::error::{Error, Resource};
use crate::events::{self, Allowed};
use crate::fields::Fields;
use crate::store::requests::{NewRequest, RequestKey, RequestRow, request_fetch};
use crate::stored_json::{self, Unreadable};

/// Reason in the entry of an answer that is given again.
pub const REPLAYED: &str = "REPLAYED";

/// What a change answers, and what is remembered of it.
pub trait Answer: Serialize + DeserializeOwned + Send {
    /// What the change was about; none where it was about nothing.
    fn resource(&self) -> Option<Resource>;
}

/// The canonical parts of a request; the HMAC over them under the vault's fingerprint key is kept. Values can be guessed,
/// so nothing less than a keyed hash of them is.
#[derive(Debug)]
pub struct Canonical {
    parts: Vec<SecretVec>,
}

impl Canonical {
    /// Of a request for what `P` permits below `parent`.
    pub fn new<P: Permission>(parent: &str) -> Self {
        let mut canonical = Self { parts: Vec::new() };
        canonical.part(P::NAME).part(parent);
        canonical
    }

    /// Adds a part.
    pub fn part(&mut self, part: impl AsRef<[u8]>) -> &mut Self {
        self.parts.push(SecretVec::new(part.as_ref().to_vec()));
        self
    }

    /// Adds a part that may be absent: that differs from an empty one.
    pub fn optional(&mut self, part: Option<impl AsRef<[u8]>>) -> &mut Self {
        match part {
            None => self.part([0]),
            Some(part) => self.part([1]).part(part),
        }
    }

    /// Adds texts, with their number.
    pub fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.part(texts.len().to_be_bytes());
        for text in texts {
            self.part(text);
        }
        self
    }

    /// Adds the fields of a record, with their number.
    pub fn fields(&mut self, fields: &Fields) -> &mut Self {
        self.part(fields.len().to_be_bytes());
        for (name, json) in fields.iter() {
            self.part(name).part(json.expose());
        }
        self
    }

    /// The fingerprint.
    pub fn fingerprint(&self, key: &Fingerprint) -> Vec<u8> {
        let parts: Vec<&[u8]> = self.parts.iter().map(SecretVec::expose).collect();
        key.compute(&parts).to_vec()
    }
}

/// A request with an id, to be remembered with the change that it asks for.
#[derive(Debug, Clone)]
pub struct Identified {
    key: RequestKey,
    fingerprint: Vec<u8>,
    row_keys: Arc<RowKeys>,
}

impl Identified {
    /// What to write in the statement that makes the change.
    pub fn remembered(&self, answer: &impl Answer) -> Result<NewRequest, Error> {
        let answer =
            stored_json::ANSWER.write(answer).map_err(|_no_map_key| Error::Bug("an answer is not written as JSON"))?;
        Ok(NewRequest {
            key: self.key.clone(),
            row: RequestRow { fingerprint: self.fingerprint.clone(), answer },
            keys: Arc::clone(&self.row_keys),
        })
    }

    /// The first answer from a row with this request's key, whose HMAC holds.
    fn first_answer<A: DeserializeOwned>(&self, row: &RequestRow) -> Result<A, Error> {
        if row.fingerprint != self.fingerprint {
            return Err(Error::RequestIdReused);
        }
        stored_json::ANSWER.read(row.answer.as_bytes()).map_err(|unreadable| match unreadable {
            Unreadable::Newer => Error::NewerVersion { table: "requests" },
            Unreadable::Malformed => Error::RowChanged { table: "requests" },
        })
    }
}

impl Core {
    /// A request, where it has an id.
    pub(crate) async fn identified(
        &self,
        key: Option<RequestKey>,
        deadline: Instant,
        canonical: impl FnOnce() -> Canonical,
    ) -> Result<Option<Identified>, Error> {
        let Some(key) = key else { return Ok(None) };
        let keys = self.own_keys.get(deadline).await?;
        let fingerprint = canonical().fingerprint(&keys.fingerprint);
        Ok(Some(Identified { key, fingerprint, row_keys: Arc::clone(&keys.row) }))
    }

    /// Makes a change, unless the same request has made it: then its first answer is given again.
    pub(crate) async fn once<P: Permission, A: Answer>(
        &self,
        allowed: &Allowed<P>,
        request: Option<&Identified>,
        change: impl Future<Output = Result<Done<A>, Error>>,
    ) -> Result<Done<A>, Error> {
        let Some(request) = request else { return change.await };
        if let Some(answer) = self.first_answer(request).await? {
            return self.replayed(allowed, answer).await;
        }
        let error = match change.await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let told = match self.first_answer(request).await {
            Ok(Some(answer)) => self.replayed(allowed, answer).await,
            Err(Error::Database(failed)) if error.may_be_of_success() => Err(Error::OutcomeUnknown(failed)),
            Ok(None) | Err(Error::Database(_)) => return Err(error),
            // Such as that the id was used for another request meanwhile.
            Err(of_request) => Err(of_request),
        };
        if !told.as_ref().is_err_and(Error::is_alarm) {
            // Nobody is told of it otherwise.
            error.report();
        }
        told
    }

    async fn first_answer<A: DeserializeOwned>(&self, request: &Identified) -> Result<Option<A>, Error> {
        let row = request_fetch(&self.db, &request.row_keys, &request.key).await?;
        row.map(|row| request.first_answer(&row)).transpose()
    }

    /// Gives an answer again, once its entry is durable.
    async fn replayed<P: Permission, A: Answer>(&self, allowed: &Allowed<P>, answer: A) -> Result<Done<A>, Error> {
        let resource = answer.resource().ok_or(Error::Bug("a remembered answer is about nothing"))?;
        let tenant = resource.tenant();
        let event = events::of_call(&*self.clock, allowed, tenant, resource.to_string()).with("reason", REPLAYED);
        let event_id = Some(event.event_id);
        let log = LogName::of_tenant(tenant);
        self.events.write(&log, &[event]).await.map_err(Error::AuditUnavailable)?;
        Ok(Done { value: answer, event_id })
    }
}

#[cfg(test)]
mod tests {
    use names::TenantUid;
    use secret::SecretBytes;
    use uuid::Uuid;

    use super::*;
    use crate::permissions::RecordsCreate;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = Fingerprint::new(SecretBytes::from_slice(&[7; 32]).unwrap());
        let of = |parts: &[&str]| {
            let mut canonical = Canonical::new::<RecordsCreate>("tenants/a");
            for part in parts {
                canonical.part(part);
            }
            canonical.fingerprint(&key)
        };
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
    }

    #[test]
    fn another_request_under_the_same_id_is_told_apart() {
        let key = RequestKey {
            tenant_uid: TenantUid::new(Uuid::nil()),
            caller: "app".to_owned(),
            on_behalf_of: String::new(),
            request_id: Uuid::nil(),
        };
        let row_keys = Arc::new(RowKeys::new(1, SecretBytes::from_slice(&[7; 32]).unwrap()));
        let asked = Identified { key, fingerprint: vec![1; 32], row_keys };
        let answer = stored_json::ANSWER.write(&"answer").unwrap();
        let same = RequestRow { fingerprint: asked.fingerprint.clone(), answer };
        assert_eq!(asked.first_answer::<String>(&same).unwrap(), "answer");
        let other = RequestRow { fingerprint: vec![2; 32], ..same };
        assert!(matches!(asked.first_answer::<String>(&other), Err(Error::RequestIdReused)));
    }
}
