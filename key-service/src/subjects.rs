//! Subject keys: one for each data subject under a key, made when the first data key for the subject is generated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::SharedClock;
use names::{KeyUid, TenantUid};
use secret::SecretBytes;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::Error;
use crate::key::Key;
use crate::root::RootKey;
use crate::store::Store;
use crate::store::subject_keys::StoredSubjectKey;

/// A subject key is loaded again when it was loaded longer ago.
const MAX_AGE: Duration = Duration::from_secs(5);
/// Most subject keys held.
const MAX_HELD: usize = 20_000;

/// A data subject under a key.
type Subject = (KeyUid, Arc<str>);

/// A subject's 32 bytes, shared by the calls that use them.
pub type SubjectKey = Arc<SecretBytes<32>>;

/// The subject keys that this process holds for a moment.
#[derive(Debug)]
pub struct Subjects {
    store: Arc<Store>,
    root: Arc<RootKey>,
    clock: SharedClock,
    held: Mutex<HashMap<Subject, Held>>,
}

#[derive(Debug)]
struct Held {
    key: SubjectKey,
    loaded: Instant,
}

impl Subjects {
    /// None held yet.
    pub fn new(store: Arc<Store>, root: Arc<RootKey>, clock: SharedClock) -> Self {
        Self { store, root, clock, held: Mutex::default() }
    }

    /// The keys of subjects, each under its key; those that do not exist are left out.
    pub async fn find(&self, wanted: &[(&Key, &str)]) -> Result<HashMap<Subject, SubjectKey>, Error> {
        let (mut found, missing) = self.held(wanted);
        if !missing.is_empty() {
            found.extend(self.load(&missing).await?);
        }
        Ok(found)
    }

    /// The keys of subjects, each under its key; those that do not exist are made.
    pub async fn find_or_make(&self, wanted: &[(&Key, &str)]) -> Result<HashMap<Subject, SubjectKey>, Error> {
        let mut found = self.find(wanted).await?;
        let missing: Vec<_> = wanted
            .iter()
            .filter(|(key, subject)| !found.contains_key(&(key.uid, Arc::from(*subject))))
            .copied()
            .collect();
        if !missing.is_empty() {
            let made = missing.iter().map(|(key, subject)| self.make(key, subject)).collect::<Result<Vec<_>, _>>()?;
            let (store, made) = (&self.store, &made);
            store
                .db()
                .run_one("subject_keys_insert_missing", |conn| {
                    Box::pin(async move { store.subject_keys_insert_missing(conn, made).await })
                })
                .await?;
            // Another replica may have been first: what counts is what the database has.
            let pairs: Vec<_> = missing.iter().map(|(key, subject)| (key.uid, *subject)).collect();
            found.extend(self.load(&pairs).await?);
        }
        Ok(found)
    }

    fn held<'a>(&self, wanted: &[(&Key, &'a str)]) -> (HashMap<Subject, SubjectKey>, Vec<(KeyUid, &'a str)>) {
        let (now, held) = (Instant::now(), self.lock());
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for (key, subject) in wanted {
            let place: Subject = (key.uid, Arc::from(*subject));
            match held.get(&place).filter(|held| now.duration_since(held.loaded) <= MAX_AGE) {
                Some(held) => {
                    found.insert(place, Arc::clone(&held.key));
                }
                None => missing.push((key.uid, *subject)),
            }
        }
        (found, missing)
    }

    async fn load(&self, wanted: &[(KeyUid, &str)]) -> Result<HashMap<Subject, SubjectKey>, Error> {
        let (loaded, store) = (Instant::now(), &self.store);
        let rows = store
            .db()
            .run_one("subject_keys_fetch", |conn| Box::pin(async move { store.subject_keys_fetch(conn, wanted).await }))
            .await?;
        let mut found = HashMap::new();
        for row in rows {
            let place = (row.key, row.tenant, row.subject.as_str());
            let key = Arc::new(self.root.decrypt_subject_key(place, &row.material)?);
            found.insert((row.key, Arc::from(row.subject)), key);
        }
        let mut held = self.lock();
        if held.len() + found.len() > MAX_HELD {
            held.retain(|_, held| loaded.duration_since(held.loaded) <= MAX_AGE);
        }
        if held.len() + found.len() <= MAX_HELD {
            for (place, key) in &found {
                held.insert(place.clone(), Held { key: Arc::clone(key), loaded });
            }
        }
        Ok(found)
    }

    fn make(&self, key: &Key, subject: &str) -> Result<StoredSubjectKey, Error> {
        let tenant = key.tenant.unwrap_or(TenantUid::new(Uuid::nil()));
        let material = SecretBytes::random().map_err(crate::root::RootError::Random)?;
        Ok(StoredSubjectKey {
            key: key.uid,
            tenant,
            subject: subject.to_owned(),
            material: self.root.encrypt_subject_key((key.uid, tenant, subject), &material)?,
            create_time: self.clock.now().truncate_micros(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
