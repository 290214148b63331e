//! Managing keys: create, get, list, rotate; and the keys of tenants. Each change commits together with its event.
//!
//! # Layout
//! - [`changes`]: what changed
//! - [`create`]: new keys, once for each request id
//! - [`read`]: metadata of keys and versions

pub mod changes;
pub mod create;
pub mod read;

use std::slice::from_ref;
use std::sync::Arc;

use audit::Event;
use db::Tx;
use names::{Etag, KeyName, LogName};
use rpc::Granted;
use uuid::Uuid;

use crate::core::Core;
use crate::error::Error;
use crate::key::{Key, KeyVersion, VersionState};
use crate::keyring::{MAX_VERSIONS, Wanted, all_versions};
use crate::new_key::new_version;
use crate::once::{Identified, Made, Once};
use crate::origin::Origin;
use crate::permissions::{KeysRotate, check_granted};
use crate::root::RootKey;
use crate::store::requests::StoredRequest;

/// Why a rotation is refused where marks are ahead.
const SEEN_MORE: &str = "a process has seen more than this key database has";

/// What a rotation is asked for with.
#[derive(Debug)]
pub struct RotateKey {
    /// The key.
    pub name: KeyName,
    /// What it must still have, if that is asked for.
    pub etag: Option<Etag>,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
}

/// The use cases of keys.
#[derive(Debug)]
pub struct Keys {
    core: Arc<Core>,
    root: Arc<RootKey>,
}

impl Keys {
    pub(crate) fn new(core: Arc<Core>, root: Arc<RootKey>) -> Self {
        Self { core, root }
    }

    /// Adds a version to a key and makes it the primary one. Every replica uses it within a second.
    pub async fn rotate(
        &self,
        granted: &Granted<KeysRotate>,
        origin: &Origin,
        rotate: &RotateKey,
    ) -> Result<Made<(Key, KeyVersion)>, Error> {
        check_granted(from_ref(granted), [&rotate.name])?;
        self.core.outbox.admit(&LogName::System)?;
        let (name, etag) = (rotate.name.to_string(), rotate.etag.map(|etag| etag.to_string()).unwrap_or_default());
        let request = self.core.identified(granted, origin, rotate.request_id, &[name.as_bytes(), etag.as_bytes()]);
        let request = request.as_ref();
        let event = origin.mark(self.core.event(self.core.event_id(), granted, name));
        let made = match self.core.once(request, self.rotate_in_one(&event, rotate, request)).await {
            Ok(Once::Made(made)) => made,
            Err(error) => {
                // What it found may concern what is held: nothing is wrapped under that any more.
                if matches!(error, Error::RotationUnsafe(_)) {
                    self.core.keyring.clear().await;
                }
                return Err(error);
            }
            Ok(Once::Before(before)) => {
                let rotated = self.rotated_before(before).await?;
                return self.core.replayed(granted, origin, rotate.name.to_string(), rotated).await;
            }
        };
        // Only spares this replica the wait for its next poll: a failure changes nothing.
        if let Err(error) = self.core.keyring.reload(rotate.name.key(), Wanted::Primary).await {
            error.report();
        }
        tracing::info!(key = %rotate.name, version = made.answer.1.version, "rotated");
        Ok(made)
    }

    async fn rotate_in_one(
        &self,
        event: &Event,
        rotate: &RotateKey,
        request: Option<&Identified>,
    ) -> Result<Made<(Key, KeyVersion)>, Error> {
        let answer = self
            .core
            .store
            .db()
            .run_tx("key_rotate", |tx| {
                Box::pin(async move {
                    let (key, version) = self.rotate_in_tx(tx, event, &rotate.name, rotate.etag).await?;
                    if let Some(request) = request {
                        let remembered = request.remembered(key.uid, Some(version.version));
                        self.core.store.request_insert(tx, &remembered).await?;
                    }
                    Ok::<_, Error>((key, version))
                })
            })
            .await
            .map_err(Error::of_change)?;
        self.core.outbox.committed(1);
        Ok(Made { answer, event: event.event_id })
    }

    /// The first answer to the same request: the version as it was made.
    async fn rotated_before(&self, before: StoredRequest) -> Result<(Key, KeyVersion), Error> {
        let key = self.key_of_request(&before).await?;
        let number = before.key_version.ok_or(Error::Bug("a remembered rotation made no version"))?;
        let version = self.core.store.key_version_fetch(self.core.store.db(), key.uid, number).await?;
        let version = version.ok_or(Error::Bug("a remembered rotation made a version that does not exist"))?.version;
        Ok((key, KeyVersion { state: VersionState::Enabled, destroy_time: None, ..version }))
    }

    async fn rotate_in_tx(
        &self,
        tx: &Tx<'_>,
        event: &Event,
        name: &KeyName,
        etag: Option<Etag>,
    ) -> Result<(Key, KeyVersion), Error> {
        let marks = &self.core.keyring.marks;
        let (mark, seen) = (marks.of(name.key()), marks.newest_generation());
        let generation = self.core.store.key_next_generation(tx).await?;
        let stored = self.core.store.key_fetch_for_update(tx, name.key()).await?;
        let mut stored = stored.ok_or_else(|| match marks.missing(mark.as_ref(), name.clone()) {
            Error::KeySetBack(_) => Error::RotationUnsafe(SEEN_MORE),
            unknown => unknown,
        })?;
        if etag.is_some_and(|etag| etag != stored.key.etag()) {
            return Err(Error::EtagMismatch);
        }
        let versions = all_versions(&self.core.store, tx, &stored.key).await?;
        if marks.judge(mark.as_ref(), &stored.key, stored.generation, &versions) {
            return Err(Error::RotationUnsafe(SEEN_MORE));
        }
        self.refuse_if_set_back(tx, seen, generation).await?;
        if usize::try_from(MAX_VERSIONS).is_ok_and(|most| versions.len() >= most) {
            return Err(Error::TooManyVersions(name.clone()));
        }
        let newest = versions.last().map_or(0, |version| version.version.version);
        let number = newest.saturating_add(1).max(stored.version_floor.unwrap_or_default());
        let mut version = new_version(&stored.key, number, &self.root, self.core.clock.now().truncate_micros())?;
        if number != newest.saturating_add(1) {
            version.version.previous = Some(newest);
        }
        self.core.store.key_version_insert(tx, &version).await?;
        stored.key.primary_version = number;
        stored.key.revision = stored.key.revision.saturating_add(1);
        stored.generation = generation;
        self.core.store.key_update(tx, &stored).await?;
        self.core.report(tx, event.clone().with("uid", stored.key.uid).with("key_version", number)).await?;
        Ok((stored.key, version.version))
    }

    /// Refuses a rotation while anything says that the database was set back: the number of the new version may be one that
    /// was given before.
    async fn refuse_if_set_back(&self, tx: &Tx<'_>, seen: u64, generation: u64) -> Result<(), Error> {
        if generation <= seen || self.core.keyring.marks.has_set_back_keys() {
            return Err(Error::RotationUnsafe(SEEN_MORE));
        }
        if self.core.store.signer_is_ahead(tx).await? {
            return Err(Error::RotationUnsafe("a log is AHEAD of what this key database knows of it"));
        }
        Ok(())
    }
}
