//! Named conditions, all of which must hold for the process to be ready. A peer is never one of them, so that the
//! services start in any order.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// The conditions of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Readiness {
    conditions: Arc<watch::Sender<BTreeMap<&'static str, bool>>>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { conditions: Arc::new(watch::Sender::new(BTreeMap::new())) }
    }
}

impl Readiness {
    /// Adds a condition that does not hold yet.
    pub fn condition(&self, name: &'static str) -> Condition {
        self.conditions.send_modify(|conditions| {
            conditions.insert(name, false);
        });
        Condition { name, readiness: self.clone() }
    }

    /// Whether all conditions hold.
    pub fn is_ready(&self) -> bool {
        self.conditions.borrow().values().all(|holds| *holds)
    }

    /// Names of the conditions that do not hold, sorted.
    pub fn waiting_for(&self) -> Vec<&'static str> {
        self.conditions.borrow().iter().filter(|(_, holds)| !**holds).map(|(name, _)| *name).collect()
    }

    /// Resolves after the next change of any condition.
    pub(crate) fn changes(&self) -> watch::Receiver<BTreeMap<&'static str, bool>> {
        self.conditions.subscribe()
    }
}

/// One condition of a process.
#[derive(Clone, Debug)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Condition {
    /// Says whether the condition holds now; a change is logged.
    pub fn set(&self, holds: bool) {
        let changed = self.readiness.conditions.send_if_modified(|conditions| {
            let before = conditions.insert(self.name, holds);
            before != Some(holds)
        });
        if changed {
            tracing::info!(condition = self.name, holds, ready = self.readiness.is_ready(), "readiness changed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ready_only_while_every_condition_holds() {
        let readiness = Readiness::default();
        let database = readiness.condition("database");
        let sealed = readiness.condition("unsealed");
        assert!(!readiness.is_ready());
        database.set(true);
        assert_eq!(readiness.waiting_for(), ["unsealed"]);
        sealed.set(true);
        assert!(readiness.is_ready());
        database.set(false);
        assert_eq!(readiness.waiting_for(), ["database"]);
    }
}
