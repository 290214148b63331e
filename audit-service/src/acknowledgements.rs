//! How far logs were committed and the signer has not been told yet. Lost with the process: the next one tells it about
//! all logs at its start.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use names::LogName;
use tlog::protocol::{AckOutcome, Acknowledgement, MAX_ACKNOWLEDGEMENTS};

use crate::signer::{Signer, SignerError};

/// What is to be acknowledged; the greatest size of each log, with the most raised alarms that it was committed in spite of.
#[derive(Debug, Default)]
pub(crate) struct Acknowledgements(Mutex<BTreeMap<LogName, Acknowledgement>>);

impl Acknowledgements {
    /// Adds some.
    pub(crate) fn add(&self, acknowledgements: Vec<Acknowledgement>) {
        let mut waiting = self.waiting();
        for new in acknowledgements {
            match waiting.get_mut(&new.log) {
                Some(old) if (old.size, old.alarms_raised) >= (new.size, new.alarms_raised) => {}
                Some(old) => *old = new,
                None => {
                    waiting.insert(new.log.clone(), new);
                }
            }
        }
    }

    /// Tells the signer everything that waits, once. What it does not take in waits again, but not what it refuses: an alarm tells
    /// of that, and what the signer cannot use stays as it is until the next commit of that log says more.
    pub(crate) async fn send(&self, signer: &dyn Signer) -> Result<(), SignerError> {
        let waiting: Vec<Acknowledgement> = std::mem::take(&mut *self.waiting()).into_values().collect();
        let mut failed = None;
        for acknowledged in waiting.chunks(MAX_ACKNOWLEDGEMENTS) {
            let answer = if failed.is_none() { Some(signer.acknowledge(acknowledged.to_vec()).await) } else { None };
            match answer {
                Some(Ok(outcomes)) => {
                    let mut busy = Vec::new();
                    for (one, outcome) in acknowledged.iter().zip(outcomes) {
                        match outcome {
                            Some(AckOutcome::Busy) => busy.push(one.clone()),
                            outcome => tell(one, outcome),
                        }
                    }
                    self.add(busy);
                }
                Some(Err(error)) => {
                    failed = Some(error);
                    self.add(acknowledged.to_vec());
                }
                None => self.add(acknowledged.to_vec()),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<LogName, Acknowledgement>> {
        // A panic elsewhere leaves the map whole: every change to it is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says what became of an acknowledgement that was not taken.
fn tell(acknowledgement: &Acknowledgement, outcome: Option<AckOutcome>) {
    let Acknowledgement { log, size, .. } = acknowledgement;
    let reason = match outcome {
        Some(AckOutcome::Acknowledged | AckOutcome::Unchecked | AckOutcome::Busy) => return,
        Some(AckOutcome::Ahead) => "AHEAD",
        Some(AckOutcome::Forked) => "FORKED",
        None => "FAILED",
    };
    metrics::counter!("audit_acknowledgements_refused_total", "reason" => reason).increment(1);
    tracing::warn!(%log, size, reason, "the signer did not take an acknowledgement");
}
