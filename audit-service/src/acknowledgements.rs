//! How far logs were committed and the signer has not been told yet. Lost with the process: the next one tells it about
//! all logs at its start.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::LogName;
use tlog::protocol::Acknowledgement;

use crate::signer::{SealRequest, Signer, SignerError};

/// Acknowledgements in one call, at most.
const MAX_AT_ONCE: usize = 1_000;

/// What is to be acknowledged; the greatest size of each log.
#[derive(Debug, Default)]
pub(crate) struct Acknowledgements(Mutex<BTreeMap<LogName, Acknowledgement>>);

impl Acknowledgements {
    /// Adds some.
    pub(crate) fn add(&self, acknowledgements: Vec<Acknowledgement>) {
        let mut waiting = self.waiting();
        for new in acknowledgements {
            match waiting.get_mut(&new.log) {
                Some(old) if old.size >= new.size => {}
                Some(old) => *old = new,
                None => {
                    waiting.insert(new.log.clone(), new);
                }
            }
        }
    }

    /// Tells the signer everything that waits. What it does not take in waits again.
    pub(crate) async fn send(&self, signer: &dyn Signer) -> Result<(), SignerError> {
        loop {
            let acknowledged: Vec<Acknowledgement> = {
                let mut waiting = self.waiting();
                std::iter::from_fn(|| waiting.pop_first().map(|(_, one)| one)).take(MAX_AT_ONCE).collect()
            };
            if acknowledged.is_empty() {
                return Ok(());
            }
            let request = SealRequest { acknowledged: acknowledged.clone(), ..SealRequest::default() };
            if let Err(error) = signer.seal(request).await {
                self.add(acknowledged);
                return Err(error);
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<LogName, Acknowledgement>> {
        // A panic elsewhere leaves the map whole: every change to it is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
