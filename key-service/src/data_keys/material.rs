//! The keys and subject keys that a batch works with: each loaded once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use envelope::wrap::{self, Suite, WrappingKey};
use names::{KeyId, KeyUid};

use super::account::Refused;
use super::{Asked, Binding, Wrapped, mismatch};
use crate::error::Error;
use crate::key::{Key, Purpose};
use crate::keyring::{LoadedKey, LoadedVersion};
use crate::subjects::SubjectKey;
use crate::unsealed::Unsealed;

/// Keys by their id.
type Keys = HashMap<KeyId, Result<Arc<LoadedKey>, Refused>>;

/// Keys, or why they cannot be used, and subject keys by key and subject.
pub(super) struct Material {
    keys: Keys,
    subjects: HashMap<(KeyUid, Arc<str>), SubjectKey>,
}

impl Material {
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
        let unknown =
            || Error::VersionUnknown { name: key.key.name().version(header.version), birth_mark: header.birth_mark };
        Ok((key, key.version_born(header.version, header.birth_mark).ok_or_else(unknown)?))
    }

    /// A version as it wraps and unwraps for a request, if it is enabled.
    pub(super) fn wrapping_key<'a>(
        &'a self,
        binding: &Binding,
        key: &'a LoadedKey,
        version: &'a LoadedVersion,
    ) -> Result<WrappingKey<'a>, Error> {
        let subject_key = self.subject_key(key, binding);
        if subject_key.is_none() && !binding.subject.is_empty() {
            return Err(Error::Bug("a subject's key was not loaded"));
        }
        Ok(WrappingKey {
            key: key.key.uid,
            version: version.version.version,
            birth_mark: version.birth_mark(),
            material: version.usable(&key.key)?,
            subject_key: subject_key.map(Arc::as_ref),
        })
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

    fn subject_key(&self, key: &LoadedKey, binding: &Binding) -> Option<&SubjectKey> {
        if binding.subject.is_empty() {
            return None;
        }
        self.subjects.get(&(key.key.uid, Arc::from(binding.subject.as_str())))
    }
}

impl Unsealed {
    /// What it takes to wrap: keys of subjects that have none are made.
    pub(super) async fn material_for_wraps(&self, bindings: &[Binding]) -> Result<Material, Error> {
        let keys = self.keys_of(bindings).await?;
        let wanted = subjects_of(bindings, &keys);
        let subjects = if wanted.is_empty() { HashMap::new() } else { self.subjects.find_or_make(&wanted).await? };
        Ok(Material { keys, subjects })
    }

    /// What it takes to unwrap. A version that is not held may have been made a moment ago by another replica: its key is
    /// loaded again, once.
    pub(super) async fn material_for_unwraps(&self, wrapped: &[Wrapped]) -> Result<Material, Error> {
        let mut keys = self.keys_of(wrapped).await?;
        let mut reloaded = HashSet::new();
        for one in wrapped {
            let id = one.binding.key.key();
            let (Some(Ok(key)), Ok(header)) = (keys.get(id), wrap::header(&one.bytes)) else { continue };
            let is_held = key.version_born(header.version, header.birth_mark).is_some();
            if header.key == key.key.uid && !is_held && reloaded.insert(id) {
                keys.insert(id.clone(), of_key(self.keyring.reload(id).await)?);
            }
        }
        let wanted = subjects_of(wrapped, &keys);
        let subjects = if wanted.is_empty() { HashMap::new() } else { self.subjects.find(&wanted).await? };
        Ok(Material { keys, subjects })
    }

    async fn keys_of<T: Asked>(&self, requests: &[T]) -> Result<Keys, Error> {
        let mut keys = Keys::with_capacity(1);
        for request in requests {
            let name = &request.binding().key;
            if !keys.contains_key(name.key()) {
                let key = self.keyring.key(name.key()).await;
                let wraps = |key: &LoadedKey| key.key.purpose == Purpose::Wrap;
                let key =
                    key.and_then(|key| if wraps(&key) { Ok(key) } else { Err(Error::WrongPurpose(name.clone())) });
                keys.insert(name.key().clone(), of_key(key)?);
            }
        }
        Ok(keys)
    }
}

/// A key, or why the requests that name it are refused; an error where all requests are.
fn of_key(loaded: Result<Arc<LoadedKey>, Error>) -> Result<Result<Arc<LoadedKey>, Refused>, Error> {
    match loaded {
        Ok(key) => Ok(Ok(key)),
        Err(error) if error.is_of_one_key() => Ok(Err(error.into())),
        Err(error) => Err(error),
    }
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
