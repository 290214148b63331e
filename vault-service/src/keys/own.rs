//! The vault's own long-lived keys: data keys under `keys/vault-service`, stored wrapped in `derived_keys`, found by name.
//!
//! They are fetched on first need, and made where there are none yet, so that the vault starts without its peers. A list
//! under the row key says which of them this installation has:
//!
//! ```text
//! neither keys nor a list, and nothing else in the database    a first start: all are made
//! a key that is needed is not on the list                      this version is the first that needs it: it is made
//! a key that is on the list is not there, or no list           an alarm and a refusal: a new key would open nothing
//! ```
//! Of several replicas that make keys at once one set of rows wins, and all use it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audit::{OutboxKey, OutboxKeySlot};
use bytes::Bytes;
use clock::SharedClock;
use db::Db;
use envelope::DataKey;
use envelope::mac::Fingerprint;
use names::{KeyId, KeyName, TenantUid};
use rows::RowKeys;
use secret::SecretBytes;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::context::Context;
use super::error::KeyError;
use super::{GenerateKey, Keys, UnwrapKey};
use crate::error::Error;
use crate::store::derived_keys::{
    DERIVED_KEY_LISTS, DERIVED_KEYS, DerivedKeyList, DerivedKeyName, DerivedKeyRow, StoredKey, StoredKeys,
    derived_keys_fetch, derived_keys_insert,
};
use crate::time::Micros;

/// The key that wraps them.
const WRAPPED_BY: &str = "vault-service";
/// HMACs of rows, those of the own keys among them.
const ROW: &str = "row";
/// Fingerprints of requests.
const FINGERPRINT: &str = "fingerprint";
/// HMACs of the outbox.
const OUTBOX: &str = "outbox";
/// What this version needs.
const NEEDED: [&str; 3] = [ROW, FINGERPRINT, OUTBOX];

/// How often rows are read again that another replica was about to write.
const MAX_ATTEMPTS: u32 = 4;

/// Whose `derived_keys` are the vault's own.
pub const NOBODY: TenantUid = TenantUid::new(Uuid::nil());

/// The keys, ready for use.
#[derive(Debug)]
pub struct OwnKeys {
    /// Fingerprints of requests.
    pub fingerprint: Fingerprint,
    /// HMACs of rows.
    pub row: Arc<RowKeys>,
}

/// Where the keys come from.
pub struct OwnKeySource {
    db: Db,
    clock: SharedClock,
    keys: Arc<Keys>,
    outbox: OutboxKeySlot,
    loaded: OnceCell<Arc<OwnKeys>>,
    /// Whether it was said already that keys are missing.
    alarmed: AtomicBool,
}

/// What the stored rows allow.
enum Found {
    /// All keys are there.
    Ready(Arc<OwnKeys>, OutboxKey),
    /// Keys were made, here or by another replica: to be read.
    Changed,
}

impl OwnKeySource {
    /// Nothing is fetched yet; the key of the outbox will go into its slot.
    pub fn new(db: Db, clock: SharedClock, keys: Arc<Keys>, outbox: OutboxKeySlot) -> Self {
        Self { db, clock, keys, outbox, loaded: OnceCell::new(), alarmed: AtomicBool::new(false) }
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
        for _ in 0..MAX_ATTEMPTS {
            let stored: StoredKeys = self
                .db
                .run_snapshot("own_keys", |tx| Box::pin(async move { derived_keys_fetch(tx, NOBODY).await }))
                .await
                .map_err(|error: db::Error| Error::from(error))?;
            match self.find(&stored, deadline).await {
                Ok(Found::Ready(keys, outbox)) => {
                    tracing::info!("the vault's own keys are there");
                    metrics::gauge!("vault_own_keys_missing").set(0.0);
                    self.outbox.set(outbox);
                    return Ok(keys);
                }
                Ok(Found::Changed) => {}
                Err(error) => {
                    self.alarm(&error);
                    return Err(error);
                }
            }
        }
        Err(Error::Bug("the vault's own keys keep changing"))
    }

