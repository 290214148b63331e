//! Revealing records: the only way to plaintext.
//!
//! ```text
//! row ─▶ unwrap (key-service checks the context and records it) ─▶ open manifest and fields
//!     ─▶ event durable in the outbox ─▶ answer
//! ```
//! Whatever fails after a key was unwrapped, an event with the number of that operation follows; so from the unwrapping
//! on the work goes on even where the caller has gone away.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::Event;
use envelope::record::Selection;
use futures::future::join_all;
use names::{CollectionName, Etag, RecordName};
use rpc::Granted;
use tokio::time::Instant;

use super::sealing::{check_columns, open, unwrap_request};
use super::{Record, RecordsReveal, Revealed};
use crate::error::{DoesNotOpen, Error};
use crate::events;
use crate::keys::UnwrappedKey;
use crate::keys::calls::KeyError;
use crate::places::{Collection, Place};
use crate::problems::Problems;
use crate::store::records::{RecordRow, record_fetch_many};
use crate::vault::{Done, Vault};

/// What a caller wants to see, with what is wrong with it so far.
#[derive(Debug)]
pub struct GivenReveal {
    /// The record; none where the name did not parse, which is a problem.
    pub name: Option<RecordName>,
    /// The revision that it must have.
    pub etag: Option<Etag>,
    /// Which fields; none for all.
    pub read_fields: Vec<String>,
    /// Why.
    pub purpose: String,
    /// Ticket or case.
    pub reference: String,
    /// What is wrong.
    pub problems: Problems,
}

/// What a caller asks for.
#[derive(Debug)]
pub struct RevealRecords {
    /// Where the records are.
    pub parent: CollectionName,
    /// One, or several that are opened all or none.
    pub reveals: Vec<GivenReveal>,
    /// Whether they came as a batch: then problems are reported below `requests[i]`.
    pub is_batch: bool,
    /// What is wrong with the request itself.
    pub problems: Problems,
}

/// A reveal that passed every check that needs no row.
#[derive(Debug)]
struct Checked {
    name: RecordName,
    etag: Option<Etag>,
    read_fields: Vec<String>,
    purpose: String,
    reference: String,
}

/// Why keys were not unwrapped, and what was unwrapped all the same.
struct NotUnwrapped {
    error: Error,
    unwrapped: Vec<Option<UnwrappedKey>>,
}

impl Vault {
    /// Opens records.
    pub async fn records_reveal(
        self: &Arc<Self>,
        granted: Granted<RecordsReveal>,
        asked: RevealRecords,
        deadline: Instant,
    ) -> Result<Done<Vec<Revealed>>, Error> {
        let place = self.place(&asked.parent, deadline).await?;
        let reveals = asked.checked(&place.collection)?;
        self.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let vault = Arc::clone(self);
        self.to_the_end("reveal", async move { vault.reveal_accounted(&granted, &place, reveals, deadline).await })
            .await
    }

    async fn reveal_accounted(
        &self,
        granted: &Granted<RecordsReveal>,
        place: &Place,
        reveals: Vec<Checked>,
        deadline: Instant,
    ) -> Result<Done<Vec<Revealed>>, Error> {
        let rows = self.rows_of(place, &reveals, deadline).await?;
        let mut events: Vec<Event> =
            reveals.iter().zip(&rows).map(|(reveal, row)| self.event_of(granted, reveal, row)).collect();
        let keys = match self.unwrap_rows(place, &reveals, &rows, deadline).await {
            Ok(keys) => keys,
            // Where no key was unwrapped and no row is to blame, the refusal is counted and needs no event of its own.
            Err(NotUnwrapped { error, unwrapped })
                if unwrapped.iter().all(Option::is_none) && !matches!(error, Error::DoesNotOpen { .. }) =>
            {
                return Err(error);
            }
            Err(NotUnwrapped { error, unwrapped }) => {
                for (event, key) in events.iter_mut().zip(unwrapped) {
                    event.key_operation = key.map(|key| (key.operation.boot, key.operation.counter));
                }
                return Err(self.account_for_failure(place, events, error).await);
            }
        };
        for (event, key) in events.iter_mut().zip(&keys) {
            event.key_operation = Some((key.operation.boot, key.operation.counter));
        }
        let revealed = match open_all(place, &reveals, &rows, keys) {
            Ok(revealed) => revealed,
            Err(error) => return Err(self.account_for_failure(place, events, error).await),
        };
        for (event, revealed) in events.iter_mut().zip(&revealed) {
            event.attributes.insert("fields".to_owned(), revealed.fields.len().to_string());
        }
        self.events.write(&place.tenant.log(), &events).await.map_err(Error::AuditUnavailable)?;
        Ok(Done { value: revealed, event_id: events.first().map(|event| event.event_id) })
    }

    fn event_of(&self, granted: &Granted<RecordsReveal>, reveal: &Checked, row: &RecordRow) -> Event {
        let mut event = events::of_record(&*self.clock, granted, &reveal.name, &row.head, None).with("view", "FULL");
        event.purpose.clone_from(&reveal.purpose);
        event.reference.clone_from(&reveal.reference);
        event
    }

