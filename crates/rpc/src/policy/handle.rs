//! The policy in force, replaced while the service runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::broadcast;
use tokio::task::spawn_blocking;

use super::file::{PolicyError, PolicyFile};
use super::rules::Policy;
use crate::MethodTable;
use crate::failure::chain;

/// The policy in force. Cheap to clone; all clones see a reload at once.
#[derive(Clone)]
pub struct PolicyHandle(Arc<Shared>);

struct Shared {
    policy: ArcSwap<Policy>,
    source: Option<Source>,
    methods: Arc<MethodTable>,
    /// The file that is in force; none where no file stands behind the policy.
    digest: Mutex<Option<PolicyDigest>>,
    changes: broadcast::Sender<PolicyChange>,
}

/// Changes that a reader of [`PolicyHandle::changes`] may be behind.
const MAX_CHANGES: usize = 64;

/// Looks in a row that find no file before that is told: it may be missing for a moment while it is replaced.
const MISSED_WHILE_REPLACED: u32 = 2;

/// SHA-256 of a policy file.
pub type PolicyDigest = [u8; 32];

/// A changed policy file that came into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyChange {
    /// The file before.
    pub before: PolicyDigest,
    /// The file now.
    pub after: PolicyDigest,
}

/// The file that a policy came from.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    production: bool,
    /// Its content when it was loaded: whatever differs from it is a change, however early it came.
    loaded: String,
}

impl PolicyHandle {
    /// Reads and checks a file that [`PolicyHandle::watch`] then follows. With `production`, one that others than its owner may
    /// write is refused.
    pub fn load(path: &Path, production: bool, methods: Arc<MethodTable>) -> Result<Self, PolicyError> {
        let loaded = PolicyFile::read(path, production)?;
        let policy = PolicyFile::parse(&loaded)?.check(&methods)?;
        let source = Some(Source { path: path.to_owned(), production, loaded });
        Ok(Self::new(policy, source, methods))
    }

    /// A policy that no file stands behind.
    pub fn fixed(policy: Policy, methods: Arc<MethodTable>) -> Self {
        Self::new(policy, None, methods)
    }

    fn new(policy: Policy, source: Option<Source>, methods: Arc<MethodTable>) -> Self {
        let digest = Mutex::new(source.as_ref().map(|source| digest(&source.loaded)));
        let (policy, changes) = (ArcSwap::from_pointee(policy), broadcast::Sender::new(MAX_CHANGES));
        Self(Arc::new(Shared { policy, source, methods, digest, changes }))
    }

    /// The file that is in force now; none for a policy that no file stands behind.
    pub fn digest(&self) -> Option<PolicyDigest> {
        *self.0.digest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes that come into force from now on.
    pub fn changes(&self) -> broadcast::Receiver<PolicyChange> {
        self.0.changes.subscribe()
    }

    /// The policy in force now.
    pub fn current(&self) -> Arc<Policy> {
        self.0.policy.load_full()
    }

    /// Puts another policy in force.
    pub fn replace(&self, policy: Policy) {
        self.0.policy.store(Arc::new(policy));
    }

    /// The API's methods.
    pub fn methods(&self) -> &Arc<MethodTable> {
        &self.0.methods
    }

    /// Follows the file: a changed and valid one is in force within `interval`; a bad one is refused, which a line says once and a
    /// metric as long as it is there. Never returns.
    pub async fn watch(&self, interval: Duration) {
        let Some(source) = &self.0.source else {
            return std::future::pending().await;
        };
        let (mut seen, mut complained, mut missed) = (source.loaded.clone(), String::new(), 0_u32);
        loop {
            tokio::time::sleep(interval).await;
            let (path, production) = (source.path.clone(), source.production);
            let Ok(read) = spawn_blocking(move || PolicyFile::read(&path, production)).await else { continue };
            let is_missing =
                matches!(&read, Err(PolicyError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound);
            missed = if is_missing { missed + 1 } else { 0 };
            if is_missing && missed <= MISSED_WHILE_REPLACED {
                continue;
            }
            let outcome = match read {
                Ok(content) if content == seen && complained.is_empty() => Ok(None),
                Ok(content) => {
                    let policy = PolicyFile::parse(&content).and_then(|file| file.check(&self.0.methods));
                    policy.map(|policy| Some((content, policy)))
                }
                Err(error) => Err(error),
            };
            metrics::gauge!("strongroom_reload_refused", "what" => "policy").set(f64::from(u8::from(outcome.is_err())));
            match outcome {
                Ok(None) => {}
                Ok(Some((content, policy))) => {
                    complained.clear();
                    if content != seen {
                        self.replace(policy);
                        self.tell(digest(&content));
                        tracing::info!("the policy was reloaded");
                        seen = content;
                    }
                }
                Err(error) => {
                    let reason = chain(&error);
                    if reason != complained {
                        tracing::warn!(reason, "the changed policy file is refused, the old policy stays in force");
                        complained = reason;
                    }
                }
            }
        }
    }

    /// Tells whoever accounts for changes that another file is in force.
    fn tell(&self, after: PolicyDigest) {
        let before = self.0.digest.lock().unwrap_or_else(PoisonError::into_inner).replace(after);
        if let Some(before) = before {
            // Nobody may be listening.
            let _ = self.0.changes.send(PolicyChange { before, after });
        }
    }

    pub(crate) fn load_guard(&self) -> Guard<Arc<Policy>> {
        self.0.policy.load()
    }
}

fn digest(content: &str) -> PolicyDigest {
    let mut digest = PolicyDigest::default();
    digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, content.as_bytes()).as_ref());
    digest
}

impl fmt::Debug for PolicyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyHandle").field("source", &self.0.source).finish_non_exhaustive()
    }
}
