//! Whose events the log takes: services by name, the identities that speak for each, and what only one may report.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use names::LogName;
use serde::Deserialize;

use crate::Caller;

/// Most producers of a policy.
const MAX_PRODUCERS: usize = 64;
/// Most identities of one producer.
const MAX_IDENTITIES: usize = 64;
/// Most families of actions that one producer owns.
const MAX_FAMILIES: usize = 256;
/// Longest name of a producer or a family, in bytes.
const MAX_NAME: usize = 63;

/// A producer as it is written in a policy file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProducerEntry {
    /// Name of the service, `[a-z][a-z0-9-]{0,62}`: what stands in entries as their producer.
    pub name: String,
    /// SPIFFE IDs, or DNS names behind `dns:`, that speak for it.
    pub identities: Vec<String>,
    /// Families of actions (what stands before the first dot, such as `keys`) that it alone may report in `logs/system`.
    #[serde(default)]
    pub owns: Vec<String>,
}

/// A service that reports events. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Producer {
    name: Arc<str>,
}

impl Producer {
    /// Its name, as entries carry it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name, f)
    }
}

/// The producers of a checked policy.
#[derive(Debug, Default)]
pub(super) struct Producers {
    by_identity: HashMap<String, Producer>,
    by_family: HashMap<String, Producer>,
}

impl Producers {
    /// Checks the entries, and adds what is wrong with them to `mistakes`.
    pub(super) fn checked(entries: &[ProducerEntry], mistakes: &mut Vec<String>) -> Self {
        let mut producers = Self::default();
        if entries.len() > MAX_PRODUCERS {
            mistakes.push(format!("producers: at most {MAX_PRODUCERS}"));
            return producers;
        }
        let mut names = HashSet::new();
        for entry in entries {
            if !names.insert(&entry.name) {
                mistakes.push(format!("producer {:?} is defined twice", entry.name));
            }
            producers.add(entry, mistakes);
        }
        producers
    }

    fn add(&mut self, entry: &ProducerEntry, mistakes: &mut Vec<String>) {
        let ProducerEntry { name, identities, owns } = entry;
        if !is_producer_name(name) {
            mistakes.push(format!("producer {name:?}: a name is [a-z][a-z0-9-]{{0,62}}"));
        }
        if identities.is_empty() || identities.len() > MAX_IDENTITIES || owns.len() > MAX_FAMILIES {
            mistakes.push(format!(
                "producer {name:?}: it has 1 to {MAX_IDENTITIES} identities and owns at most {MAX_FAMILIES} families"
            ));
            return;
        }
        let producer = Producer { name: Arc::from(name.as_str()) };
        for identity in identities {
            note_identity(&format!("producer {name:?}"), identity, mistakes);
            if let Some(other) = self.by_identity.insert(identity.clone(), producer.clone()) {
                mistakes.push(format!("producer {name:?}: {identity:?} speaks for {other:?} already"));
            }
        }
        for family in owns {
            if !is_family(family) {
                mistakes.push(format!("producer {name:?}: {family:?} is no family of actions, such as \"keys\""));
            }
            if let Some(other) = self.by_family.insert(family.clone(), producer.clone()) {
                mistakes.push(format!("producer {name:?}: {family:?} is owned by {other:?} already"));
            }
        }
    }

    pub(super) fn of(&self, identity: &str) -> Option<&Producer> {
        self.by_identity.get(identity)
    }

    pub(super) fn may_report(&self, producer: &Producer, log: &LogName, action: &str) -> bool {
        let family = action.split('.').next().unwrap_or(action);
        match log {
            LogName::Tenant(_) => true,
            // What nobody owns may be a name of a later release.
            LogName::System => self.by_family.get(family).is_none_or(|owner| owner == producer),
        }
    }
}

/// Notes an identity that no certificate can have.
pub(super) fn note_identity(place: &str, identity: &str, mistakes: &mut Vec<String>) {
    if let Err(error) = identity.parse::<Caller>() {
        mistakes.push(format!("{place}: {error}"));
    }
}

fn is_producer_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_family(family: &str) -> bool {
    family.len() <= MAX_NAME
        && family.starts_with(|first: char| first.is_ascii_lowercase())
        && family.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
