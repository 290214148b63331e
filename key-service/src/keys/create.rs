//! New keys. A create with a request id is done once: the same request again gives the first answer again.

use audit::Event;
use clock::SharedClock;
use db::Tx;
use names::{EventId, KeyId, KeyName, KeyUid, LogName, TenantUid};
use rows::Carried;
use rpc::Granted;
use secret::constant_time_eq;
use uuid::Uuid;

use super::new_version;
use crate::error::Error;
use crate::key::{Key, Labels, Purpose};
use crate::origin::Origin;
use crate::permissions::{KeysCreate, TenantKeysProvision};
use crate::root::RootKey;
use crate::store::keys::StoredKey;
use crate::store::requests::StoredRequest;
use crate::store::{self, Store};
use crate::unsealed::Unsealed;

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct CreateKey {
    /// Its id; a `UUIDv7` is made where there is none.
    pub id: Option<KeyId>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its labels.
    pub labels: Labels,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
}

/// A key that is not stored yet.
#[derive(Debug)]
pub struct NewKey {
    /// The key.
    pub key: Key,
}

impl NewKey {
    /// A key with a fresh uid.
    pub fn generate(
        (id, tenant): (KeyId, Option<TenantUid>),
        purpose: Purpose,
        labels: Labels,
        clock: &SharedClock,
    ) -> Result<Self, Error> {
        let uid = KeyUid::new(clock::uuid_v7(clock.as_ref()));
        let create_time = clock.now().truncate_micros();
        let system = false;
        Ok(Self { key: Key { uid, id, tenant, purpose, system, primary_version: 1, revision: 1, labels, create_time } })
    }

    /// The same key as one of the system's own.
    #[must_use]
    pub fn of_system(self) -> Self {
        Self { key: Key { system: true, ..self.key } }
    }

    /// Stores the key with its first version. Comes last in its transaction: changes of keys wait for each other from here
    /// to the commit.
    pub async fn insert(&self, tx: &Tx<'_>, store: &Store, root: &RootKey) -> Result<(), Error> {
        let generation = store.key_next_generation(tx).await?;
        let stored = StoredKey { key: self.key.clone(), generation, carried: Carried::default() };
        store.key_insert(tx, &stored).await?;
        let version = new_version(&self.key, 1, root, self.key.create_time)?;
        Ok(store.key_version_insert(tx, &version).await?)
    }
}

/// What a create came to.
enum Outcome {
    Made(Key),
    /// The same request was answered before.
    Before(Key),
}

impl Unsealed {
    /// Makes a key. The event's id is none where an earlier answer is given again.
    pub async fn create_key(
        &self,
        granted: &Granted<KeysCreate>,
        origin: &Origin,
        create: CreateKey,
    ) -> Result<(Key, Option<EventId>), Error> {
        self.outbox.admit(&LogName::System)?;
        let fingerprint = self.fingerprint_of(granted.caller().as_str(), &create);
        let id = match &create.id {
            Some(id) => id.clone(),
            None => KeyId::from_uuid(clock::uuid_v7(self.clock.as_ref())),
        };
        let new = NewKey::generate((id, None), create.purpose, create.labels.clone(), &self.clock)?;
        let caller = granted.caller().as_str();
        let request = create.request_id.map(|id| StoredRequest {
            caller: caller.to_owned(),
            on_behalf_of: origin.user().to_owned(),
            request_id: id,
            fingerprint,
            key: new.key.uid,
        });
        let (event_id, request) = (self.event_id(), request.as_ref());
        let event = origin.mark(self.event(event_id, granted, new.key.name().to_string()));
        let event = &event.with("uid", new.key.uid).with("key_version", 1);
        let new_ = &new;
        let result = self
            .store
            .db()
            .run_tx("key_create", |tx| Box::pin(async move { self.create_in_tx(tx, event, new_, request).await }))
            .await;
        let outcome = match result {
            Err(Error::Store(store::Error::Database(error))) => self.settle(error, &new, request).await?,
            other => other?,
        };
        match outcome {
            Outcome::Made(key) => {
                self.outbox.committed(1);
                tracing::info!(key = %key.name(), "created");
                Ok((key, Some(event_id)))
            }
            Outcome::Before(key) => Ok((key, None)),
        }
    }

