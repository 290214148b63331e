//! From a sealed service to one with its root key at hand: opens the stored root key, or makes the first one.

use audit::{AuditUnavailable, Event, Outbox, OutboxKey};
use clock::SharedClock;
use db::{Db, Tx};
use names::{EventId, KeyId, LogName};
use secret::constant_time_eq;

use crate::key::{Labels, Purpose};
use crate::keys::NewKey;
use crate::root::{RootError, RootKey};
use crate::seal::{Seal, SealError};
use crate::store::root::{StoredRoot, root_fetch, root_insert};
use crate::store::{self, Store};

/// Authenticates audit entries.
pub const AUDIT_MAC_KEY: &str = "audit-mac";
/// Wraps the keys that vault-service keeps for itself.
pub const VAULT_SERVICE_KEY: &str = "vault-service";
/// Who makes the first keys.
const ACTOR: &str = "key-service";

/// Why the root key is not at hand.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The audit event of the first start cannot be made.
    #[error("the first start cannot be recorded")]
    Audit(#[from] AuditUnavailable),
    /// The first keys could not be made.
    #[error("the first keys could not be made")]
    FirstKeys(#[source] Box<crate::error::Error>),
    /// No randomness, or derivation failed.
    #[error("the root key cannot be used")]
    Root(#[from] RootError),
    /// The seal gives no key.
    #[error("the seal gives no key")]
    Seal(#[from] SealError),
    /// The database does not answer, or its row was altered.
    #[error("the root key cannot be read")]
    Store(#[from] store::Error),
    /// The seal's key is not the one that wraps the root key.
    #[error(
        "the seal's secret does not open the root key of this database: mount the secret that it was made with, \
         nothing else opens it"
    )]
    WrongSeal,
}

impl From<db::Error> for UnsealError {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

impl UnsealError {
    /// Whether waiting may help without an operator: the database is away.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Store(store::Error::Database(
                db::Error::Unavailable(_) | db::Error::Timeout | db::Error::ConnectionLost(_) | db::Error::Conflict(_)
            ))
        )
    }
}

/// The root key, made now if there never was one. Puts the outbox's key in its slot.
pub async fn unseal(db: &Db, seal: &dyn Seal, clock: &SharedClock, outbox: &Outbox) -> Result<RootKey, UnsealError> {
    let root = match open(db, seal).await? {
        Some(root) => root,
        None => initialize(db, seal, clock, outbox).await?,
    };
    outbox.key().set(OutboxKey::new(&root.outbox_key()?));
    Ok(root)
}

/// Whether a root key was ever made.
pub async fn is_initialized(db: &Db) -> Result<bool, store::Error> {
    let stored = db.run_one("root_fetch", |conn| Box::pin(async move { root_fetch(conn).await })).await?;
    Ok(stored.is_some())
}

async fn open(db: &Db, seal: &dyn Seal) -> Result<Option<RootKey>, UnsealError> {
    let stored = db.run_one("root_fetch", |conn| Box::pin(async move { root_fetch(conn).await })).await;
    let Some(unchecked) = stored.map_err(UnsealError::Store)? else { return Ok(None) };
    let root = match RootKey::unwrap(&seal.key()?, unchecked.wrapped()?) {
        Ok(root) => root,
        Err(RootError::DoesNotOpen(_)) => return Err(UnsealError::WrongSeal),
        Err(other) => return Err(other.into()),
    };
    if !constant_time_eq(&root.check_value()?, unchecked.check_value()?) {
        return Err(UnsealError::WrongSeal);
    }
    unchecked.checked(&root.row_keys()?)?;
    Ok(Some(root))
}

/// Makes the root key and the first keys in one transaction. Of two replicas that start together one waits for the other
/// and takes what it made.
async fn initialize(db: &Db, seal: &dyn Seal, clock: &SharedClock, outbox: &Outbox) -> Result<RootKey, UnsealError> {
    let root = RootKey::generate()?;
    let now = clock.now().truncate_micros();
    let stored = StoredRoot {
        kind: seal.kind(),
        wrapped: root.wrap(&seal.key()?)?,
        check_value: root.check_value()?,
        create_time: now,
    };
    let store = Store::new(db.clone(), root.row_keys()?);
    outbox.key().set(OutboxKey::new(&root.outbox_key()?));
    let keys = first_keys(clock).map_err(|error| UnsealError::FirstKeys(Box::new(error)))?;
    let (store, root_, stored, keys) = (&store, &root, &stored, &keys);
    let made = db
        .run_tx("initialize", |tx| {
            Box::pin(async move { first_rows(tx, (store, root_), stored, (keys, outbox, clock)).await })
        })
        .await;
    if !matches!(made, Ok(true)) {
        outbox.key().clear();
    }
    if made? {
        outbox.committed(1);
        tracing::info!("first start: made the root key, keys/audit-mac and keys/vault-service");
        return Ok(root);
    }
    open(db, seal).await?.ok_or(UnsealError::WrongSeal)
}

async fn first_rows(
    tx: &Tx<'_>,
    (store, root): (&Store, &RootKey),
    stored: &StoredRoot,
    (keys, outbox, clock): (&[NewKey], &Outbox, &SharedClock),
) -> Result<bool, UnsealError> {
    if !root_insert(tx, stored, store.rows()).await? {
        return Ok(false);
    }
    let mut events = Vec::new();
    for new in keys {
        new.insert(tx, store, root).await.map_err(|error| UnsealError::FirstKeys(Box::new(error)))?;
        let event_id = EventId::new(clock::uuid_v7(clock.as_ref()));
        let mut event = Event::new(event_id, LogName::System, stored.create_time, ACTOR, "keys.create");
        event.resource = new.key.name().to_string();
        events.push(event.with("uid", new.key.uid).with("key_version", 1));
    }
    Outbox::insert(tx, &[outbox.row(&LogName::System, &events)?]).await?;
    Ok(true)
}

fn first_keys(clock: &SharedClock) -> Result<Vec<NewKey>, crate::error::Error> {
    [(AUDIT_MAC_KEY, Purpose::Mac), (VAULT_SERVICE_KEY, Purpose::Wrap)]
        .into_iter()
        .map(|(id, purpose)| {
            let id = KeyId::new(id).map_err(|_name| crate::error::Error::Bug("a first key's id is malformed"))?;
            NewKey::generate((id, None), purpose, Labels::default(), clock)
        })
        .collect()
}
