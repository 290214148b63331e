//! The vault's own long-lived keys: data keys under `keys/vault-service`, stored wrapped in `derived_keys`.
//!
//! They are fetched on first need, and made where there are none yet, so that the vault starts without its peers. Two
//! replicas that make them at once: one set of rows wins, and both use it.

use std::fmt;
use std::sync::Arc;

use audit::{OutboxKey, OutboxKeySlot};
use bytes::Bytes;
use clock::SharedClock;
use db::Db;
use envelope::DataKey;
use envelope::mac::{Fingerprint, RowMac};
use names::{KeyId, KeyName, TenantUid};
use secret::SecretBytes;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::calls::KeyError;
use super::context::Context;
use super::{GenerateKey, Keys, UnwrapKey};
use crate::error::Error;
use crate::store::derived_keys::{DerivedKeyRow, derived_key_list, derived_keys_insert};
use crate::time::Micros;

/// The key that wraps them.
const WRAPPED_BY: &str = "vault-service";
/// Purposes, sorted as `derived_key_list` sorts.
const PURPOSES: [&str; 3] = ["fingerprint", "outbox", "row"];

/// Whose `derived_keys` are the vault's own.
pub const NOBODY: TenantUid = TenantUid::new(Uuid::nil());

/// The keys, ready for use.
#[derive(Debug)]
pub struct OwnKeys {
    /// Fingerprints of requests.
    pub fingerprint: Fingerprint,
    /// HMACs of rows.
    pub row: RowMac,
}

/// Where the keys come from.
pub struct OwnKeySource {
    db: Db,
    clock: SharedClock,
    keys: Arc<Keys>,
    outbox: OutboxKeySlot,
    loaded: OnceCell<Arc<OwnKeys>>,
}

impl OwnKeySource {
    /// Nothing is fetched yet; the key of the outbox will go into its slot.
    pub fn new(db: Db, clock: SharedClock, keys: Arc<Keys>, outbox: OutboxKeySlot) -> Self {
        Self { db, clock, keys, outbox, loaded: OnceCell::new() }
    }

    /// The keys; fetched or made by whoever asks first.
    pub async fn get(&self, deadline: Instant) -> Result<Arc<OwnKeys>, Error> {
        if let Some(keys) = self.loaded.get() {
            return Ok(Arc::clone(keys));
        }
        let deadline = self.keys.within_budget(deadline);
        match timeout_at(deadline, self.loaded.get_or_try_init(|| self.load(deadline))).await {
            Ok(keys) => keys.map(Arc::clone),
            Err(_elapsed) => Err(KeyError::away("the vault's own keys are not there yet").into()),
        }
    }

    async fn load(&self, deadline: Instant) -> Result<Arc<OwnKeys>, Error> {
        let mut rows = self.rows().await?;
        if rows.is_empty() {
            self.make(deadline).await?;
            rows = self.rows().await?;
        }
        let key = wrapped_by()?;
        let requests = rows.iter().map(|row| UnwrapKey {
            key: key.clone(),
            subject: None,
            context: Context::of_derived_key(NOBODY, &row.purpose, row.key_uid),
            wrapped_key: Bytes::copy_from_slice(&row.wrapped_key),
        });
        let requests: Vec<_> = requests.collect();
        let changed = Error::RowChanged { table: DerivedKeyRow::TABLE };
        let opened = match self.keys.unwrap_all(&requests, deadline).await {
            Ok(opened) => opened,
            Err(KeyError::DoesNotOpen) => return Err(changed),
            Err(error) => return Err(error.into()),
        };
        let mut keys = opened.into_iter().map(|opened| long_lived(&opened.data_key));
        let (Some(fingerprint), Some(outbox), Some(row), None) = (keys.next(), keys.next(), keys.next(), keys.next())
        else {
            return Err(changed);
        };
        let row = RowMac::new(row?);
        let genuine = rows.iter().zip(PURPOSES).all(|(stored, purpose)| {
            stored.purpose == purpose && verify(&row, DerivedKeyRow::TABLE, &stored.mac_parts(), &stored.row_mac)
        });
        if !genuine {
            return Err(changed);
        }
        tracing::info!("the vault's own keys are there");
        self.outbox.set(OutboxKey::new(&outbox?));
        Ok(Arc::new(OwnKeys { fingerprint: Fingerprint::new(fingerprint?), row }))
    }

    async fn rows(&self) -> Result<Vec<DerivedKeyRow>, Error> {
        let rows = self
            .db
            .run_one("own_keys_list", |conn| Box::pin(async move { derived_key_list(conn, NOBODY).await }))
            .await?;
        Ok(rows)
    }

    /// Makes all of them; where another replica was first, its keys stay and these are forgotten.
    async fn make(&self, deadline: Instant) -> Result<(), Error> {
        let now = Micros::of(self.clock.now());
        let uids = PURPOSES.map(|purpose| (purpose, clock::uuid_v7(&*self.clock)));
        let key = wrapped_by()?;
        let requests = uids.iter().map(|(purpose, uid)| GenerateKey {
            key: key.clone(),
            subject: None,
            context: Context::of_derived_key(NOBODY, purpose, *uid),
        });
        let requests: Vec<_> = requests.collect();
        let made = self.keys.generate_all(&requests, deadline).await?;
        let Some(row) = made.last() else { return Err(Error::Bug("no keys were made")) };
        let row = RowMac::new(long_lived(&row.data_key)?);
        let rows: Vec<_> = uids
            .into_iter()
            .zip(made)
            .map(|((purpose, key_uid), key)| {
                let mut stored = DerivedKeyRow {
                    tenant_uid: NOBODY,
                    purpose: purpose.to_owned(),
                    key_uid,
                    wrapped_key: key.wrapped_key,
                    create_time: now,
                    row_mac: Vec::new(),
                };
                stored.row_mac = compute(&row, DerivedKeyRow::TABLE, &stored.mac_parts());
                stored
            })
            .collect();
        let rows = &rows;
        let first = self
            .db
            .run_one("own_keys_insert", |conn| Box::pin(async move { derived_keys_insert(conn, rows).await }))
            .await?;
        tracing::info!(first, "made the vault's own keys");
        Ok(())
    }
}

impl fmt::Debug for OwnKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnKeySource").field("loaded", &self.loaded.initialized()).finish_non_exhaustive()
    }
}

/// The HMAC of a row with these columns.
pub fn compute(key: &RowMac, table: &str, columns: &[Vec<u8>]) -> Vec<u8> {
    let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    key.compute(table, &columns).to_vec()
}

/// Whether the HMAC of a row with these columns holds.
pub fn verify(key: &RowMac, table: &str, columns: &[Vec<u8>], mac: &[u8]) -> bool {
    let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    key.verify(table, &columns, mac)
}

/// A key that lives as long as the process: in locked memory where the limit allows it.
fn long_lived(key: &DataKey) -> Result<SecretBytes<32>, Error> {
    SecretBytes::from_slice(key.expose()).map(|key| key.lock().0).ok_or(Error::Bug("a data key has 32 bytes"))
}

fn wrapped_by() -> Result<KeyName, Error> {
    KeyId::new(WRAPPED_BY)
        .map(KeyName::new)
        .map_err(|_malformed| Error::Bug("the name of the vault's key does not parse"))
}
