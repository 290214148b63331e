//! The policy in force, replaced while the service runs.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};

use super::{Policy, PolicyError, PolicyFile};
use crate::MethodTable;

/// The policy in force. Cheap to clone; all clones see a reload at once.
#[derive(Clone)]
pub struct PolicyHandle(Arc<Shared>);

struct Shared {
    policy: ArcSwap<Policy>,
    source: Option<PathBuf>,
    methods: Arc<MethodTable>,
}

impl PolicyHandle {
    /// Reads and checks a file that [`PolicyHandle::watch`] then follows.
    pub fn load(path: &Path, methods: Arc<MethodTable>) -> Result<Self, PolicyError> {
        let policy = ArcSwap::from_pointee(PolicyFile::load(path, &methods)?);
        Ok(Self(Arc::new(Shared { policy, source: Some(path.to_owned()), methods })))
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
        let mut seen = self.content().await;
        loop {
            tokio::time::sleep(interval).await;
            let content = self.content().await;
            if content.is_none() || content == seen {
                continue;
            }
            seen = content;
            let checked =
                seen.as_deref().map(|text| PolicyFile::parse(text).and_then(|file| file.check(&self.0.methods)));
            match checked {
                Some(Ok(policy)) => {
                    self.replace(policy);
                    tracing::info!("the policy was reloaded");
                }
                Some(Err(error)) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the changed policy file is refused, the old policy stays in force");
                }
                None => {}
            }
        }
    }

    pub(crate) fn load_guard(&self) -> Guard<Arc<Policy>> {
        self.0.policy.load()
    }

    async fn content(&self) -> Option<String> {
        tokio::fs::read_to_string(self.0.source.as_deref()?).await.ok()
    }
}

impl fmt::Debug for PolicyHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyHandle").field("source", &self.0.source).finish_non_exhaustive()
    }
}
