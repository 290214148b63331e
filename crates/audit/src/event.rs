//! What a service reports: ids, codes and counts, never a value.

use std::{borrow::Cow, collections::BTreeMap};

use api::audit::v1 as wire;
use clock::Timestamp;
use names::{BootId, EventId, LogName};
pub use tlog::Outcome;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Makes it exactly once in its log.
    pub event_id: EventId,
    /// The log that it belongs to.
    pub log: LogName,
    /// When it happened.
    pub time: Timestamp,
    /// Identity of the caller.
    pub actor: String,
    /// Whom the caller acted for; empty for itself.
    pub on_behalf_of: String,
    /// What was done: the permission that it needs, e.g. `records.reveal`.
    pub action: Cow<'static, str>,
    /// Full resource name; empty where the call named none.
    pub resource: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Purpose given, an id of the collection's list.
    pub purpose: String,
    /// Reference given.
    pub reference: String,
    /// The key operation that was used.
    pub key_operation: Option<(BootId, u64)>,
    /// Ids, codes and counts under names of `tlog::event::ATTRIBUTE_NAMES`.
    pub attributes: BTreeMap<String, String>,
}

impl Event {
    /// An event with its required parts and outcome OK; the rest is set field by field.
    pub fn new(event_id: EventId, log: LogName, time: Timestamp, actor: &str, action: &'static str) -> Self {
        Self {
            event_id,
            log,
            time,
            actor: actor.to_owned(),
            on_behalf_of: String::new(),
            action: Cow::Borrowed(action),
            resource: String::new(),
            outcome: Outcome::Ok,
            purpose: String::new(),
            reference: String::new(),
            key_operation: None,
            attributes: BTreeMap::new(),
        }
    }

    /// The same event with one more attribute.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and names are given as they are")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.attributes.insert(name.to_owned(), value.to_string());
        self
    }

    pub(crate) fn to_message(&self) -> wire::Event {
        let (key_boot_id, key_counter) = match self.key_operation {
            Some((boot, counter)) => (boot.as_bytes().to_vec(), counter),
            None => (Vec::new(), 0),
        };
        wire::Event {
            event_id: self.event_id.as_bytes().to_vec(),
            log: self.log.to_string(),
            time_ns: self.time.as_nanos(),
            actor: self.actor.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            action: self.action.clone().into_owned(),
            resource: self.resource.clone(),
            outcome: i32::from(self.outcome.number()),
            purpose: self.purpose.clone(),
            reference: self.reference.clone(),
            key_boot_id,
            key_counter,
            attributes: self.attributes.clone().into_iter().collect(),
        }
    }
}
