//! The keys that key-service has for the system itself. They are found by their names, and each is made where this
//! installation never had it: at the first start, and when a later version brings a further one.
//!
//! Which ones it has had stands in a row of its own. One that is listed and missing was taken away: it is not made anew,
//! because everything under it would be lost without a word, and the service stays sealed.
//!
//! # Layout
//! - `ids`: which ones there are

pub(crate) mod ids;

use audit::{AuditUnavailable, Event, Outbox};
use clock::SharedClock;
use db::Tx;
use names::{EventId, KeyId, KeyName, LogName};

use crate::error::Error;
use crate::key::{Key, Labels, Purpose};
use crate::new_key::NewKey;
use crate::root::RootKey;
use crate::store::own_keys::StoredOwnKeys;
use crate::store::{self, Store};
use ids::OWN_KEYS;

/// Who makes them.
const ACTOR: &str = "key-service";

/// Why the system's own keys are not there.
#[derive(Debug, thiserror::Error)]
pub enum OwnKeysError {
    /// The event that tells of a new one cannot be made.
    #[error("a new key cannot be recorded")]
    Audit(#[from] AuditUnavailable),
    /// The list of them was deleted.
    #[error("the list of the system's own keys is missing: restore the key database")]
    ListMissing,
    /// One could not be made.
    #[error("a key could not be made")]
    Make(#[source] Box<Error>),
    /// One that there was is not there, or is not the system's any more.
    #[error("{0}, one of the system's own keys, is missing: restore the key database")]
    Missing(KeyName),
    /// There are rows, but not the root key that they are under.
    #[error("the root key is missing: restore the key database")]
    RootKeyMissing,
    /// The database does not answer, or a row was altered.
    #[error("the system's own keys cannot be read")]
    Store(#[from] store::Error),
    /// A name that a new one needs is that of an ordinary key.
    #[error("{0} is needed for the system itself, but is an ordinary key")]
    Taken(KeyName),
}

impl From<db::Error> for OwnKeysError {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What makes and records keys.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'a> {
    /// The key database.
    pub store: &'a Store,
    /// The root key.
    pub root: &'a RootKey,
    /// Where the events go; its key is the root key's.
    pub outbox: &'a Outbox,
    /// The time.
    pub clock: &'a SharedClock,
}

impl Maker<'_> {
    /// Makes all of them, at the first start. A list that is there already, or a row of anything else, is of a root key that
    /// was taken away.
    pub async fn make_all(&self, tx: &Tx<'_>) -> Result<(), OwnKeysError> {
        match self.store.own_keys_fetch_for_update(tx).await {
            Ok(None) => {}
            Ok(Some(_)) | Err(store::Error::Row(_)) => return Err(OwnKeysError::RootKeyMissing),
            Err(error) => return Err(error.into()),
        }
        if self.store.has_rows(tx).await? {
            return Err(OwnKeysError::RootKeyMissing);
        }
        self.store.own_keys_insert(tx, &StoredOwnKeys { names: names(), ..StoredOwnKeys::default() }).await?;
        self.make(tx, &OWN_KEYS).await
    }

    /// Finds all of them, and makes those that this installation never had; returns how many. Of two replicas that do so
    /// at once one waits for the other.
    pub async fn find_or_make(&self, tx: &Tx<'_>) -> Result<usize, OwnKeysError> {
        let mut listed = self.store.own_keys_fetch_for_update(tx).await?.ok_or(OwnKeysError::ListMissing)?;
        let mut new = Vec::new();
        for (id, purpose) in OWN_KEYS {
            let id_ = key_id(id)?;
            let found = self.store.key_fetch(tx, &id_).await?.map(|stored| stored.key);
            let is_listed = listed.names.iter().any(|one| one == id);
            match found {
                Some(Key { system: true, purpose: found, .. }) if is_listed && found == purpose => {}
                _ if is_listed => return Err(OwnKeysError::Missing(KeyName::new(id_))),
                Some(_) => return Err(OwnKeysError::Taken(KeyName::new(id_))),
                None => new.push((id, purpose)),
            }
        }
        if !new.is_empty() {
            // What a later version has listed stays.
            listed.names.extend(new.iter().map(|(id, _)| (*id).to_owned()));
            listed.names.sort_unstable();
            self.store.own_keys_update(tx, &listed).await?;
            self.make(tx, &new).await?;
        }
        Ok(new.len())
    }

    async fn make(&self, tx: &Tx<'_>, wanted: &[(&str, Purpose)]) -> Result<(), OwnKeysError> {
        let failed = |error| OwnKeysError::Make(Box::new(error));
        let (mut keys, mut events) = (Vec::new(), Vec::new());
        for (id, purpose) in wanted {
            let new = NewKey::generate(key_id(id)?, None, *purpose, Labels::default(), self.clock).of_system();
            let event_id = EventId::new(clock::uuid_v7(self.clock.as_ref()));
            let mut event = Event::new(event_id, LogName::System, new.key.create_time, ACTOR, "keys.create");
            event.resource = new.key.name().to_string();
            events.push(event.with("uid", new.key.uid).with("key_version", 1));
            keys.push(new);
        }
        Outbox::insert(tx, &[self.outbox.row(&LogName::System, &events)?]).await?;
        for new in keys {
            new.insert(tx, self.store, self.root).await.map_err(failed)?;
        }
        Ok(())
    }
}

fn names() -> Vec<String> {
    OWN_KEYS.iter().map(|(id, _)| (*id).to_owned()).collect()
}

fn key_id(id: &str) -> Result<KeyId, OwnKeysError> {
    let malformed = || OwnKeysError::Make(Box::new(Error::Bug("the id of a system's key is malformed")));
    KeyId::new(id).map_err(|_malformed| malformed())
}