    /// Says once that keys are missing or do not open; the gauge says it for as long as they do not.
    fn alarm(&self, error: &Error) {
        if !error.is_alarm() {
            return;
        }
        let count = match error {
            Error::OwnKeysMissing(names) | Error::OwnKeysVersionUnknown { names, .. } => names.len(),
            _ => 1,
        };
        metrics::gauge!("vault_own_keys_missing").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        if !self.alarmed.swap(true, Ordering::Relaxed) {
            let error = service::chain(error);
            tracing::error!(error, "own keys cannot be used: restore derived_keys and derived_key_lists from a backup");
        }
    }

    /// Opens the keys that are needed, or makes those that this installation never had.
    async fn find(&self, stored: &StoredKeys, deadline: Instant) -> Result<Found, Error> {
        if stored.is_empty() {
            if !stored.is_new {
                return Err(Error::OwnKeysMissing(NEEDED.map(|purpose| first(purpose).listed()).to_vec()));
            }
            self.make(None, &DerivedKeyList::default(), &NEEDED, deadline).await?;
            return Ok(Found::Changed);
        }
        let known: Vec<&StoredKey> = stored
            .keys()
            .filter(|key| key.name.scope.is_empty() && NEEDED.contains(&key.name.purpose.as_str()))
            .collect();
        let opened = self.open(&known, deadline).await?;
        let newest = |purpose: &str| {
            let of_purpose = opened.iter().filter(|(name, _)| name.purpose == purpose);
            of_purpose.max_by_key(|(name, _)| name.version).map(|(_, key)| key)
        };
        let row = Arc::new(row_keys(&opened)?.ok_or_else(|| Error::OwnKeysMissing(vec![first(ROW).listed()]))?);
        let list = stored.check(&row)?;
        let list = list.ok_or_else(|| Error::OwnKeysMissing(vec![DERIVED_KEY_LISTS.name().to_owned()]))?;
        check_list(stored, &list)?;
        if let (Some(fingerprint), Some(outbox)) = (newest(FINGERPRINT), newest(OUTBOX)) {
            let fingerprint = Fingerprint::new(long_lived(fingerprint)?);
            let outbox = OutboxKey::new(&long_lived(outbox)?);
            return Ok(Found::Ready(Arc::new(OwnKeys { fingerprint, row }), outbox));
        }
        let never: Vec<&str> = NEEDED.into_iter().filter(|purpose| newest(purpose).is_none()).collect();
        self.make(Some(&row), &list, &never, deadline).await?;
        Ok(Found::Changed)
    }

