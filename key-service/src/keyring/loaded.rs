//! A key as it was loaded, with the material of the versions that were asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use names::BirthMark;
use secret::SecretBytes;
use tokio::time::Instant;

use crate::error::Error;
use crate::key::{Key, KeyVersion, VersionState};
use crate::root::{RootKey, VersionPlace};
use crate::store::key_versions::StoredVersion;

/// Which versions of a key are wanted beside its primary one.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// None.
    Primary,
    /// Those with these numbers, where there are such.
    Also(&'a [u32]),
    /// All.
    All,
}

/// A key with the material of its primary version and of those that were asked for.
#[derive(Debug)]
pub struct LoadedKey {
    /// The key.
    pub key: Key,
    /// `keys/{key}`.
    pub name: Arc<str>,
    versions: BTreeMap<u32, Arc<LoadedVersion>>,
    /// Numbers that were asked for, and whose versions were deleted.
    pub(super) missing: Vec<u32>,
    loaded: Instant,
    is_set_back: bool,
    /// Whether it has all its versions.
    is_whole: bool,
}

/// A version with its material.
#[derive(Debug)]
pub struct LoadedVersion {
    /// The version.
    pub version: KeyVersion,
    /// `keys/{key}/versions/{version}`.
    name: Arc<str>,
    /// Its 32 bytes; none once destroyed.
    material: Option<SecretBytes<32>>,
}

impl LoadedKey {
    pub(crate) fn new(key: Key, loaded: Instant, is_set_back: bool, is_whole: bool) -> Self {
        let (name, versions, missing) = (Arc::from(key.name().to_string()), BTreeMap::new(), Vec::new());
        Self { key, name, versions, missing, loaded, is_set_back, is_whole }
    }

    /// Adds a version, decrypted.
    pub(crate) fn open(&mut self, stored: StoredVersion, root: &RootKey) -> Result<(), Error> {
        let number = stored.version.version;
        let place = VersionPlace { key: self.key.uid, version: number, purpose: self.key.purpose };
        let material = match &stored.material {
            Some(sealed) => Some(root.decrypt_version(place, sealed).map_err(Error::Material)?),
            None => None,
        };
        let name = Arc::from(self.key.name().version(number).to_string());
        self.versions.insert(number, Arc::new(LoadedVersion { version: stored.version, name, material }));
        Ok(())
    }

    pub(super) fn has(&self, wanted: Wanted<'_>) -> bool {
        match wanted {
            Wanted::Primary => true,
            Wanted::Also(numbers) => self.is_whole || numbers.iter().all(|number| self.versions.contains_key(number)),
            Wanted::All => self.is_whole,
        }
    }

    /// When its loading began.
    pub fn loaded(&self) -> Instant {
        self.loaded
    }

    /// The version with this number, if it was asked for and there is one.
    pub fn version(&self, number: u32) -> Option<&LoadedVersion> {
        self.versions.get(&number).map(Arc::as_ref)
    }

    /// The primary version, as new data keys are wrapped under it: none is while the key's rows say less than this process
    /// has seen.
    pub fn primary(&self) -> Result<&LoadedVersion, Error> {
        if self.is_set_back {
            return Err(Error::KeySetBack(self.key.name()));
        }
        self.version(self.key.primary_version).ok_or_else(|| Error::VersionMissing(self.key.primary_name()))
    }

    /// The version with this number and birth mark.
    pub fn version_born(&self, number: u32, birth_mark: BirthMark) -> Option<&LoadedVersion> {
        self.version(number).filter(|version| version.birth_mark() == birth_mark)
    }

    /// The version that a header names, or why there is none.
    pub fn version_named(&self, number: u32, birth_mark: BirthMark) -> Result<&LoadedVersion, Error> {
        let name = || self.key.name().version(number);
        match self.version_born(number, birth_mark) {
            Some(version) => Ok(version),
            None if self.missing.contains(&number) => Err(Error::VersionMissing(name())),
            None => Err(Error::VersionUnknown { name: name(), birth_mark }),
        }
    }

    /// The versions that it has, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &LoadedVersion> {
        self.versions.values().map(Arc::as_ref)
    }
}

impl LoadedVersion {
    /// Its name: `keys/{key}/versions/{version}`.
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// What tells it from another version of its number.
    pub fn birth_mark(&self) -> BirthMark {
        self.version.birth_mark
    }

    /// The material, if the version may be used.
    pub fn usable(&self, key: &Key) -> Result<&SecretBytes<32>, Error> {
        match (&self.material, self.version.state) {
            (Some(material), VersionState::Enabled) => Ok(material),
            (_, state) => Err(Error::VersionUnusable { name: key.name().version(self.version.version), state }),
        }
    }

    /// The material whatever the state, for checking what the version made before; none once destroyed.
    pub fn material(&self) -> Option<&SecretBytes<32>> {
        self.material.as_ref()
    }
}