    async fn create_in_tx(
        &self,
        tx: &Tx<'_>,
        event: &Event,
        new: &NewKey,
        request: Option<&StoredRequest>,
    ) -> Result<Outcome, Error> {
        if let Some(request) = request {
            if let Some(before) = self.answered_before(tx, new, request).await? {
                return Ok(Outcome::Before(before));
            }
            self.store.request_insert(tx, request).await?;
        }
        self.report(tx, event.clone()).await?;
        new.insert(tx, &self.store, &self.root).await?;
        Ok(Outcome::Made(new.key.clone()))
    }

    /// Finds out what a create came to that met a taken id or request id, or whose connection was lost.
    async fn settle(&self, error: db::Error, new: &NewKey, request: Option<&StoredRequest>) -> Result<Outcome, Error> {
        let lost = matches!(error, db::Error::ConnectionLost(_));
        if !lost && !matches!(error, db::Error::UniqueViolation { .. }) {
            return Err(error.into());
        }
        self.store
            .db()
            .run_tx("key_create_settle", |tx| {
                Box::pin(async move {
                    if self.store.key_fetch_by_uid(tx, new.key.uid).await?.is_some() {
                        return Ok(Some(Outcome::Made(new.key.clone())));
                    }
                    let Some(request) = request else { return Ok(None) };
                    let before = self.answered_before(tx, new, request).await?;
                    Ok::<_, Error>(before.map(Outcome::Before))
                })
            })
            .await?
            .ok_or_else(|| if lost { error.into() } else { Error::KeyExists(new.key.name()) })
    }

    /// The first answer to the same request. What the request said is in `new`; the rest is as it was then.
    async fn answered_before(&self, tx: &Tx<'_>, new: &NewKey, request: &StoredRequest) -> Result<Option<Key>, Error> {
        let before = self.store.request_fetch(tx, request).await?;
        let Some(before) = before else { return Ok(None) };
        if !constant_time_eq(&before.fingerprint, &request.fingerprint) {
            return Err(Error::RequestIdReused);
        }
        let stored = self.store.key_fetch_by_uid(tx, before.key).await?;
        let stored = stored.ok_or(Error::Bug("a remembered request made a key that does not exist"))?;
        Ok(Some(Key { uid: before.key, id: stored.key.id, create_time: stored.key.create_time, ..new.key.clone() }))
    }

    fn fingerprint_of(&self, caller: &str, create: &CreateKey) -> [u8; 32] {
        let id = create.id.as_ref().map(KeyId::as_str).unwrap_or_default();
        let (purpose, labels) = (create.purpose.code().to_be_bytes(), create.labels.encode());
        self.fingerprint.compute(&[b"CreateKey", caller.as_bytes(), id.as_bytes(), &purpose, &labels])
    }

    /// Makes sure that a tenant's key exists. The event's id is none where it did already.
    pub async fn provision_tenant_key(
        &self,
        granted: &Granted<TenantKeysProvision>,
        origin: &Origin,
        tenant: TenantUid,
    ) -> Result<(Key, Option<EventId>), Error> {
        self.outbox.admit(&LogName::System)?;
        let id = KeyId::from_uuid(tenant.as_uuid());
        if let Some(key) = self.tenant_key(&id, tenant).await? {
            return Ok((key, None));
        }
        let new = NewKey::generate((id.clone(), Some(tenant)), Purpose::Wrap, Labels::default(), &self.clock)?;
        let (event_id, new_) = (self.event_id(), &new);
        let result = self
            .store
            .db()
            .run_tx("tenant_key_provision", |tx| {
                Box::pin(async move {
                    let event = origin.mark(self.event(event_id, granted, new_.key.name().to_string()));
                    self.report(tx, event.with("uid", new_.key.uid).with("key_version", 1)).await?;
                    new_.insert(tx, &self.store, &self.root).await
                })
            })
            .await;
        match result {
            Ok(()) => {
                self.outbox.committed(1);
                Ok((new.key, Some(event_id)))
            }
            Err(error) => match self.tenant_key(&id, tenant).await? {
                Some(key) if key.uid == new.key.uid => Ok((key, Some(event_id))),
                Some(key) => Ok((key, None)),
                None => Err(error),
            },
        }
    }

    /// A tenant's key. A key of that id which is no tenant's is not touched.
    async fn tenant_key(&self, id: &KeyId, tenant: TenantUid) -> Result<Option<Key>, Error> {
        let stored = self
            .store
            .db()
            .run_one("tenant_key", |conn| Box::pin(async move { self.store.key_fetch(conn, id).await }))
            .await?;
        match stored {
            Some(stored) if stored.key.tenant == Some(tenant) => Ok(Some(stored.key)),
            Some(_) => Err(Error::KeyExists(KeyName::new(id.clone()))),
            None => Ok(None),
        }
    }
}
