//! The root key at work: it encrypts key material in its place, and what else the service needs is derived from it.

use envelope::mac::Fingerprint;
use envelope::stored::{self, Aad, Column};
use names::{KeyUid, TenantUid};
use rows::RowKeys;
use secret::{RandomError, Residence, SecretBytes};

use crate::key::Purpose;
use crate::store::root::SealedBy;
use crate::store::{key_versions, root, subject_keys};

/// Columns with encrypted material: a test holds them against the database.
pub const ENCRYPTED_COLUMNS: [Column; 3] = [key_versions::MATERIAL, root::WRAPPED, subject_keys::MATERIAL];

const CHECK_LABEL: &str = "strongroom/key/check/v1";
const FINGERPRINT_LABEL: &str = "strongroom/key/fingerprint/v1";
const OUTBOX_LABEL: &str = "strongroom/key/outbox/v1";
const ROW_LABEL: &str = "strongroom/key/row-mac/v1";
/// Version of the key of rows' HMACs: it is derived from the root key and changes with it only.
const ROW_KEY_VERSION: u32 = 1;

/// Where the material of a key version stands.
#[derive(Debug, Clone, Copy)]
pub struct VersionPlace {
    /// The key.
    pub key: KeyUid,
    /// Counts from 1.
    pub version: u32,
    /// What the key is for.
    pub purpose: Purpose,
}

/// Where the material of a subject key stands.
#[derive(Debug, Clone, Copy)]
pub struct SubjectPlace<'a> {
    /// The key whose data keys it is for.
    pub key: KeyUid,
    /// The key's tenant; nil where it has none.
    pub tenant: TenantUid,
    /// Whom the records are about.
    pub subject: &'a str,
}

