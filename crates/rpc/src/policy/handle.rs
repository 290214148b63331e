//! The policy in force, replaced while the service runs.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};

use super::{Policy, PolicyError, PolicyFile};
use crate::{MethodTable, failure::chain};

/// The policy in force. Cheap to clone; all clones see a reload at once.
#[derive(Clone)]
pub struct PolicyHandle(Arc<Shared>);

struct Shared {
    policy: ArcSwap<Policy>,
    source: Option<Source>,
    methods: Arc<MethodTable>,
}

/// The file that a policy came from.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    /// Its content when it was loaded: whatever differs from it is a change, however early it came.
    loaded: String,
}

impl PolicyHandle {
    /// Reads and checks a file that [`PolicyHandle::watch`] then follows.
    pub fn load(path: &Path, methods: Arc<MethodTable>) -> Result<Self, PolicyError> {
        let loaded = PolicyFile::read(path)?;
        let policy = ArcSwap::from_pointee(PolicyFile::parse(&loaded)?.check(&methods)?);
        let source = Some(Source { path: path.to_owned(), loaded });
        Ok(Self(Arc::new(Shared { policy, source, methods })))
    }

    /// A policy that no file stands behind.
    pub fn fixed(policy: Policy, methods: Arc<MethodTable>) -> Self {
        Self(Arc::new(Shared { policy: ArcSwap::from_pointee(policy), source: None, methods }))
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

    /// Follows the file: a changed and valid one is in force within `interval`, a bad one is logged and ignored. Never
    /// returns.
    pub async fn watch(&self, interval: Duration) {
        let Some(source) = &self.0.source else {
            return std::future::pending().await;
        };
        let mut seen = source.loaded.clone();
        loop {
            tokio::time::sleep(interval).await;
            // A file that is missing for a moment is being replaced.
            let Ok(content) = tokio::fs::read_to_string(&source.path).await else { continue };
            if content == seen {
                continue;
            }
            seen = content;
            match PolicyFile::parse(&seen).and_then(|file| file.check(&self.0.methods)) {
                Ok(policy) => {
                    self.replace(policy);
                    tracing::info!("the policy was reloaded");
                }
                Err(error) => {
                    let reason = chain(&error);
                    tracing::warn!(reason, "the changed policy file is refused, the old policy stays in force");
                }
            }
        }
    }

    pub(crate) fn load_guard(&self) -> Guard<Arc<Policy>> {
        self.0.policy.load()
    }
}

impl fmt::Debug for PolicyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyHandle").field("source", &self.0.source).finish_non_exhaustive()
    }
}
