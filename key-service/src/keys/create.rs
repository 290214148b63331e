//! New keys. A create with a request id is done once: the same request again gives the first answer again.

use std::slice::from_ref;

use audit::Event;
use names::{EventId, KeyId, KeyName, LogName, TenantUid};
use rpc::Granted;
use uuid::Uuid;

use super::Keys;
use crate::error::Error;
use crate::key::{Key, Labels, Purpose};
use crate::new_key::NewKey;
use crate::once::{Made, Once};
use crate::origin::Origin;
use crate::permissions::{KeysCreate, TenantKeysProvision, check_granted};
use crate::store;
use crate::store::requests::StoredRequest;

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

impl Keys {
    /// Makes a key.
    pub async fn create(
        &self,
        granted: &Granted<KeysCreate>,
        origin: &Origin,
        create: CreateKey,
    ) -> Result<Made<Key>, Error> {
        self.core.outbox.admit(&LogName::System)?;
        let given = create.id.as_ref().map(KeyId::as_str).unwrap_or_default().as_bytes();
        let (purpose, labels) = (create.purpose.code().to_be_bytes(), create.labels.encode());
        let request = self.core.identified(granted, origin, create.request_id, &[given, &purpose, &labels]);
        let id = match &create.id {
            Some(id) => id.clone(),
            None => KeyId::from_uuid(clock::uuid_v7(self.core.clock.as_ref())),
        };
        let new = NewKey::generate(id, None, create.purpose, create.labels.clone(), &self.core.clock);
        let event = origin.mark(self.core.event(self.core.event_id(), granted, new.key.name().to_string()));
        let event = event.with("uid", new.key.uid).with("key_version", 1);
        let remembered = request.as_ref().map(|request| request.remembered(new.key.uid, None));
        match self.core.once(request.as_ref(), self.create_in_one(event, &new, remembered.as_ref())).await? {
            Once::Made(made) => {
                tracing::info!(key = %made.answer.name(), "created");
                Ok(made)
            }
            Once::Before(before) => {
                let stored = self.key_of_request(&before).await?;
                // What the request said is in `new`; the rest is as it was then.
                let key = Key { uid: before.key, id: stored.id, create_time: stored.create_time, ..new.key };
                self.core.replayed(granted, origin, key.name().to_string(), key).await
            }
        }
    }

    async fn create_in_one(
        &self,
        event: Event,
        new: &NewKey,
        request: Option<&StoredRequest>,
    ) -> Result<Made<Key>, Error> {
        let (event, id) = (&event, event.event_id);
        let made = || Made { answer: new.key.clone(), event: id };
        let result: Result<(), Error> = self
            .core
            .store
            .db()
            .run_tx("key_create", |tx| {
                Box::pin(async move {
                    if let Some(request) = request {
                        self.core.store.request_insert(tx, request).await?;
                    }
                    self.core.report(tx, event.clone()).await?;
                    new.insert(tx, &self.core.store, &self.root).await
                })
            })
            .await;
        let error = match result {
            Ok(()) => {
                self.core.outbox.committed(1);
                return Ok(made());
            }
            Err(Error::Store(store::Error::Database(error))) => error,
            Err(error) => return Err(error),
        };
        // A create whose connection was lost may have been done.
        let is_taken = matches!(error, db::Error::UniqueViolation { .. });
        if !is_taken && !matches!(error, db::Error::ConnectionLost(_)) {
            return Err(error.into());
        }
        match self.core.store.key_fetch_by_uid(self.core.store.db(), new.key.uid).await {
            Ok(Some(_)) => Ok(made()),
            Ok(None) if is_taken => Err(Error::KeyExists(new.key.name())),
            // The lost transaction may still be committed.
            Ok(None) | Err(store::Error::Database(_)) if !is_taken => Err(Error::OutcomeUnknown(error)),
            Ok(None) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The key that a remembered request made or changed.
    pub(super) async fn key_of_request(&self, before: &StoredRequest) -> Result<Key, Error> {
        let stored = self.core.store.key_fetch_by_uid(self.core.store.db(), before.key).await?;
        Ok(stored.ok_or(Error::Bug("a remembered request is about a key that does not exist"))?.key)
    }

    /// Makes sure that a tenant's key exists. The event's id is none where it did already.
    pub async fn provision_tenant_key(
        &self,
        granted: &Granted<TenantKeysProvision>,
        origin: &Origin,
        tenant: TenantUid,
    ) -> Result<(Key, Option<EventId>), Error> {
        self.core.outbox.admit(&LogName::System)?;
        let id = KeyId::from_uuid(tenant.as_uuid());
        check_granted(from_ref(granted), [KeyName::new(id.clone())])?;
        if let Some(key) = self.tenant_key(&id, tenant).await? {
            return Ok((key, None));
        }
        let new = NewKey::generate(id.clone(), Some(tenant), Purpose::Wrap, Labels::default(), &self.core.clock);
        let (event_id, new_) = (self.core.event_id(), &new);
        let result = self
            .core
            .store
            .db()
            .run_tx("tenant_key_provision", |tx| {
                Box::pin(async move {
                    let event = origin.mark(self.core.event(event_id, granted, new_.key.name().to_string()));
                    self.core.report(tx, event.with("uid", new_.key.uid).with("key_version", 1)).await?;
                    new_.insert(tx, &self.core.store, &self.root).await
                })
            })
            .await;
        match result {
            Ok(()) => {
                self.core.outbox.committed(1);
                Ok((new.key, Some(event_id)))
            }
            Err(error) => match self.tenant_key(&id, tenant).await {
                Ok(Some(key)) => {
                    // Nobody is told of it.
                    error.report();
                    let event_id = (key.uid == new.key.uid).then_some(event_id);
                    Ok((key, event_id))
                }
                Ok(None) | Err(Error::Store(store::Error::Database(_))) => Err(error.of_change()),
                Err(other) => Err(other),
            },
        }
    }

    /// A tenant's key. A key of that id which is no tenant's is not touched.
    async fn tenant_key(&self, id: &KeyId, tenant: TenantUid) -> Result<Option<Key>, Error> {
        let mark = self.core.keyring.marks.of(id);
        match self.core.store.key_fetch(self.core.store.db(), id).await? {
            Some(stored) if stored.key.tenant == Some(tenant) => Ok(Some(stored.key)),
            Some(_) => Err(Error::KeyExists(KeyName::new(id.clone()))),
            None => match self.core.keyring.marks.missing(mark.as_ref(), KeyName::new(id.clone())) {
                Error::KeyNotFound(_) => Ok(None),
                taken_away => Err(taken_away),
            },
        }
    }
}
