//! Verifications that are under way. Each holds two connections for as long as it takes, one that reads rows and one that counts
//! them by each index: so there are few, with half of the connections together, and of one caller half as many.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Of all callers, and of one.
const MOST: usize = 4;
const MOST_OF_CALLER: usize = 2;

/// The identities whose verifications are under way, one for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<Vec<String>>>);

/// The place of one of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    running: Running,
    caller: String,
}

impl Running {
    /// A place for one more, if there is one.
    pub(super) fn enter(&self, caller: &str) -> Option<Place> {
        let mut callers = self.callers();
        let own = callers.iter().filter(|other| *other == caller).count();
        if callers.len() >= MOST || own >= MOST_OF_CALLER {
            return None;
        }
        callers.push(caller.to_owned());
        Some(Place { running: self.clone(), caller: caller.to_owned() })
    }

    fn callers(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let running = Running::default();
        let enter = |name| running.enter(name);
        let mut own: Vec<_> = (0..MOST_OF_CALLER).map(|_| enter("auditor").unwrap()).collect();
        assert!(enter("auditor").is_none());
        let others: Vec<_> = std::iter::repeat_with(|| enter("operator")).map_while(|place| place).collect();
        assert_eq!(others.len(), MOST - MOST_OF_CALLER);
        assert!(enter("third").is_none(), "all places are taken");
        own.pop();
        assert!(enter("auditor").is_some());
    }
}
