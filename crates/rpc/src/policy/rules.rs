//! The rules of a checked policy, ready to be asked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use names::LogName;

use super::producers::{Producer, Producers};
use crate::Permission;
use crate::permission::AccessSelf;

/// A checked policy, ready to be asked.
#[derive(Debug, Default)]
pub struct Policy {
    pub(super) subjects: HashMap<String, Subject>,
    pub(super) denied: HashSet<String>,
    pub(super) producers: Producers,
}

#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) bindings: Vec<Binding>,
    /// Every permission that it holds at some scope.
    pub(super) anywhere: HashSet<Arc<str>>,
}

/// One role of a subject at a scope.
#[derive(Debug, Clone)]
pub struct Binding {
    pub(super) role: Arc<Role>,
    pub(super) scope: String,
}

#[derive(Debug)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) permissions: HashSet<Arc<str>>,
}

impl Binding {
    /// Name of the role.
    pub fn role(&self) -> &str {
        &self.role.name
    }

    /// Resource name that it holds at and below; empty for everything.
    pub fn scope(&self) -> &str {
        &self.scope
    }
}

impl Policy {
    /// Whether `caller` holds `permission` on `resource` (empty for the root).
    pub fn allows(&self, caller: &str, permission: &str, resource: &str) -> bool {
        if self.is_denied(caller) {
            return false;
        }
        permission == AccessSelf::NAME
            || self.subjects.get(caller).is_some_and(|subject| {
                subject
                    .bindings
                    .iter()
                    .any(|binding| covers(&binding.scope, resource) && binding.role.permissions.contains(permission))
            })
    }

    /// Whether `caller` holds `permission` at any scope.
    pub(crate) fn allows_anywhere(&self, caller: &str, permission: &str) -> bool {
        permission == AccessSelf::NAME
            || self.subjects.get(caller).is_some_and(|subject| subject.anywhere.contains(permission))
    }

    /// Whether `caller` may do anything at all that not every accepted certificate may.
    pub(crate) fn binds(&self, caller: &str) -> bool {
        self.subjects.contains_key(caller) && !self.is_denied(caller)
    }

    /// Whether `caller` is shut out, whatever its bindings.
    pub(crate) fn is_denied(&self, caller: &str) -> bool {
        !self.denied.is_empty() && self.denied.contains(caller)
    }

    /// The service that `caller` reports events for; none where it may report nothing.
    pub fn producer(&self, caller: &str) -> Option<&Producer> {
        if self.is_denied(caller) { None } else { self.producers.of(caller) }
    }

    /// Whether `producer` may report `action` in `log`: in `logs/system` not where another producer owns the family of
    /// the action. What nobody owns everybody may report, so that names made up later pass.
    pub fn may_report(&self, producer: &Producer, log: &LogName, action: &str) -> bool {
        self.producers.may_report(producer, log, action)
    }

    /// The bindings of `caller`, in the order of the file.
    pub fn bindings(&self, caller: &str) -> &[Binding] {
        self.subjects.get(caller).map(|subject| subject.bindings.as_slice()).unwrap_or_default()
    }
}

/// Whether `scope` is `resource` or one of its ancestors: whole path segments, so `tenants/acme` does not cover
/// `tenants/acme-2`.
fn covers(scope: &str, resource: &str) -> bool {
    scope.is_empty()
        || resource.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.as_bytes().first() == Some(&b'/'))
}
