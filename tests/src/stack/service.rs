//! The three services and what each is called.

use serde::{Deserialize, Serialize};

/// One of the three services.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// key-service.
    Key,
    /// vault-service.
    Vault,
    /// audit-service.
    Audit,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Key, Self::Vault, Self::Audit];

    /// `key`, `vault` or `audit`: name of its first instance.
    pub fn short(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Vault => "vault",
            Self::Audit => "audit",
        }
    }

    /// Name of the binary and of the identity.
    pub fn binary(self) -> &'static str {
        match self {
            Self::Key => "key-service",
            Self::Vault => "vault-service",
            Self::Audit => "audit-service",
        }
    }

    /// Name of its database.
    pub fn database(self) -> &'static str {
        match self {
            Self::Key => "strongroom_key",
            Self::Vault => "strongroom_vault",
            Self::Audit => "strongroom_audit",
        }
    }

    /// Its database role.
    pub fn role(self) -> &'static str {
        self.database()
    }

    /// Its place among the preferred ports.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Key => 0,
            Self::Vault => 1,
            Self::Audit => 2,
        }
    }

    pub(super) fn peers(self) -> &'static [Self] {
        match self {
            Self::Key => &[Self::Audit],
            Self::Vault => &[Self::Key, Self::Audit],
            Self::Audit => &[Self::Key],
        }
    }
}
