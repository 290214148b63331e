//! The service as its handlers see it: sealed at first, unsealed as soon as the seal gives the root key.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::metrics;
use crate::seal::SealKind;
use crate::unsealed::Unsealed;

/// Shared by all handlers and jobs.
#[derive(Debug)]
pub struct State {
    kind: SealKind,
    initialized: AtomicBool,
    unsealed: OnceLock<Arc<Unsealed>>,
}

impl State {
    /// A sealed service.
    pub fn new(kind: SealKind) -> Self {
        metrics::sealed(true);
        Self { kind, initialized: AtomicBool::new(false), unsealed: OnceLock::new() }
    }

    /// How the root key is protected.
    pub fn kind(&self) -> SealKind {
        self.kind
    }

    /// Whether a root key was ever made, as far as this process knows.
    pub fn is_initialized(&self) -> bool {
        self.initialized.load(Ordering::Acquire)
    }

    /// Notes that a root key was made at some time.
    pub fn set_initialized(&self) {
        self.initialized.store(true, Ordering::Release);
    }

    /// The unsealed service.
    pub fn unsealed(&self) -> Result<&Arc<Unsealed>, Error> {
        self.unsealed.get().ok_or(Error::Sealed)
    }

    /// Unseals; a second time changes nothing.
    pub fn unseal(&self, unsealed: Arc<Unsealed>) -> &Arc<Unsealed> {
        self.set_initialized();
        metrics::sealed(false);
        self.unsealed.get_or_init(|| unsealed)
    }
}