    /// Has keys unwrapped. Rows that are to blame are told of before a service that is away.
    async fn open(&self, keys: &[&StoredKey], deadline: Instant) -> Result<Vec<(DerivedKeyName, DataKey)>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let wrapped_by = wrapped_by()?;
        // key-service would refuse the whole message for one that is no wrapped key.
        if keys.iter().any(|key| envelope::wrap::header(&key.wrapped_key).is_err()) {
            return Err(Error::RowChanged { table: DERIVED_KEYS.name() });
        }
        let requests = keys.iter().map(|key| UnwrapKey {
            key: wrapped_by.clone(),
            subject: None,
            context: Context::of_derived_key(NOBODY, &key.name, key.key_uid),
            wrapped_key: Bytes::copy_from_slice(&key.wrapped_key),
        });
        let requests: Vec<_> = requests.collect();
        let (mut opened, mut unknown, mut failed) = (Vec::with_capacity(keys.len()), Vec::new(), None);
        for (key, answer) in keys.iter().zip(self.keys.unwrap_all(&requests, deadline).await?) {
            match answer {
                Ok(unwrapped) => opened.push((key.name.clone(), unwrapped.data_key)),
                Err(KeyError::DoesNotOpen) => return Err(Error::RowChanged { table: DERIVED_KEYS.name() }),
                Err(KeyError::VersionUnknown { said }) => unknown.push((key.name.listed(), said)),
                Err(error) => failed = Some(error),
            }
        }
        if let Some((_, said)) = unknown.first() {
            let (said, names) = (said.clone(), unknown.into_iter().map(|(name, _)| name).collect());
            return Err(Error::OwnKeysVersionUnknown { names, said });
        }
        failed.map_or(Ok(opened), |error| Err(error.into()))
    }

    /// Makes keys and adds them to the list; where another replica was first, its keys stay and these are forgotten. The
    /// first of them is the row key where there is none to authenticate them yet.
    async fn make(
        &self,
        row: Option<&RowKeys>,
        before: &DerivedKeyList,
        purposes: &[&str],
        deadline: Instant,
    ) -> Result<(), Error> {
        let now = Micros::of(self.clock.now());
        let names = purposes.iter().map(|purpose| (first(purpose), clock::uuid_v7(&*self.clock)));
        let names: Vec<_> = names.collect();
        let wrapped_by = wrapped_by()?;
        let requests = names.iter().map(|(name, uid)| GenerateKey {
            key: wrapped_by.clone(),
            subject: None,
            context: Context::of_derived_key(NOBODY, name, *uid),
        });
        let requests: Vec<_> = requests.collect();
        let made = self.keys.generate_all(&requests, deadline).await?;
        let of_row = match (row, made.first()) {
            (Some(_), _) => None,
            (None, Some(key)) => Some(RowKeys::new(1, long_lived(&key.data_key)?)),
            (None, None) => return Err(Error::Bug("no keys were made")),
        };
        let row = row.or(of_row.as_ref()).ok_or(Error::Bug("there is no row key"))?;
        let rows = names.into_iter().zip(made).map(|((name, key_uid), key)| DerivedKeyRow {
            tenant_uid: NOBODY,
            name,
            key_uid,
            wrapped_key: key.wrapped_key,
            create_time: now,
        });
        let rows: Vec<_> = rows.collect();
        let mut names = before.names.clone();
        names.extend(rows.iter().map(|key| key.name.listed()));
        names.sort_unstable();
        let (revision, carried) = (before.revision.saturating_add(1), before.carried.clone());
        let list = DerivedKeyList { names, revision, carried };
        let first = derived_keys_insert(&self.db, row, &list, &rows).await?;
        tracing::info!(purposes = purposes.join(", "), first, "made keys of the vault's own");
        Ok(())
    }
}

impl fmt::Debug for OwnKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnKeySource").field("loaded", &self.loaded.initialized()).finish_non_exhaustive()
    }
}

/// Holds the rows against the list: what is on it must be there, and nothing else may be.
fn check_list(stored: &StoredKeys, list: &DerivedKeyList) -> Result<(), Error> {
    let mut there: Vec<String> = stored.keys().map(|key| key.name.listed()).collect();
    there.sort_unstable();
    let missing: Vec<String> = list.names.iter().filter(|name| there.binary_search(name).is_err()).cloned().collect();
    if !missing.is_empty() {
        return Err(Error::OwnKeysMissing(missing));
    }
    if there == list.names { Ok(()) } else { Err(Error::RowChanged { table: DERIVED_KEY_LISTS.name() }) }
}

/// Every version of the row key: the newest makes HMACs, each checks its own.
fn row_keys(opened: &[(DerivedKeyName, DataKey)]) -> Result<Option<RowKeys>, Error> {
    let mut versions: Vec<_> = opened.iter().filter(|(name, _)| name.purpose == ROW).collect();
    versions.sort_unstable_by_key(|(name, _)| name.version);
    let Some((name, newest)) = versions.pop() else { return Ok(None) };
    let mut keys = RowKeys::new(name.version, long_lived(newest)?);
    for (name, older) in versions {
        keys = keys.with_older(name.version, long_lived(older)?);
    }
    Ok(Some(keys))
}

/// The first version of an own key.
fn first(purpose: &str) -> DerivedKeyName {
    DerivedKeyName { purpose: purpose.to_owned(), scope: String::new(), version: 1 }
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
