//! The keys and subject keys that a batch works with: each loaded once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use audit::{Event, Outbox};
use envelope::wrap::{self, Suite, WrappingKey};
use names::{KeyId, KeyUid, LogName};

use super::batch::{Asked, Binding, Refused, Wrapped, mismatch};
use crate::core::Core;
use crate::error::Error;
use crate::key::{Key, Purpose};
use crate::keyring::{Keyring, LoadedKey, LoadedVersion, Wanted};
use crate::operations::Asking;
use crate::subjects::{Subject, SubjectKey, Subjects};

/// Most versions of one key that are loaded for one call: far more than a batch names that was not made up.
const MAX_NAMED: usize = 100;

/// Keys by their id.
type Keys = HashMap<KeyId, Result<Arc<LoadedKey>, Refused>>;

/// Subject keys by key and subject.
type SubjectKeys = HashMap<Subject, Result<SubjectKey, Refused>>;

/// Keys and subject keys, or why one of them cannot be used.
pub(super) struct Material {
    keys: Keys,
    subjects: SubjectKeys,
}

impl Material {
    /// What it takes to wrap: keys of subjects that have none are made, unless the wrap will be refused.
    pub(super) async fn for_wraps(
        core: &Core,
        subjects: &Subjects,
        asking: &Asking,
        bindings: &[Binding],
    ) -> Result<Self, Error> {
        let keys = keys_of(&core.keyring, bindings).await?;
        let wanted = subjects_of(bindings, &keys);
        if wanted.is_empty() {
            return Ok(Self { keys, subjects: SubjectKeys::new() });
        }
        let mut found = subject_keys(core, subjects, &wanted).await?;
        let can_wrap = |key: &Key| {
            let Some(Ok(held)) = keys.get(&key.id) else { return false };
            held.primary().is_ok_and(|primary| primary.usable(key).is_ok())
        };
        let is_missing = |(key, subject): &(&Key, &str)| !found.contains_key(&(key.uid, Arc::from(*subject)));
        let missing: Vec<_> = wanted.iter().copied().filter(|one| is_missing(one) && can_wrap(one.0)).collect();
        if !missing.is_empty() {
            make_subject_keys(core, subjects, asking, &missing).await?;
            // Another replica may have been first: what counts is what the database has.
            found.extend(subject_keys(core, subjects, &missing).await?);
        }
        Ok(Self { keys, subjects: found })
    }

    /// What it takes to unwrap. Versions that are not held are loaded, by one load of each key: another replica may have made
    /// one a moment ago.
    pub(super) async fn for_unwraps(core: &Core, subjects: &Subjects, wrapped: &[Wrapped]) -> Result<Self, Error> {
        let keyring = &core.keyring;
        let mut keys = keys_of(keyring, wrapped).await?;
        for (id, Unheld { numbers, is_other }) in unheld(wrapped, &keys) {
            let wanted = Wanted::Also(&numbers);
            let load = if is_other { keyring.reload(id, wanted).await } else { keyring.key(id, wanted).await };
            keys.insert(id.clone(), of_key(load)?);
        }
        let wanted = subjects_of(wrapped, &keys);
        let subjects =
            if wanted.is_empty() { SubjectKeys::new() } else { subject_keys(core, subjects, &wanted).await? };
        Ok(Self { keys, subjects })
    }

    /// The key that a request names, and its primary version.
    pub(super) fn primary(&self, binding: &Binding) -> Result<(&LoadedKey, &LoadedVersion), Refused> {
        let key = self.key(binding)?;
        Ok((key, key.primary()?))
    }

    /// The key that a request names, and the version that the wrapped key's header names. A header of another key or of
    /// another kind of subject is a mismatch like any other.
    pub(super) fn named_by(&self, one: &Wrapped) -> Result<(&LoadedKey, &LoadedVersion), Refused> {
        let key = self.key(&one.binding)?;
        let header = wrap::header(&one.bytes).map_err(mismatch)?;
        let of_subject = header.suite == Suite::Subject;
        let known_subject = self.subject_key(key, &one.binding).is_some();
        if header.key != key.key.uid || of_subject == one.binding.subject.is_empty() || of_subject != known_subject {
            return Err(Error::ContextMismatch.into());
        }
        Ok((key, key.version_named(header.version, header.birth_mark)?))
    }