/// Why key material does not come out of its place.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// It does not open where it stands, under this root key.
    #[error("key material does not open in its place")]
    DoesNotOpen(#[source] envelope::Error),
    /// It could not be encrypted, or nothing could be derived.
    #[error("key material could not be encrypted")]
    Encrypt(#[source] envelope::Error),
    /// There is no randomness.
    #[error("no randomness for a key")]
    Random(#[from] RandomError),
}

/// The root key, in a locked page.
#[derive(Debug)]
pub struct RootKey {
    material: SecretBytes<32>,
}

impl RootKey {
    /// A new root key.
    pub fn generate() -> Result<Self, RootError> {
        Ok(Self { material: lock(SecretBytes::random()?) })
    }

    /// The root key under a seal's key, bound to what kind of seal that is.
    pub fn wrap(&self, seal: &SecretBytes<32>, by: SealedBy<'_>) -> Result<Vec<u8>, RootError> {
        encrypt(seal, &root_aad(by), &self.material)
    }

    /// Opens what [`RootKey::wrap`] made.
    pub fn unwrap(seal: &SecretBytes<32>, by: SealedBy<'_>, wrapped: &[u8]) -> Result<Self, RootError> {
        Ok(Self { material: decrypt(seal, &root_aad(by), wrapped)? })
    }

    /// Tells this root key from any other.
    pub fn check_value(&self) -> Result<[u8; 32], RootError> {
        Ok(*self.derive(CHECK_LABEL)?.expose())
    }

    /// What the rows' HMACs are made with.
    pub fn row_keys(&self) -> Result<RowKeys, RootError> {
        Ok(RowKeys::new(ROW_KEY_VERSION, self.derive(ROW_LABEL)?))
    }

    /// What the fingerprints of requests are made with.
    pub fn fingerprint(&self) -> Result<Fingerprint, RootError> {
        Ok(Fingerprint::new(self.derive(FINGERPRINT_LABEL)?))
    }

    /// The key of the outbox's HMACs.
    pub fn outbox_key(&self) -> Result<SecretBytes<32>, RootError> {
        self.derive(OUTBOX_LABEL)
    }

    /// Encrypts a key version's material for its row.
    pub fn encrypt_version(&self, place: VersionPlace, material: &SecretBytes<32>) -> Result<Vec<u8>, RootError> {
        encrypt(&self.material, &version_aad(place), material)
    }

    /// Decrypts a key version's material into a locked page.
    pub fn decrypt_version(&self, place: VersionPlace, sealed: &[u8]) -> Result<SecretBytes<32>, RootError> {
        decrypt(&self.material, &version_aad(place), sealed)
    }

    /// Encrypts a subject key's material for its row.
    pub fn encrypt_subject_key(
        &self,
        place: SubjectPlace<'_>,
        material: &SecretBytes<32>,
    ) -> Result<Vec<u8>, RootError> {
        encrypt(&self.material, &subject_aad(place), material)
    }

    /// Decrypts a subject key's material into a locked page.
    pub fn decrypt_subject_key(&self, place: SubjectPlace<'_>, sealed: &[u8]) -> Result<SecretBytes<32>, RootError> {
        decrypt(&self.material, &subject_aad(place), sealed)
    }

    fn derive(&self, label: &'static str) -> Result<SecretBytes<32>, RootError> {
        envelope::derive(&self.material, label).map_err(RootError::Encrypt)
    }
}

fn root_aad(by: SealedBy<'_>) -> Aad {
    root::WRAPPED.aad().part(by.kind.to_be_bytes()).part(by.params)
}

fn version_aad(VersionPlace { key, version, purpose }: VersionPlace) -> Aad {
    key_versions::MATERIAL.aad().part(key.as_bytes()).number(version).part(purpose.code().to_be_bytes())
}

fn subject_aad(SubjectPlace { key, tenant, subject }: SubjectPlace<'_>) -> Aad {
    subject_keys::MATERIAL.aad().part(key.as_bytes()).part(tenant.as_bytes()).part(subject)
}

fn encrypt(under: &SecretBytes<32>, aad: &Aad, material: &SecretBytes<32>) -> Result<Vec<u8>, RootError> {
    stored::seal(under, aad, material.expose()).map_err(RootError::Encrypt)
}

fn decrypt(under: &SecretBytes<32>, aad: &Aad, sealed: &[u8]) -> Result<SecretBytes<32>, RootError> {
    stored::open_key(under, aad, sealed).map(lock).map_err(RootError::DoesNotOpen)
}

/// Moves a long-lived key to a locked page; a limit that forbids it is worth one warning.
fn lock(material: SecretBytes<32>) -> SecretBytes<32> {
    static WARNED: std::sync::Once = std::sync::Once::new();
    let (material, residence) = material.lock();
    if residence == Residence::Swappable {
        WARNED.call_once(|| tracing::warn!("RLIMIT_MEMLOCK is too low: keys may be swapped out"));
    }
    material
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn key(number: u128) -> KeyUid {
        KeyUid::new(Uuid::from_u128(number))
    }

    #[test]
    fn material_opens_in_its_own_place_only() {
        let root = RootKey::generate().unwrap();
        let material = SecretBytes::random().unwrap();
        let place = |number, version, purpose| VersionPlace { key: key(number), version, purpose };
        let own = place(1, 1, Purpose::Wrap);
        let sealed = root.encrypt_version(own, &material).unwrap();
        for other in [place(2, 1, Purpose::Wrap), place(1, 2, Purpose::Wrap), place(1, 1, Purpose::Mac)] {
            assert!(root.decrypt_version(other, &sealed).is_err());
        }
        assert!(RootKey::generate().unwrap().decrypt_version(own, &sealed).is_err());
        assert!(root.decrypt_version(own, &sealed).unwrap() == material);
    }

    #[test]
    fn a_subject_key_opens_for_its_subject_only() {
        let root = RootKey::generate().unwrap();
        let (material, tenant) = (SecretBytes::random().unwrap(), TenantUid::new(Uuid::nil()));
        let place = |number, subject| SubjectPlace { key: key(number), tenant, subject };
        let sealed = root.encrypt_subject_key(place(1, "p-1"), &material).unwrap();
        assert!(root.decrypt_subject_key(place(1, "p-2"), &sealed).is_err());
        assert!(root.decrypt_subject_key(place(2, "p-1"), &sealed).is_err());
        assert!(root.decrypt_subject_key(place(1, "p-1"), &sealed).unwrap() == material);
    }

    #[test]
    fn a_root_key_comes_back_under_its_seal_only() {
        let (root, seal) = (RootKey::generate().unwrap(), SecretBytes::random().unwrap());
        let by = SealedBy { kind: 1, params: b"salt" };
        let wrapped = root.wrap(&seal, by).unwrap();
        assert!(RootKey::unwrap(&SecretBytes::random().unwrap(), by, &wrapped).is_err());
        assert!(RootKey::unwrap(&seal, SealedBy { kind: 2, ..by }, &wrapped).is_err());
        assert!(RootKey::unwrap(&seal, SealedBy { params: b"", ..by }, &wrapped).is_err());
        let again = RootKey::unwrap(&seal, by, &wrapped).unwrap();
        assert_eq!(again.check_value().unwrap(), root.check_value().unwrap());
        assert_ne!(RootKey::generate().unwrap().check_value().unwrap(), root.check_value().unwrap());
    }
}
