//! From a sealed service to one with its root key at hand: opens the stored root key, or makes the first one.

use audit::{Outbox, OutboxConfig, OutboxKey, OutboxKeySlot};
use clock::SharedClock;
use db::Db;
use secret::constant_time_eq;
use uuid::Uuid;

use crate::own_keys::{Maker, OwnKeysError};
use crate::root::{RootError, RootKey};
use crate::seal::{Seal, SealError};
use crate::store::root::{ROOT_KEY, SealedBy, StoredRoot, UncheckedRoot, root_fetch, root_insert};
use crate::store::{self, Store};

/// Why the root key is not at hand.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The system's own keys are not there.
    #[error("the system's own keys are not there")]
    OwnKeys(#[from] OwnKeysError),
    /// No randomness, or derivation failed.
    #[error("the root key cannot be used")]
    Root(#[from] RootError),
    /// The seal gives no key.
    #[error("the seal gives no key")]
    Seal(#[from] SealError),
    /// The root key is under a seal of another kind than the configured one.
    #[error(
        "the root key of this database is under a seal of kind {stored}, and the configured seal is of kind {configured}"
    )]
    SealKindDiffers {
        /// The number of the kind in the database.
        stored: i16,
        /// That of the configured seal.
        configured: i16,
    },
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
            self.of_store(),
            Some(store::Error::Database(
                db::Error::Unavailable(_)
                    | db::Error::Timeout
                    | db::Error::Locked
                    | db::Error::ConnectionLost(_)
                    | db::Error::Conflict(_)
            ))
        )
    }

    /// Whether somebody tampered with the key database: needs a person.
    pub fn is_alarm(&self) -> bool {
        let taken_away = matches!(
            self,
            Self::OwnKeys(OwnKeysError::ListMissing | OwnKeysError::Missing(_) | OwnKeysError::RootKeyMissing)
        );
        taken_away || self.of_store().is_some_and(store::Error::is_alarm)
    }

    fn of_store(&self) -> Option<&store::Error> {
        match self {
            Self::Store(error) | Self::OwnKeys(OwnKeysError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

/// The root key, and what else stands in its row.
#[derive(Debug)]
pub struct Opened {
    /// The root key.
    pub root: RootKey,
    /// Tells this installation from every other.
    pub installation: Uuid,
}

/// The root key, made now if there never was one, and the system's own keys with it. Puts the outbox's key in its slot.
pub async fn unseal(db: &Db, seal: &dyn Seal, clock: &SharedClock, outbox: &Outbox) -> Result<Opened, UnsealError> {
    if let Some(opened) = initialize(db, seal, clock).await? {
        outbox.key().set(OutboxKey::new(&opened.root.outbox_key()?));
        outbox.committed(1);
        tracing::info!("first start: made the root key and the system's own keys");
        return Ok(opened);
    }
    let opened = open(db, seal).await?.ok_or(UnsealError::WrongSeal)?;
    outbox.key().set(OutboxKey::new(&opened.root.outbox_key()?));
    let store = Store::new(db.clone(), opened.root.row_keys()?);
    let maker = Maker { store: &store, root: &opened.root, outbox, clock };
    let made = db.run_tx("own_keys", |tx| Box::pin(async move { maker.find_or_make(tx).await })).await?;
    if made > 0 {
        outbox.committed(1);
        tracing::info!(made, "made keys of the system's own");
    }
    Ok(opened)
}

/// Whether a root key was ever made.
pub async fn is_initialized(db: &Db) -> Result<bool, store::Error> {
    let stored = root_fetch(db).await?;
    Ok(stored.is_some())
}

/// The root key that is stored; none before the first start.
pub async fn open(db: &Db, seal: &dyn Seal) -> Result<Option<Opened>, UnsealError> {
    let stored = root_fetch(db).await;
    let Some(unchecked) = stored.map_err(UnsealError::Store)? else { return Ok(None) };
    let root = open_root(seal, &unchecked)?;
    let stored = unchecked.checked(&root.row_keys()?)?;
    if !constant_time_eq(&root.check_value()?, &stored.check_value) {
        return Err(store::Error::Row(rows::Error::altered(ROOT_KEY)).into());
    }
    Ok(Some(Opened { root, installation: stored.installation }))
}

/// Opens the root key by what its row says of the seal, or else by what this seal would have written there: if that opens
/// it, the row was altered, which its HMAC shows, and no other secret is looked for.
fn open_root(seal: &dyn Seal, unchecked: &UncheckedRoot) -> Result<RootKey, UnsealError> {
    let (key, stored, own) = (seal.key()?, unchecked.seal()?, sealed_by(seal));
    for by in [stored, own] {
        match RootKey::unwrap(&key, by, unchecked.wrapped()?) {
            Ok(root) => return Ok(root),
            Err(RootError::DoesNotOpen(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if stored.kind == own.kind {
        return Err(UnsealError::WrongSeal);
    }
    Err(UnsealError::SealKindDiffers { stored: stored.kind, configured: own.kind })
}

/// What stands in the row of a root key that a seal protects.
fn sealed_by(seal: &dyn Seal) -> SealedBy<'static> {
    SealedBy { kind: seal.kind().code(), params: &[] }
}

/// Makes the root key and the system's own keys in one transaction; none where there is a root key. Of two replicas that
/// start together one waits for the other and takes what it made.
async fn initialize(db: &Db, seal: &dyn Seal, clock: &SharedClock) -> Result<Option<Opened>, UnsealError> {
    if is_initialized(db).await? {
        return Ok(None);
    }
    let root = RootKey::generate()?;
    let by = sealed_by(seal);
    let installation = clock::uuid_v7(clock.as_ref());
    let stored = StoredRoot {
        kind: seal.kind(),
        seal_params: by.params.to_vec(),
        wrapped: root.wrap(&seal.key()?, by)?,
        check_value: root.check_value()?,
        installation,
        create_time: clock.now().truncate_micros(),
    };
    let store = Store::new(db.clone(), root.row_keys()?);
    // Its own until the commit: nothing else may be written with the key of a root that comes second.
    let key = OutboxKeySlot::filled(OutboxKey::new(&root.outbox_key()?));
    let outbox = Outbox::new(db.clone(), key, SharedClock::clone(clock), &OutboxConfig::default());
    let (stored, maker) = (&stored, Maker { store: &store, root: &root, outbox: &outbox, clock });
    let made = db.run_tx("initialize", |tx| {
        Box::pin(async move {
            let is_first = root_insert(tx, stored, maker.store.rows()).await?;
            if is_first {
                maker.make_all(tx).await?;
            }
            Ok::<_, UnsealError>(is_first)
        })
    });
    Ok(made.await?.then_some(Opened { root, installation }))
}
