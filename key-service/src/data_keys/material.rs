//! The keys and subject keys that a batch works with: each loaded once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use envelope::wrap::{self, Suite, WrappingKey};
use names::{KeyId, KeyUid};

use super::{Asked, Binding, Wrapped};
use crate::error::Error;
use crate::key::{Key, Purpose};
use crate::keyring::{LoadedKey, LoadedVersion};
use crate::subjects::SubjectKey;
use crate::unsealed::Unsealed;

/// Keys by their id, subject keys by key and subject.
pub(super) struct Material {
    keys: HashMap<KeyId, Arc<LoadedKey>>,
    subjects: HashMap<(KeyUid, Arc<str>), SubjectKey>,
}

impl Material {
    /// The key that a request names, and its primary version.
    pub(super) fn primary(&self, binding: &Binding) -> Result<(&LoadedKey, &LoadedVersion), Error> {
        let key = self.key(binding)?;
        Ok((key, key.primary()?))
    }

    /// The key that a request names, and the version that the wrapped key's header names. A header of another key or of
    /// another kind of subject is a mismatch like any other.
    pub(super) fn named_by(&self, one: &Wrapped) -> Result<(&LoadedKey, &LoadedVersion), Error> {
        let key = self.key(&one.binding)?;
        let mismatch = || one.mismatch(envelope::Error::DoesNotOpen);
        let header = wrap::header(&one.bytes).map_err(|error| one.mismatch(error))?;
        let of_subject = header.suite == Suite::Subject;
        let known_subject = self.subject_key(key, &one.binding).is_some();
        if header.key != key.key.uid || of_subject == one.binding.subject.is_empty() || of_subject != known_subject {
            return Err(mismatch());
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
    pub(super) fn key(&self, binding: &Binding) -> Result<&Arc<LoadedKey>, Error> {
        self.keys.get(binding.key.key()).ok_or(Error::Bug("a key of the batch was not loaded"))
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
            let Some((key, header)) = keys.get(id).zip(wrap::header(&one.bytes).ok()) else { continue };
            let is_held = key.version_born(header.version, header.birth_mark).is_some();
            if header.key == key.key.uid && !is_held && reloaded.insert(id) {
                keys.insert(id.clone(), self.keyring.reload(id).await?);
            }
        }
        let wanted = subjects_of(wrapped, &keys);
        let subjects = if wanted.is_empty() { HashMap::new() } else { self.subjects.find(&wanted).await? };
        Ok(Material { keys, subjects })
    }

    /// Counts one wrap for each request under the primary version of its key.
    pub(super) fn count_wraps<T: Asked>(&self, requests: &[T], material: &Material) -> Result<(), Error> {
        let mut counts: HashMap<(KeyUid, u32), u64> = HashMap::with_capacity(1);
        for request in requests {
            let key = &material.key(request.binding())?.key;
            *counts.entry((key.uid, key.primary_version)).or_default() += 1;
        }
        for ((key, version), count) in counts {
            self.wrap_counts.add(key, version, count);
        }
        Ok(())
    }

    async fn keys_of<T: Asked>(&self, requests: &[T]) -> Result<HashMap<KeyId, Arc<LoadedKey>>, Error> {
        let mut keys: HashMap<KeyId, Arc<LoadedKey>> = HashMap::with_capacity(1);
        for request in requests {
            let name = &request.binding().key;
            if !keys.contains_key(name.key()) {
                let key = self.keyring.key(name.key()).await?;
                if key.key.purpose != Purpose::Wrap {
                    return Err(Error::WrongPurpose(name.clone()));
                }
                keys.insert(name.key().clone(), key);
            }
        }
        Ok(keys)
    }
}

/// Each subject of a batch once, in order, with the key that it is under.
fn subjects_of<'a, T: Asked>(requests: &'a [T], keys: &'a HashMap<KeyId, Arc<LoadedKey>>) -> Vec<(&'a Key, &'a str)> {
    let mut wanted: BTreeMap<(KeyUid, &str), &Key> = BTreeMap::new();
    for binding in requests.iter().map(Asked::binding).filter(|binding| !binding.subject.is_empty()) {
        if let Some(key) = keys.get(binding.key.key()) {
            wanted.insert((key.key.uid, &binding.subject), &key.key);
        }
    }
    wanted.into_iter().map(|((_, subject), key)| (key, subject)).collect()
}