    /// A version as it wraps and unwraps for a request, if it is enabled.
    pub(super) fn wrapping_key<'a>(
        &'a self,
        binding: &Binding,
        key: &'a LoadedKey,
        version: &'a LoadedVersion,
    ) -> Result<WrappingKey<'a>, Refused> {
        let material = version.usable(&key.key)?;
        let subject_key = match self.subject_key(key, binding) {
            Some(Ok(SubjectKey::Present(material))) => Some(material.as_ref()),
            Some(Ok(SubjectKey::Erased)) => return Err(Error::SubjectErased.into()),
            Some(Err(refused)) => return Err(refused.clone()),
            None if binding.subject.is_empty() => None,
            None => return Err(Error::Bug("a subject's key was not loaded").into()),
        };
        let (version, birth_mark) = (version.version.version, version.birth_mark());
        Ok(WrappingKey { key: key.key.uid, version, birth_mark, material, subject_key })
    }

    /// The key that a request names.
    fn key(&self, binding: &Binding) -> Result<&Arc<LoadedKey>, Refused> {
        let loaded = self.keys.get(binding.key.key()).ok_or(Error::Bug("a key of the batch was not loaded"))?;
        loaded.as_ref().map_err(Refused::clone)
    }

    /// The key that a request names, if it can be used.
    pub(super) fn known_key(&self, binding: &Binding) -> Option<&Key> {
        self.keys.get(binding.key.key())?.as_ref().ok().map(|loaded| &loaded.key)
    }

    fn subject_key(&self, key: &LoadedKey, binding: &Binding) -> Option<&Result<SubjectKey, Refused>> {
        if binding.subject.is_empty() {
            return None;
        }
        self.subjects.get(&(key.key.uid, Arc::from(binding.subject.as_str())))
    }
}

/// Makes keys of subjects, in one transaction with an event for each key that they are under.
async fn make_subject_keys(
    core: &Core,
    subjects: &Subjects,
    asking: &Asking,
    wanted: &[(&Key, &str)],
) -> Result<(), Error> {
    let made = wanted.iter().map(|(key, subject)| subjects.make(key, subject));
    let made = &made.collect::<Result<Vec<_>, _>>()?;
    let now = core.clock.now();
    let event = |key: &Key, count: usize| {
        let mut event = Event::new(core.event_id(), LogName::System, now, &asking.caller, "subjectKeys.create");
        event.resource = key.name().to_string();
        event.with("uid", key.uid).with("count", count)
    };
    let keys: BTreeMap<KeyUid, &Key> = wanted.iter().map(|(key, _)| (key.uid, *key)).collect();
    let (event, keys) = (&event, &keys);
    let rows = core
        .store
        .db()
        .run_tx("subject_keys_make", |tx| {
            Box::pin(async move {
                let inserted = core.store.subject_keys_insert_missing(tx, made).await?;
                let count = |uid| inserted.iter().filter(|one| **one == uid).count();
                let counts = keys.values().map(|key| (key, count(key.uid)));
                let events: Vec<_> =
                    counts.filter(|(_, count)| *count > 0).map(|(key, count)| event(key, count)).collect();
                let rows = core.outbox.rows(&events)?;
                Outbox::insert(tx, &rows).await?;
                Ok::<_, Error>(rows.len())
            })
        })
        .await?;
    core.outbox.committed(rows);
    Ok(())
}

/// Subject keys; one that cannot be used refuses the requests that name it.
async fn subject_keys(core: &Core, subjects: &Subjects, wanted: &[(&Key, &str)]) -> Result<SubjectKeys, Error> {
    let found = subjects.find(wanted, core.keyring.is_fresh()).await?;
    Ok(found.into_iter().map(|(subject, key)| (subject, key.map_err(Refused::from))).collect())
}

async fn keys_of<T: Asked>(keyring: &Keyring, requests: &[T]) -> Result<Keys, Error> {
    let mut keys = Keys::with_capacity(1);
    for request in requests {
        let name = &request.binding().key;
        if !keys.contains_key(name.key()) {
            let key = keyring.key(name.key(), Wanted::Primary).await;
            let wraps = |key: &LoadedKey| key.key.purpose == Purpose::Wrap;
            let key = key.and_then(|key| if wraps(&key) { Ok(key) } else { Err(Error::WrongPurpose(name.clone())) });
            keys.insert(name.key().clone(), of_key(key)?);
        }
    }
    Ok(keys)
}

/// A key, or why the requests that name it are refused; an error where all requests are.
fn of_key(loaded: Result<Arc<LoadedKey>, Error>) -> Result<Result<Arc<LoadedKey>, Refused>, Error> {
    match loaded {
        Ok(key) => Ok(Ok(key)),
        Err(error) if error.is_of_one_key() => Ok(Err(error.into())),
        Err(error) => Err(error),
    }
}

/// Versions of a key that headers name and that are not held.
#[derive(Default)]
struct Unheld {
    numbers: Vec<u32>,
    /// Whether one is held with another birth mark.
    is_other: bool,
}

