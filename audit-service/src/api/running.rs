//! Verifications that are under way. Each holds two connections for as long as it takes, one that reads rows and one that counts
//! them by each index: so there are few, with half of the connections together, and of one caller half as many. There is always
//! one, however few connections there are: of fewer than four it holds one alone, and counts when it has read.
//!
//! Connections are those of the configuration. Where PostgreSQL grants fewer, as many verifications are let in, and with other
//! calls they wait for those that there are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Of all callers, however many connections there are.
const MOST: usize = 4;
/// Connections that there are for each: twice as many as it holds.
const CONNECTIONS: usize = 4;

/// The verifications that are under way.
#[derive(Clone, Debug)]
pub(super) struct Running {
    /// Of all callers.
    most: usize,
    /// The identities, one for each.
    callers: Arc<Mutex<Vec<String>>>,
}

/// The place of one of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    running: Running,
    caller: String,
}

impl Running {
    /// None yet, with a database of so many connections.
    pub(super) fn new(connections: usize) -> Self {
        Self { most: (connections / CONNECTIONS).clamp(1, MOST), callers: Arc::default() }
    }

    /// Of one caller.
    fn most_of_caller(&self) -> usize {
        self.most.div_ceil(2)
    }

    /// A place for one more, if there is one.
    pub(super) fn enter(&self, caller: &str) -> Option<Place> {
        let mut callers = self.callers();
        let own = callers.iter().filter(|other| *other == caller).count();
        if callers.len() >= self.most || own >= self.most_of_caller() {
            return None;
        }
        callers.push(caller.to_owned());
        Some(Place { running: self.clone(), caller: caller.to_owned() })
    }

    fn callers(&self) -> MutexGuard<'_, Vec<String>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut callers = self.running.callers();
        if let Some(own) = callers.iter().position(|caller| *caller == self.caller) {
            callers.swap_remove(own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_has_half_of_the_places_until_its_verifications_end() {
        let running = Running::new(16);
        let enter = |name| running.enter(name);
        let mut own: Vec<_> = (0..2).map(|_| enter("auditor").unwrap()).collect();
        assert!(enter("auditor").is_none());
        let others: Vec<_> = std::iter::repeat_with(|| enter("operator")).map_while(|place| place).collect();
        assert_eq!(others.len(), 2);
        assert!(enter("third").is_none(), "all places are taken");
        own.pop();
        assert!(enter("auditor").is_some());
    }

    #[test]
    fn verifications_hold_half_of_the_connections_and_one_there_is_always() {
        for (connections, all, of_caller) in
            [(1, 1, 1), (4, 1, 1), (7, 1, 1), (8, 2, 1), (12, 3, 2), (16, 4, 2), (100, 4, 2)]
        {
            let entered = |running: &Running, callers: &[&str]| {
                let places: Vec<_> = callers.iter().filter_map(|caller| running.enter(caller)).collect();
                places.len()
            };
            assert_eq!(entered(&Running::new(connections), &["auditor"; 9]), of_caller, "{connections}");
            let callers: Vec<String> = (0..9).map(|number| format!("auditor-{number}")).collect();
            let callers: Vec<&str> = callers.iter().map(String::as_str).collect();
            assert_eq!(entered(&Running::new(connections), &callers), all, "{connections}");
        }
    }
}
