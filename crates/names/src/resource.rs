//! Names of the resources that callers address.

use std::fmt;
use std::str::FromStr;

use crate::error::{Kind, NameError};
use crate::id::{CollectionId, KeyId, RecordId, TenantId, UserId};
use crate::log::{EntryName, LogName};
use crate::parse::{ids, malformed, number};

/// `tenants/{tenant}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantName {
    tenant: TenantId,
}

/// `tenants/{tenant}/users/{user}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName {
    tenant: TenantId,
    user: UserId,
}

/// `tenants/{tenant}/collections/{collection}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollectionName {
    tenant: TenantId,
    collection: CollectionId,
}

/// `tenants/{tenant}/collections/{collection}/records/{record}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordName {
    tenant: TenantId,
    collection: CollectionId,
    record: RecordId,
}

/// `keys/{key}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    key: KeyId,
}

/// `keys/{key}/versions/{version}`, counted from 1
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyVersionName {
    key: KeyId,
    version: u32,
}

impl TenantName {
    /// The name of the tenant with this id.
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// The tenant's id.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

impl UserName {
    /// The name of this user of this tenant.
    pub fn new(tenant: TenantId, user: UserId) -> Self {
        Self { tenant, user }
    }

    /// The tenant's id.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The user's id.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The name of the tenant.
    pub fn parent(&self) -> TenantName {
        TenantName::new(self.tenant.clone())
    }
}

impl CollectionName {
    /// The name of this collection of this tenant.
    pub fn new(tenant: TenantId, collection: CollectionId) -> Self {
        Self { tenant, collection }
    }

    /// The tenant's id.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The collection's id.
    pub fn collection(&self) -> &CollectionId {
        &self.collection
    }

    /// The name of the tenant.
    pub fn parent(&self) -> TenantName {
        TenantName::new(self.tenant.clone())
    }

    /// The name of a record in this collection.
    pub fn record(&self, record: RecordId) -> RecordName {
        RecordName::new(self.tenant.clone(), self.collection.clone(), record)
    }
}

impl RecordName {
    /// The name of this record of this collection of this tenant.
    pub fn new(tenant: TenantId, collection: CollectionId, record: RecordId) -> Self {
        Self { tenant, collection, record }
    }

    /// The tenant's id.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The collection's id.
    pub fn collection(&self) -> &CollectionId {
        &self.collection
    }

    /// The record's id.
    pub fn record(&self) -> &RecordId {
        &self.record
    }

    /// The name of the collection.
    pub fn parent(&self) -> CollectionName {
        CollectionName::new(self.tenant.clone(), self.collection.clone())
    }

    fn parts(&self) -> [&str; 6] {
        let Self { tenant, collection, record } = self;
        ["tenants/", tenant.as_str(), "/collections/", collection.as_str(), "/records/", record.as_str()]
    }
}

impl KeyName {
    /// The name of the key with this id.
    pub fn new(key: KeyId) -> Self {
        Self { key }
    }

    /// The key's id.
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// Whether `name` is this name.
    pub fn is(&self, name: &str) -> bool {
        name.strip_prefix("keys/") == Some(self.key.as_str())
    }

    /// The name of a version of this key.
    pub fn version(&self, version: u32) -> KeyVersionName {
        KeyVersionName::new(self.key.clone(), version)
    }
}

impl KeyVersionName {
    /// The name of this version of this key.
    pub fn new(key: KeyId, version: u32) -> Self {
        Self { key, version }
    }

    /// The key's id.
    pub fn key(&self) -> &KeyId {
        &self.key
    }

    /// The version's number, counted from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The name of the key.
    pub fn parent(&self) -> KeyName {
        KeyName::new(self.key.clone())
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}", self.tenant)
    }
}

/// Whether a text is the name of any kind of resource: a tenant, user, collection, record, key, key version, log or entry.
pub fn is_resource_name(text: &str) -> bool {
    fn is<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }
    match text.split('/').next() {
        Some("tenants") => {
            is::<TenantName>(text) || is::<UserName>(text) || is::<CollectionName>(text) || is::<RecordName>(text)
        }
        Some("keys") => is::<KeyName>(text) || is::<KeyVersionName>(text),
        Some("logs") => is::<LogName>(text) || is::<EntryName>(text),
        _ => false,
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/users/{}", self.tenant, self.user)
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/collections/{}", self.tenant, self.collection)
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().into_iter().try_for_each(|part| f.write_str(part))
    }
}

/// In one piece: `to_string` grows its buffer from part to part, and every call about a record writes its name a few times.
impl From<&RecordName> for String {
    fn from(name: &RecordName) -> Self {
        name.parts().concat()
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keys/{}", self.key)
    }
}

impl fmt::Display for KeyVersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "keys/{}/versions/{}", self.key, self.version)
    }
}

impl FromStr for TenantName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [tenant] = ids(Kind::Tenant, name, ["tenants"])?;
        Ok(Self::new(TenantId::new(tenant)?))
    }
}

impl FromStr for UserName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [tenant, user] = ids(Kind::User, name, ["tenants", "users"])?;
        Ok(Self::new(TenantId::new(tenant)?, UserId::new(user)?))
    }
}

impl FromStr for CollectionName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [tenant, collection] = ids(Kind::Collection, name, ["tenants", "collections"])?;
        Ok(Self::new(TenantId::new(tenant)?, CollectionId::new(collection)?))
    }
}

impl FromStr for RecordName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [tenant, collection, record] = ids(Kind::Record, name, ["tenants", "collections", "records"])?;
        Ok(Self::new(TenantId::new(tenant)?, CollectionId::new(collection)?, RecordId::new(record)?))
    }
}

impl FromStr for KeyName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [key] = ids(Kind::Key, name, ["keys"])?;
        Ok(Self::new(KeyId::new(key)?))
    }
}

impl FromStr for KeyVersionName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [key, version] = ids(Kind::KeyVersion, name, ["keys", "versions"])?;
        match number(Kind::KeyVersion, name, version)? {
            0 => Err(malformed(Kind::KeyVersion, name)),
            version => Ok(Self::new(KeyId::new(key)?, version)),
        }
    }
}