    /// The rows, in the order of the reveals; etags must hold.
    async fn rows_of(
        &self,
        place: &Place,
        reveals: &[Checked],
        deadline: Instant,
    ) -> Result<Vec<Arc<RecordRow>>, Error> {
        let rows: Vec<RecordRow> = match reveals {
            [reveal] => self.reader.read(place, &reveal.name, deadline).await?.into_iter().collect(),
            reveals => {
                let ids: Vec<&str> = reveals.iter().map(|reveal| reveal.name.record().as_str()).collect();
                let (ids, tenant, collection) = (&ids, place.tenant.uid, place.collection.uid);
                self.db
                    .run_one("records_reveal", |conn| {
                        Box::pin(async move { record_fetch_many(conn, tenant, collection, ids).await })
                    })
                    .await?
            }
        };
        let rows: Vec<Arc<RecordRow>> = rows.into_iter().map(Arc::new).collect();
        let by_id: BTreeMap<&str, &Arc<RecordRow>> =
            rows.iter().map(|row| (row.head.record_id.as_str(), row)).collect();
        reveals
            .iter()
            .map(|reveal| {
                let row = by_id.get(reveal.name.record().as_str()).copied();
                let row = Arc::clone(row.ok_or_else(|| Error::NotFound(reveal.name.clone().into()))?);
                let etag = Etag::new(row.head.record_uid.as_uuid(), row.head.revision);
                if reveal.etag.is_some_and(|expected| expected != etag) { Err(Error::EtagMismatch) } else { Ok(row) }
            })
            .collect()
    }

    /// Unwraps the data keys of rows. A single one shares its message with other calls; of a batch that is refused each
    /// is tried by itself, to tell which row is wrong.
    async fn unwrap_rows(
        &self,
        place: &Place,
        reveals: &[Checked],
        rows: &[Arc<RecordRow>],
        deadline: Instant,
    ) -> Result<Vec<UnwrappedKey>, NotUnwrapped> {
        let nothing = |error| NotUnwrapped { error, unwrapped: Vec::new() };
        for (reveal, row) in reveals.iter().zip(rows) {
            check_columns(&reveal.name, &row.head).map_err(|source| nothing(does_not_open(reveal, source)))?;
        }
        let requests: Vec<_> = reveals
            .iter()
            .zip(rows)
            .map(|(reveal, row)| unwrap_request(&place.tenant, &reveal.name, &row.head))
            .collect();
        if requests.len() > 1 {
            match self.keys.unwrap_all(requests.clone(), deadline).await {
                Ok(keys) => return Ok(keys),
                Err(KeyError::DoesNotOpen) => {}
                Err(error) => return Err(nothing(error.into())),
            }
        }
        let answers = join_all(requests.into_iter().map(|request| self.keys.unwrap(request, deadline))).await;
        let mut error = None;
        let mut unwrapped = Vec::with_capacity(answers.len());
        for (answer, reveal) in answers.into_iter().zip(reveals) {
            match answer {
                Ok(key) => unwrapped.push(Some(key)),
                Err(KeyError::DoesNotOpen) => {
                    error = Some(does_not_open(reveal, DoesNotOpen::Key));
                    unwrapped.push(None);
                }
                Err(other) => {
                    error.get_or_insert(other.into());
                    unwrapped.push(None);
                }
            }
        }
        match error {
            None => Ok(unwrapped.into_iter().flatten().collect()),
            Some(error) => Err(NotUnwrapped { error, unwrapped }),
        }
    }

    /// Makes the events of a reveal that failed durable, and gives its error back. Where that fails too nothing has left
    /// the vault, and the log says so.
    async fn account_for_failure(&self, place: &Place, events: Vec<Event>, error: Error) -> Error {
        let reason = error.code();
        let events: Vec<Event> = events.into_iter().map(|event| events::failed(event, reason)).collect();
        if let Err(unavailable) = self.events.write(&place.tenant.log(), &events).await {
            tracing::error!(error = %unavailable, "a failed reveal has no entry");
        }
        error
    }
}

impl RevealRecords {
    /// Reports everything that is wrong with the request at once.
    fn checked(self, collection: &Collection) -> Result<Vec<Checked>, Error> {
        let mut problems = self.problems;
        let mut reveals = Vec::with_capacity(self.reveals.len());
        for (index, mut given) in self.reveals.into_iter().enumerate() {
            if given.purpose.is_empty() {
                given.problems.add("purpose", format_args!("is required: one of {}", collection.purposes.join(", ")));
            } else if !collection.purposes.contains(&given.purpose) {
                given.problems.add("purpose", format_args!("must be one of {}", collection.purposes.join(", ")));
            }
            if self.is_batch {
                problems.extend(&format!("requests[{index}]"), given.problems);
            } else {
                problems.append(given.problems);
            }
            if let Some(name) = given.name {
                let (etag, read_fields) = (given.etag, given.read_fields);
                reveals.push(Checked { name, etag, read_fields, purpose: given.purpose, reference: given.reference });
            }
        }
        problems.finish()?;
        Ok(reveals)
    }
}

fn open_all(
    place: &Place,
    reveals: &[Checked],
    rows: &[Arc<RecordRow>],
    keys: Vec<UnwrappedKey>,
) -> Result<Vec<Revealed>, Error> {
    let mut revealed = Vec::with_capacity(rows.len());
    for ((reveal, row), key) in reveals.iter().zip(rows).zip(keys) {
        let selection = match reveal.read_fields.as_slice() {
            [] => Selection::All,
            names => Selection::Names(names),
        };
        let fields = open(place, &reveal.name, row, key, selection).map_err(|source| does_not_open(reveal, source))?;
        revealed.push(Revealed { record: Record::of(&place.tenant, reveal.name.clone(), &row.head), fields });
    }
    Ok(revealed)
}

fn does_not_open(reveal: &Checked, source: DoesNotOpen) -> Error {
    Error::DoesNotOpen { name: reveal.name.clone(), source }
}
