//! Revealing records: the only way to plaintext.
//!
//! ```text
//! row ─▶ unwrap (key-service checks the context and records it) ─▶ open manifest and fields
//!     ─▶ event durable in the outbox ─▶ answer
//! ```
//! Whatever fails after a key was unwrapped, an event with the number of that operation follows; so from the unwrapping
//! on the work goes on even where the caller has gone away.

use std::sync::Arc;

use audit::{Event, KeyOperation};
use names::{CollectionName, Etag, RecordName};
use tokio::time::Instant;

use super::reader::{Found, Wanted};
use super::sealing::open;
use super::view::{Shown, View};
use super::{Record, RecordsReveal, Revealed};
use crate::error::Error;
use crate::events::{self, Allowed};
use crate::keys::UnwrappedKey;
use crate::places::{Collection, Place};
use crate::policy::Policies;
use crate::problems::Problems;
use crate::store::records::RecordRow;
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
    /// How much of them.
    pub view: View,
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
    /// Which of a batch it is.
    index: Option<usize>,
    name: RecordName,
    etag: Option<Etag>,
    read_fields: Vec<String>,
    view: View,
    purpose: String,
    reference: String,
}

impl Vault {
    /// Opens records.
    pub async fn records_reveal(
        self: &Arc<Self>,
        allowed: Allowed<RecordsReveal>,
        asked: RevealRecords,
        deadline: Instant,
    ) -> Result<Done<Vec<Revealed>>, Error> {
        let place = self.place(&asked.parent, deadline).await?;
        let reveals = asked.checked(&place.collection)?;
        self.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let vault = Arc::clone(self);
        self.to_the_end("reveal", async move { vault.reveal_accounted(&allowed, &place, reveals, deadline).await })
            .await
    }

    async fn reveal_accounted(
        &self,
        allowed: &Allowed<RecordsReveal>,
        place: &Place,
        reveals: Vec<Checked>,
        deadline: Instant,
    ) -> Result<Done<Vec<Revealed>>, Error> {
        let found = self.found(place, &reveals, deadline).await?;
        let mut events = Vec::with_capacity(found.len());
        let mut rows = Vec::with_capacity(found.len());
        let mut keys = Vec::with_capacity(found.len());
        let mut error = None;
        for (reveal, Found { row, key }) in reveals.iter().zip(found) {
            let mut event = self.event_of(allowed, reveal, &row);
            match key {
                Some(Ok(key)) => {
                    event.key_operation =
                        Some(KeyOperation { boot: key.operation.boot, counter: key.operation.counter });
                    keys.push(key);
                }
                // A row that is to blame is told of before a service that is away.
                Some(Err(Error::DoesNotOpen { name, source })) => {
                    error = Some(self.does_not_open(place, name, &row.head, source).await);
                }
                Some(Err(one)) => error = error.or(Some(one)),
                None => {}
            }
            events.push(event);
            rows.push(row);
        }
        if let Some(error) = error {
            // Where no key was unwrapped and no row is to blame, the refusal is counted and needs no event of its own.
            if keys.is_empty() && !matches!(error, Error::DoesNotOpen { .. } | Error::Row(_)) {
                return Err(error);
            }
            return Err(self.account_for_failure(place, events, error).await);
        }
        let opened = match open_all(place, &reveals, rows, keys) {
            Ok(opened) => opened,
            Err(error) => return Err(self.account_for_failure(place, events, error).await),
        };
        let policies = &place.collection.policies;
        let events: Vec<Event> =
            events.into_iter().zip(&opened).map(|(event, (shown, _))| shown.told(policies, event)).collect();
        let revealed = opened.into_iter().map(|(_, revealed)| revealed).collect();
        self.events.write(&place.tenant.log(), &events).await.map_err(Error::AuditUnavailable)?;
        Ok(Done { value: revealed, event_id: events.first().map(|event| event.event_id) })
    }

    fn event_of(&self, allowed: &Allowed<RecordsReveal>, reveal: &Checked, row: &RecordRow) -> Event {
        let mut event =
            events::of_record(&*self.clock, allowed, &reveal.name, &row.head, None).with("view", reveal.view.name());
        event.purpose.clone_from(&reveal.purpose);
        event.reference.clone_from(&reveal.reference);
        event
    }

    /// The rows with their data keys, in the order of the reveals. A single one shares its messages with other calls.
    async fn found(&self, place: &Place, reveals: &[Checked], deadline: Instant) -> Result<Vec<Found>, Error> {
        let wanted = |reveal: &Checked| Wanted::new(place.clone(), reveal.name.clone(), reveal.etag);
        match reveals {
            [reveal] => Ok(vec![self.reader.read(wanted(reveal), deadline).await?]),
            reveals => {
                let wanted: Vec<_> = reveals.iter().map(wanted).collect();
                self.reader.read_all(&wanted, deadline).await
            }
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
                let (etag, read_fields, view) = (given.etag, given.read_fields, given.view);
                let (purpose, reference) = (given.purpose, given.reference);
                let index = self.is_batch.then_some(index);
                reveals.push(Checked { index, name, etag, read_fields, view, purpose, reference });
            }
        }
        problems.finish()?;
        Ok(reveals)
    }
}

/// Opens what each reveal shows; the rest is not opened.
fn open_all(
    place: &Place,
    reveals: &[Checked],
    rows: Vec<RecordRow>,
    keys: Vec<UnwrappedKey>,
) -> Result<Vec<(Shown, Revealed)>, Error> {
    let policies = &place.collection.policies;
    let mut revealed = Vec::with_capacity(rows.len());
    let mut problems = Problems::default();
    for ((reveal, row), key) in reveals.iter().zip(rows).zip(keys) {
        let shown = Shown::of(&reveal.view, policies, &row.head.field_names, &reveal.read_fields);
        let does_not_open = |source| Error::DoesNotOpen { name: reveal.name.clone(), source };
        let fields = open(place, &reveal.name, &row, key, shown.selection()).map_err(does_not_open)?;
        reveal.check_read_fields(policies, &row.head.field_names, &mut problems);
        let fields = shown.answer(fields);
        let record = Record::of(&place.tenant, reveal.name.clone(), row.head);
        revealed.push((shown, Revealed { record, fields }));
    }
    problems.finish()?;
    Ok(revealed)
}

impl Checked {
    /// Reports names that neither the record has, whose names are sorted, nor a policy: slips of the pen.
    fn check_read_fields(&self, policies: &Policies, field_names: &[String], problems: &mut Problems) {
        let mut unknown = Problems::default();
        for (index, name) in self.read_fields.iter().enumerate() {
            if field_names.binary_search(name).is_err() && !policies.names(name) {
                unknown.add(format!("read_fields[{index}]"), "neither the record nor a policy has this field");
            }
        }
        match self.index {
            Some(index) => problems.extend(&format!("requests[{index}]"), unknown),
            None => problems.append(unknown),
        }
    }
}
