//! The policy file: TOML, closed, and every mistake in it named at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use serde::Deserialize;

use super::producers::{ProducerEntry, Producers, note_identity};
use super::rules::{Binding, Policy, Role, Subject};
use crate::permission::AccessSelf;
use crate::{MethodTable, Permission};

/// A policy file as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Identities that are shut out, whatever their bindings.
    pub denied_identities: Vec<String>,
    /// Roles.
    pub roles: Vec<RoleEntry>,
    /// Who has which role where.
    pub bindings: Vec<BindingEntry>,
    /// Whose events the log takes.
    pub producers: Vec<ProducerEntry>,
}

/// A role: a name for a set of permissions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    /// Its name.
    pub name: String,
    /// Its permissions, such as `records.create`. There are no wildcards.
    pub permissions: Vec<String>,
}

/// A role of a subject at a scope.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingEntry {
    /// A SPIFFE ID, or `dns:` and a DNS name.
    pub subject: String,
    /// Name of a role.
    pub role: String,
    /// Resource name that it holds at and below, such as `tenants/acme`; empty for everything.
    #[serde(default)]
    pub scope: String,
}

/// Why a policy file is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It cannot be read.
    #[error("cannot read the policy file {path}")]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is no TOML of this shape.
    #[error("the policy is malformed")]
    Syntax(#[source] Box<toml::de::Error>),
    /// It contradicts itself or the API.
    #[error("the policy has mistakes: {}", Listed(.0))]
    Invalid(Vec<String>),
}

struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

/// Managing keys and using them never meet in one role.
const KEPT_APART: (&str, &str) = ("strongroom.key.v1.KeyService", "strongroom.key.v1.DataKeyService");

impl PolicyFile {
    /// Reads a file, which with `production` only its owner may write.
    pub(super) fn read(path: &Path, production: bool) -> Result<String, PolicyError> {
        let text = secret::read_plain_file(path, production).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        });
        text.map_err(|source| PolicyError::Read { path: path.to_owned(), source })
    }

    /// Reads TOML.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|source| PolicyError::Syntax(Box::new(source)))
    }

    /// Checks it against the API's permissions, naming every mistake.
    pub fn check(&self, methods: &MethodTable) -> Result<Policy, PolicyError> {
        let mut mistakes = Vec::new();
        if self.bindings.is_empty() {
            mistakes
                .push("there are no bindings: nobody could call anything, as with a file that was cut off".to_owned());
        }
        let roles = self.checked_roles(methods, &mut mistakes);
        let subjects = self.checked_subjects(&roles, &mut mistakes);
        for identity in &self.denied_identities {
            note_identity("denied_identities", identity, &mut mistakes);
        }
        let producers = Producers::checked(&self.producers, &mut mistakes);
        if mistakes.is_empty() {
            Ok(Policy { subjects, denied: self.denied_identities.iter().cloned().collect(), producers })
        } else {
            Err(PolicyError::Invalid(mistakes))
        }
    }

    fn checked_roles(&self, methods: &MethodTable, mistakes: &mut Vec<String>) -> HashMap<&str, Arc<Role>> {
        let known: HashMap<&str, Arc<str>> = methods
            .permissions()
            .into_iter()
            .filter(|name| *name != AccessSelf::NAME)
            .map(|name| (name, Arc::from(name)))
            .collect();
        let of =
            |service| -> BTreeSet<&str> { methods.of_service(service).map(|method| method.permission()).collect() };
        let (managing, using) = (of(KEPT_APART.0), of(KEPT_APART.1));
        let mut roles = HashMap::new();
        for entry in &self.roles {
            let name = entry.name.as_str();
            if !is_role_name(name) {
                mistakes.push(format!("role {name:?}: a name is lower-case letters, digits and hyphens"));
            }
            let mut permissions = HashSet::new();
            for permission in &entry.permissions {
                match known.get(permission.as_str()) {
                    None => mistakes.push(format!("role {name:?}: there is no permission {permission:?}")),
                    Some(known) => {
                        if !permissions.insert(Arc::clone(known)) {
                            mistakes.push(format!("role {name:?}: permission {permission:?} is listed twice"));
                        }
                    }
                }
            }
            let holds = |set: &BTreeSet<&str>| entry.permissions.iter().any(|one| set.contains(one.as_str()));
            if holds(&managing) && holds(&using) {
                mistakes.push(format!("role {name:?}: managing keys and using them must not meet in one role"));
            }
            let role = Arc::new(Role { name: name.to_owned(), permissions });
            if roles.insert(name, role).is_some() {
                mistakes.push(format!("role {name:?} is defined twice"));
            }
        }
        roles
    }

    fn checked_subjects(
        &self,
        roles: &HashMap<&str, Arc<Role>>,
        mistakes: &mut Vec<String>,
    ) -> HashMap<String, Subject> {
        let mut subjects: HashMap<String, Subject> = HashMap::new();
        for entry in &self.bindings {
            let BindingEntry { subject, role, scope } = entry;
            note_identity(&format!("binding of {subject:?}"), subject, mistakes);
            if !is_scope(scope) {
                mistakes.push(format!("binding of {subject:?}: the scope {scope:?} is no resource name"));
            }
            let Some(role) = roles.get(role.as_str()) else {
                mistakes.push(format!("binding of {subject:?}: there is no role {role:?}"));
                continue;
            };
            let bound = subjects.entry(subject.clone()).or_default();
            if bound.bindings.iter().any(|other| other.role.name == role.name && other.scope == *scope) {
                mistakes.push(format!("binding of {subject:?}: {:?} at {scope:?} is given twice", role.name));
            }
            bound.anywhere.extend(role.permissions.iter().cloned());
            bound.bindings.push(Binding { role: Arc::clone(role), scope: scope.clone() });
        }
        subjects
    }
}

fn is_role_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_scope(scope: &str) -> bool {
    let segment = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let known = ["tenants", "keys", "logs"];
    scope.is_empty()
        || (scope.split('/').all(segment) && scope.split('/').next().is_some_and(|first| known.contains(&first)))
}
