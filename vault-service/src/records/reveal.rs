//! Revealing records: the only way to plaintext.
//!
//! ```text
//! row ─▶ unwrap (key-service checks the context and records it) ─▶ open manifest and fields
//!     ─▶ event durable in the outbox ─▶ answer
//! ```
//! Whatever fails after a key was unwrapped, an event with the number of that operation follows; so from the unwrapping
//! on the work goes on even where the caller has gone away. Each record of a batch has its own result and its own event;
//! the call fails where nothing can be done for any, such as without key-service.

use std::sync::Arc;

use audit::{Event, KeyOperation};
use names::{CollectionName, Etag, RecordName};
use tokio::time::Instant;

use super::reader::{AROUND, AROUND_NAME, Found, Wanted};
use super::sealing::open;
use super::view::{Shown, View};
use super::{Record, Records, Revealed};
use crate::core::Done;
use crate::error::Error;
use crate::events::{self, Allowed};
use crate::fields::Fields;
use crate::keys::UnwrappedKey;
use crate::permissions::RecordsReveal;
use crate::places::{Collection, Place};
use crate::policy::Policies;
use crate::problems::Problems;
use crate::store::records::RecordRow;

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
    /// One, or several that are opened each for itself.
    pub reveals: Vec<GivenReveal>,
    /// Whether they came as a batch: then problems are reported below `requests[i]`.
    pub is_batch: bool,
    /// Most bytes of the answer.
    pub most: usize,
    /// How many bytes values take in it.
    pub measure: fn(&Fields) -> usize,
    /// What is wrong with the request itself.
    pub problems: Problems,
}

/// A reveal that passed every check that needs no row.
#[derive(Debug)]
struct Checked {
    name: RecordName,
    etag: Option<Etag>,
    read_fields: Vec<String>,
    view: View,
    purpose: String,
    reference: String,
}

/// What became of one reveal, and what tells of it.
struct Item {
    event: Event,
    /// Whether the event stands in for a secret that was used or a row that was altered; another refusal of a single
    /// reveal is only counted.
    is_needed: bool,
    result: Result<Revealed, Error>,
}

/// Reveals of one call.
struct Revealing {
    records: Arc<Records>,
    allowed: Allowed<RecordsReveal>,
    place: Place,
    reveals: Vec<Checked>,
    is_batch: bool,
    most: usize,
    measure: fn(&Fields) -> usize,
    deadline: Instant,
}

impl Records {
    /// Opens records, each for itself. A single one that is refused without an event is an error.
    pub async fn reveal(
        self: &Arc<Self>,
        allowed: Allowed<RecordsReveal>,
        asked: RevealRecords,
        deadline: Instant,
    ) -> Result<Done<Vec<Result<Revealed, Error>>>, Error> {
        let place = self.core.places.place(&asked.parent, deadline).await?;
        let RevealRecords { is_batch, most, measure, .. } = asked;
        let reveals = asked.checked(&place.collection)?;
        self.core.outbox.admit(&place.tenant.log()).map_err(Error::AuditUnavailable)?;
        let records = Arc::clone(self);
        let revealing = Revealing { records, allowed, place, reveals, is_batch, most, measure, deadline };
        self.core.to_the_end("reveal", revealing.run()).await
    }
}

impl Revealing {
    async fn run(self) -> Result<Done<Vec<Result<Revealed, Error>>>, Error> {
        let mut items = Vec::with_capacity(self.reveals.len());
        for (reveal, found) in self.reveals.iter().zip(self.found().await?) {
            items.push(self.item(reveal, found).await);
        }
        let is_of_all = |item: &Item| item.result.as_ref().is_err_and(Error::is_of_all);
        if let Some(index) = items.iter().position(is_of_all) {
            let error = items.swap_remove(index).result.err().unwrap_or(Error::Bug("an error that is none"));
            return Err(self.fail(items, error.in_time(self.deadline)).await);
        }
        if let Err(error) = self.cover(&items) {
            return Err(self.fail(items, error).await);
        }
        let told = |item: &&Item| self.is_batch || item.is_needed;
        let events: Vec<Event> = items.iter().filter(told).map(|item| item.event.clone()).collect();
        let Some(event_id) = events.first().map(|event| event.event_id) else {
            let refusal = items.pop().and_then(|item| item.result.err());
            return Err(refusal.unwrap_or(Error::Bug("a reveal without a record")));
        };
        let written = self.records.core.events.write(&self.place.tenant.log(), &events).await;
        if written.is_err() {
            // Nobody is told of them.
            items.iter().filter_map(|item| item.result.as_ref().err()).for_each(Error::report);
        }
        written.map_err(Error::AuditUnavailable)?;
        Ok(Done { value: items.into_iter().map(|item| item.result).collect(), event_id: Some(event_id) })
    }

    /// What is found of each. One outside a batch shares its messages with other calls, and its answer is bounded by its record.
    async fn found(&self) -> Result<Vec<Result<Found, Error>>, Error> {
        let granted = &self.allowed.granted;
        let wanted = |reveal: &Checked| {
            let is_whole = reveal.read_fields.is_empty() && matches!(reveal.view, View::Full(_));
            Wanted::new(self.place.clone(), reveal.name.clone(), reveal.etag, is_whole, granted.clone())
        };
        let reader = &self.records.reader;
        match self.reveals.as_slice() {
            [reveal] if !self.is_batch => Ok(vec![reader.read(wanted(reveal), self.deadline).await]),
            reveals => {
                let wanted: Vec<_> = reveals.iter().map(wanted).collect();
                reader.read_all(&wanted, self.most, self.deadline).await
            }
        }
    }

