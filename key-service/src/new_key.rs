//! New keys, and new versions of keys, before they are stored.

use clock::{SharedClock, Timestamp};
use db::Tx;
use names::{BirthMark, KeyId, KeyUid, TenantUid};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rows::Carried;
use secret::SecretBytes;

use crate::error::Error;
use crate::key::{Key, KeyVersion, Labels, Purpose, VersionState};
use crate::root::{RootError, RootKey, VersionPlace};
use crate::store::Store;
use crate::store::key_versions::StoredVersion;
use crate::store::keys::StoredKey;

/// A key that is not stored yet.
#[derive(Debug)]
pub(crate) struct NewKey {
    /// The key.
    pub(crate) key: Key,
}

impl NewKey {
    /// A key with a fresh uid.
    pub(crate) fn generate(
        id: KeyId,
        tenant: Option<TenantUid>,
        purpose: Purpose,
        labels: Labels,
        clock: &SharedClock,
    ) -> Self {
        let uid = KeyUid::new(clock::uuid_v7(clock.as_ref()));
        let create_time = clock.now().truncate_micros();
        let system = false;
        Self { key: Key { uid, id, tenant, purpose, system, primary_version: 1, revision: 1, labels, create_time } }
    }

    /// The same key as one of the system's own.
    #[must_use]
    pub(crate) fn of_system(self) -> Self {
        Self { key: Key { system: true, ..self.key } }
    }

    /// Stores the key with its first version. Comes last in its transaction: changes of keys wait for each other from here
    /// to the commit.
    pub(crate) async fn insert(&self, tx: &Tx<'_>, store: &Store, root: &RootKey) -> Result<(), Error> {
        let generation = store.key_next_generation(tx).await?;
        let (key, carried) = (self.key.clone(), Carried::default());
        let stored = StoredKey { key, generation, version_floor: None, carried };
        store.key_insert(tx, &stored).await?;
        let version = new_version(&self.key, 1, root, self.key.create_time)?;
        Ok(store.key_version_insert(tx, &version).await?)
    }
}

/// A fresh version of a key with its material, encrypted for its row.
pub(crate) fn new_version(key: &Key, number: u32, root: &RootKey, now: Timestamp) -> Result<StoredVersion, Error> {
    let material = SecretBytes::random().map_err(RootError::Random)?;
    let public_key = match key.purpose {
        Purpose::Sign => Some(public_key(&material)?),
        Purpose::Wrap | Purpose::Mac => None,
    };
    let place = VersionPlace { key: key.uid, version: number, purpose: key.purpose };
    let sealed = root.encrypt_version(place, &material)?;
    let birth_mark = BirthMark::new(secret::random_array().map_err(RootError::Random)?);
    let version = KeyVersion {
        version: number,
        birth_mark,
        state: VersionState::Enabled,
        create_time: now,
        destroy_time: None,
        public_key,
        previous: None,
    };
    Ok(StoredVersion { key: key.uid, version, material: Some(sealed) })
}

/// The public half of an Ed25519 seed (RFC 8032).
fn public_key(seed: &SecretBytes<32>) -> Result<[u8; 32], Error> {
    secret::scrubbed(|| {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose());
        let pair = pair.map_err(|_rejected| Error::Bug("an Ed25519 seed was rejected"))?;
        pair.public_key().as_ref().try_into().map_err(|_length| Error::Bug("an Ed25519 key has a wrong length"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_that_of_its_seed() {
        // RFC 8032, section 7.1, tests 1 and 2.
        for (seed, public) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            ),
        ] {
            let seed = SecretBytes::from_slice(&tlog::hash::from_hex(seed).unwrap()).unwrap();
            assert_eq!(public_key(&seed).unwrap(), tlog::hash::from_hex(public).unwrap());
        }
    }
}
