//! Names of logs and of their entries.

use std::fmt;
use std::str::FromStr;

use crate::error::{Kind, NameError};
use crate::id::TenantId;
use crate::parse::{ids, number};

const SYSTEM: &str = "system";

/// `logs/system` or `logs/{tenant}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogName {
    /// What concerns no single tenant: keys, tenants, denied calls.
    System,
    /// What concerns this tenant.
    Tenant(TenantId),
}

impl LogName {
    /// The log of this tenant.
    pub fn of_tenant(tenant: &TenantId) -> Self {
        Self::Tenant(tenant.clone())
    }

    /// The part after `logs/`.
    pub fn id(&self) -> &str {
        match self {
            Self::System => SYSTEM,
            Self::Tenant(tenant) => tenant.as_str(),
        }
    }

    /// The name of the entry at `index` of this log.
    pub fn entry(&self, index: u64) -> EntryName {
        EntryName::new(self.clone(), index)
    }

    fn from_id(id: &str) -> Result<Self, NameError> {
        if id == SYSTEM { Ok(Self::System) } else { TenantId::new(id).map(Self::Tenant) }
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "logs/{}", self.id())
    }
}

impl FromStr for LogName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [id] = ids(Kind::Log, name, ["logs"])?;
        Self::from_id(id)
    }
}

/// `logs/{log}/entries/{index}`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName {
    log: LogName,
    index: u64,
}

impl EntryName {
    /// The name of the entry at `index`, counted from 0, of `log`.
    pub fn new(log: LogName, index: u64) -> Self {
        Self { log, index }
    }

    /// The log that the entry is in.
    pub fn log(&self) -> &LogName {
        &self.log
    }

    /// The entry's place in it, counted from 0.
    pub fn index(&self) -> u64 {
        self.index
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/entries/{}", self.log, self.index)
    }
}

impl FromStr for EntryName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let [log, index] = ids(Kind::Entry, name, ["logs", "entries"])?;
        Ok(Self::new(LogName::from_id(log)?, number(Kind::Entry, name, index)?))
    }
}