    /// Sees to it that what was opened can be answered, before anything tells that it was: as it is, as a message, and encoded.
    fn cover(&self, items: &[Item]) -> Result<(), Error> {
        let (mut opened, mut message) = (0, 0);
        let mut answered = items.len() * AROUND;
        for Revealed { record, fields } in items.iter().filter_map(|item| item.result.as_ref().ok()) {
            opened += fields.iter().map(|(name, json)| name.len() + json.len()).sum::<usize>();
            message += (self.measure)(fields);
            answered += record.field_names.iter().map(|name| name.len() + AROUND_NAME).sum::<usize>();
        }
        if answered.saturating_add(message) > self.most {
            return Err(Error::TooLarge { limit: self.most });
        }
        self.allowed.granted.cover_response(opened + 2 * message)?;
        Ok(())
    }

    async fn item(&self, reveal: &Checked, found: Result<Found, Error>) -> Item {
        let Found { row, key } = match found {
            Ok(found) => found,
            Err(error) => return Item::refused(self.event_of(reveal, None), error),
        };
        let mut event = self.event_of(reveal, Some(&row));
        match key {
            Ok(key) => {
                event.key_operation = Some(KeyOperation { boot: key.operation.boot, counter: key.operation.counter });
                if key.is_cached {
                    event = event.with("data_key", "cached");
                }
                match self.open(reveal, row, key) {
                    Ok((shown, revealed)) => {
                        let event = shown.told(&self.place.collection.policies, event);
                        Item { event, is_needed: true, result: Ok(revealed) }
                    }
                    Err(error) => Item { is_needed: true, ..Item::refused(event, error) },
                }
            }
            Err(Error::DoesNotOpen { name, source }) => {
                let error = self.records.does_not_open(&self.place, name, &row.head, source).await;
                Item { is_needed: true, ..Item::refused(event, error) }
            }
            Err(error) => Item::refused(event, error),
        }
    }

    fn event_of(&self, reveal: &Checked, row: Option<&RecordRow>) -> Event {
        let (clock, allowed, name) = (&*self.records.core.clock, &self.allowed, &reveal.name);
        let event = match row {
            Some(row) => events::of_record(clock, allowed, name, &row.head, None),
            None => events::of_call(clock, allowed, name.tenant(), name.into()),
        };
        let mut event = event.with("view", reveal.view.name());
        event.purpose.clone_from(&reveal.purpose);
        event.reference.clone_from(&reveal.reference);
        event
    }

    /// Opens what a reveal shows; the rest is not opened.
    fn open(&self, reveal: &Checked, row: RecordRow, key: UnwrappedKey) -> Result<(Shown, Revealed), Error> {
        let policies = &self.place.collection.policies;
        let shown = Shown::of(&reveal.view, policies, &row.head.field_names, &reveal.read_fields);
        let does_not_open = |source| Error::DoesNotOpen { name: reveal.name.clone(), source };
        let fields = open(&self.place, &reveal.name, &row, key, shown.selection()).map_err(does_not_open)?;
        reveal.check_read_fields(policies, &row.head.field_names)?;
        let fields = shown.answer(fields);
        let record = Record::of(&self.place.tenant, reveal.name.clone(), row.head);
        Ok((shown, Revealed { record, fields }))
    }

    /// Makes the events of reveals durable whose call fails for another reason, and gives that back. Where they cannot be,
    /// nothing has left the vault, and the log says so.
    async fn fail(&self, items: Vec<Item>, error: Error) -> Error {
        let failed = |item: Item| match item.result {
            Ok(_) => events::failed(item.event, error.code()),
            Err(own) => {
                // Nobody is told of it.
                own.report();
                item.event
            }
        };
        let events: Vec<Event> = items.into_iter().filter(|item| item.is_needed).map(failed).collect();
        if !events.is_empty()
            && let Err(unavailable) = self.records.core.events.write(&self.place.tenant.log(), &events).await
        {
            tracing::error!(error = %unavailable, "a failed reveal has no entry");
        }
        error
    }
}

impl Item {
    fn refused(event: Event, error: Error) -> Self {
        let (outcome, reason) = (error.outcome(), error.code());
        let is_needed = matches!(error, Error::DoesNotOpen { .. } | Error::Row(_));
        Self { event: Event { outcome, ..event }.with("reason", reason), is_needed, result: Err(error) }
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
                reveals.push(Checked { name, etag, read_fields, view, purpose, reference });
            }
        }
        problems.finish()?;
        Ok(reveals)
    }
}

impl Checked {
    /// Refuses names that neither the record has, whose names are sorted, nor a policy: slips of the pen.
    fn check_read_fields(&self, policies: &Policies, field_names: &[String]) -> Result<(), Error> {
        let mut unknown = Problems::default();
        for (index, name) in self.read_fields.iter().enumerate() {
            if field_names.binary_search(name).is_err() && !policies.names(name) {
                unknown.add(format!("read_fields[{index}]"), "neither the record nor a policy has this field");
            }
        }
        Ok(unknown.finish()?)
    }
}
