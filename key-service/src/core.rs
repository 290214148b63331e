//! What every topic works with.

use std::sync::Arc;

use audit::{Event, Outbox};
use clock::SharedClock;
use db::Tx;
use envelope::mac::Fingerprint;
use names::{EventId, LogName};
use rpc::{Granted, Permission};

use crate::error::Error;
use crate::keyring::Keyring;
use crate::store::Store;

/// The database, the keys in memory, the outbox, and the time.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) clock: SharedClock,
    pub(crate) store: Arc<Store>,
    pub(crate) keyring: Keyring,
    pub(crate) outbox: Outbox,
    pub(crate) fingerprint: Fingerprint,
}

impl Core {
    /// A new event's id.
    pub(crate) fn event_id(&self) -> EventId {
        EventId::new(clock::uuid_v7(self.clock.as_ref()))
    }

    /// The event of a granted change.
    pub(crate) fn event<P: Permission>(&self, id: EventId, granted: &Granted<P>, resource: String) -> Event {
        let (actor, action) = (granted.caller().as_str(), granted.permission());
        let mut event = Event::new(id, LogName::System, self.clock.now(), actor, action);
        event.resource = resource;
        event
    }

    /// Writes an event together with the change that it tells of. Call [`Outbox::committed`] after the commit.
    pub(crate) async fn report(&self, tx: &Tx<'_>, event: Event) -> Result<(), Error> {
        let row = self.outbox.row(&LogName::System, &[event])?;
        Ok(Outbox::insert(tx, &[row]).await?)
    }
}