/// What is named and not held, for each key. Headers are not authenticated: numbers of one key are bounded.
fn unheld<'a>(wrapped: &'a [Wrapped], keys: &Keys) -> HashMap<&'a KeyId, Unheld> {
    let mut unheld: HashMap<&KeyId, Unheld> = HashMap::new();
    for one in wrapped {
        let id = one.binding.key.key();
        let (Some(Ok(key)), Ok(header)) = (keys.get(id), wrap::header(&one.bytes)) else { continue };
        if header.key != key.key.uid || key.version_born(header.version, header.birth_mark).is_some() {
            continue;
        }
        let of_key = unheld.entry(id).or_default();
        of_key.is_other |= key.version(header.version).is_some();
        if of_key.numbers.len() < MAX_NAMED && !of_key.numbers.contains(&header.version) {
            of_key.numbers.push(header.version);
        }
    }
    unheld
}

/// Each subject of a batch once, in order, with the key that it is under.
fn subjects_of<'a, T: Asked>(requests: &'a [T], keys: &'a Keys) -> Vec<(&'a Key, &'a str)> {
    let mut wanted: BTreeMap<(KeyUid, &str), &Key> = BTreeMap::new();
    for binding in requests.iter().map(Asked::binding).filter(|binding| !binding.subject.is_empty()) {
        if let Some(Ok(key)) = keys.get(binding.key.key()) {
            wanted.insert((key.key.uid, &binding.subject), &key.key);
        }
    }
    wanted.into_iter().map(|((_, subject), key)| (key, subject)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bytes::Bytes;
    use clock::Timestamp;
    use envelope::EncryptionContext;
    use names::BirthMark;
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;
    use crate::key::{KeyVersion, Labels, VersionState};
    use crate::root::RootKey;
    use crate::store::key_versions::StoredVersion;

    const UID: u128 = 7;

    fn held(versions: &[u32]) -> Keys {
        let (uid, id, create_time) =
            (KeyUid::new(Uuid::from_u128(UID)), "k".parse().unwrap(), Timestamp::from_micros(0));
        let (tenant, purpose, system, labels) = (None, Purpose::Wrap, false, Labels::default());
        let key = Key { uid, id, tenant, purpose, system, primary_version: 3, revision: 1, labels, create_time };
        let mut loaded = LoadedKey::new(key, Instant::now(), false, false);
        for version in versions {
            let version = KeyVersion {
                version: *version,
                birth_mark: BirthMark::new([1; 8]),
                state: VersionState::Destroyed,
                create_time,
                destroy_time: None,
                public_key: None,
                previous: None,
            };
            let stored = StoredVersion { key: uid, version, material: None };
            loaded.open(stored, &RootKey::generate().unwrap()).unwrap();
        }
        Keys::from([(loaded.key.id.clone(), Ok(Arc::new(loaded)))])
    }

    /// A wrapped key whose header, which nothing vouches for, says this.
    fn saying(uid: u128, version: u32, birth_mark: u8) -> Wrapped {
        let (uid, number) = (Uuid::from_u128(uid), version.to_be_bytes());
        let header = [&[1, 1][..], uid.as_bytes(), &number, &[birth_mark; 8]].concat();
        let binding = Binding {
            key: "keys/k".parse().unwrap(),
            subject: String::new(),
            on_behalf_of: None,
            context: EncryptionContext::from_iter([("a", "b")]),
        };
        Wrapped { binding, bytes: Bytes::from([header, vec![0; 112]].concat()) }
    }

    #[test]
    fn what_headers_name_costs_one_load_of_a_key_however_many_versions_that_are() {
        let id: KeyId = "k".parse().unwrap();
        let future: Vec<_> = (4..1004).map(|version| saying(UID, version, 1)).collect();
        assert!(wrap::header(&future[0].bytes).is_ok());
        let keys = held(&[3]);
        let loads = unheld(&future, &keys);
        assert_eq!((loads.len(), loads[&id].numbers.len(), loads[&id].is_other), (1, MAX_NAMED, false));
        assert!(loads[&id].numbers.iter().collect::<BTreeSet<_>>().len() == MAX_NAMED);
        let same: Vec<_> = (0..1000).map(|_| saying(UID, 9, 1)).collect();
        assert_eq!(unheld(&same, &keys)[&id].numbers, [9]);
        assert!(unheld(&[saying(UID, 3, 2)], &keys)[&id].is_other, "a number that is held with another birth mark");
        assert!(unheld(&[saying(UID, 3, 1), saying(8, 9, 1)], &keys).is_empty(), "what is held, and another key's");
    }
}
