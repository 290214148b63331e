//! Metadata of keys and versions. Read from the database, so that every row is checked.

use std::collections::HashMap;
use std::slice::from_ref;

use db::Executor;
use names::{KeyName, KeyVersionName};
use rpc::Granted;

use super::Keys;
use crate::error::Error;
use crate::key::{Key, KeyVersion, Purpose, missing_version};
use crate::permissions::{KeyVersionsGet, KeyVersionsList, KeysGet, KeysList, PublicKeysList, check_granted};
use crate::store::Store;
use crate::store::key_versions::StoredVersion;

/// A version with the number of data keys that were wrapped under it.
#[derive(Debug, Clone)]
pub struct CountedVersion {
    /// The version.
    pub version: KeyVersion,
    /// Data keys wrapped under it, by all processes.
    pub wraps: u64,
}

/// The public half of a signing key's version.
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// The version.
    pub name: KeyVersionName,
    /// Ed25519 public key (RFC 8032).
    pub public_key: [u8; 32],
}

impl Keys {
    async fn key_named(&self, db: &impl Executor, name: &KeyName) -> Result<Key, Error> {
        let mark = self.core.keyring.marks.of(name.key());
        let stored = self.core.store.key_fetch(db, name.key()).await?;
        stored.map(|stored| stored.key).ok_or_else(|| self.core.keyring.marks.missing(mark.as_ref(), name.clone()))
    }

    /// A key's metadata.
    pub async fn get(&self, granted: &Granted<KeysGet>, name: &KeyName) -> Result<Key, Error> {
        check_granted(from_ref(granted), [name])?;
        let store = self.core.store.as_ref();
        self.key_named(store.db(), name).await
    }

    /// At most `limit` keys in the order of their ids, after `after`.
    pub async fn list(&self, granted: &Granted<KeysList>, after: &str, limit: i64) -> Result<Vec<Key>, Error> {
        check_granted(from_ref(granted), ["keys"])?;
        let store = self.core.store.as_ref();
        let stored = store.key_list(store.db(), after, limit).await?;
        Ok(stored.into_iter().map(|stored| stored.key).collect())
    }

    /// The metadata of one version.
    pub async fn get_version(
        &self,
        granted: &Granted<KeyVersionsGet>,
        name: &KeyVersionName,
    ) -> Result<CountedVersion, Error> {
        check_granted(from_ref(granted), [name])?;
        let store = self.core.store.as_ref();
        store
            .db()
            .run_snapshot("key_version_get", |tx| {
                Box::pin(async move {
                    let key = self.key_named(tx, &name.parent()).await?;
                    let stored = store.key_version_fetch(tx, key.uid, name.version()).await?;
                    let stored = stored.ok_or_else(|| not_there(&key, name))?;
                    let counts = store.wrap_counts_fetch(tx, key.uid).await?;
                    Ok(counted(stored, &counts))
                })
            })
            .await
    }

    /// At most `limit` versions of a key, oldest first, after `after`.
    pub async fn list_versions(
        &self,
        granted: &Granted<KeyVersionsList>,
        name: &KeyName,
        after: u32,
        limit: i64,
    ) -> Result<Vec<CountedVersion>, Error> {
        check_granted(from_ref(granted), [name])?;
        let store = self.core.store.as_ref();
        store
            .db()
            .run_snapshot("key_versions_page", |tx| {
                Box::pin(async move {
                    let key = self.key_named(tx, name).await?;
                    let stored = store.key_version_list(tx, key.uid, after, limit).await?;
                    // A whole page says nothing of what follows it.
                    let is_last = usize::try_from(limit).is_ok_and(|limit| stored.len() < limit);
                    let last = if is_last { key.primary_version } else { 0 };
                    let versions = stored.iter().map(|stored| &stored.version);
                    if let Some(number) = missing_version(after, versions, last) {
                        return Err(Error::VersionMissing(name.version(number)));
                    }
                    let counts = store.wrap_counts_fetch(tx, key.uid).await?;
                    Ok(stored.into_iter().map(|stored| counted(stored, &counts)).collect())
                })
            })
            .await
    }

    /// At most `limit` public keys of signing keys, in the order of ids and versions, after `after`.
    pub async fn list_public_keys(
        &self,
        granted: &Granted<PublicKeysList>,
        after: Option<&KeyVersionName>,
        limit: i64,
    ) -> Result<Vec<PublicKey>, Error> {
        check_granted(from_ref(granted), ["keys"])?;
        let store = self.core.store.as_ref();
        store
            .db()
            .run_snapshot("public_key_list", |tx| Box::pin(async move { public_keys(store, tx, after, limit).await }))
            .await
    }
}

/// A version that the key has not had yet, or one that was deleted.
fn not_there(key: &Key, name: &KeyVersionName) -> Error {
    if name.version() <= key.primary_version {
        Error::VersionMissing(name.clone())
    } else {
        Error::KeyVersionNotFound(name.clone())
    }
}

fn counted(stored: StoredVersion, counts: &HashMap<u32, u64>) -> CountedVersion {
    let wraps = counts.get(&stored.version.version).copied().unwrap_or_default();
    CountedVersion { version: stored.version, wraps }
}

async fn public_keys(
    store: &Store,
    db: &impl Executor,
    after: Option<&KeyVersionName>,
    limit: i64,
) -> Result<Vec<PublicKey>, Error> {
    let wanted = usize::try_from(limit).unwrap_or_default();
    let mut found = Vec::new();
    let from = after.map(|name| name.key().as_str()).unwrap_or_default();
    for stored in store.key_list_of(db, Purpose::Sign, from, limit).await? {
        let versions_after = after.filter(|name| *name.key() == stored.key.id).map_or(0, KeyVersionName::version);
        for one in store.key_version_list(db, stored.key.uid, versions_after, limit).await? {
            let Some(public_key) = one.version.public_key else { continue };
            found.push(PublicKey { name: stored.key.name().version(one.version.version), public_key });
            if found.len() >= wanted {
                return Ok(found);
            }
        }
    }
    Ok(found)
}
