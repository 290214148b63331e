//! Data keys from key-service: made and unwrapped for a context, and not kept unless the configuration says so.
//!
//! # Layout
//! - `asked`: what is asked of key-service, and what it gives
//! - [`context`]: what a data key is bound to
//! - [`cache`]: data keys that reveals may use again
//! - [`calls`]: the calls themselves; [`error`]: what their failures mean
//! - [`own`]: the vault's own long-lived keys

mod asked;
pub mod cache;
pub mod calls;
pub mod context;
pub mod error;
pub mod own;

use std::time::Duration;

use batch::Batcher;
use tokio::time::Instant;

use crate::batches::batcher;
pub use asked::{GenerateKey, GeneratedKey, Operation, UnwrapKey, UnwrappedKey};
use cache::{DataKeyCache, DataKeyCacheConfig};
use calls::{Generate, Unwrap};
use error::KeyError;

/// Longest wait for key-service: with it away, a call is answered within two seconds.
pub const BUDGET: Duration = Duration::from_millis(1800);

/// Data keys from key-service.
#[derive(Debug)]
pub struct Keys {
    generate: Batcher<Generate>,
    unwrap: Batcher<Unwrap>,
    calls: calls::KeyService,
    cache: Option<DataKeyCache>,
    budget: Duration,
}

impl Keys {
    /// Over a channel to key-service, which is waited for as long as `budget`; the batchers run as jobs.
    pub fn new(channel: rpc::Channel, budget: Duration, jobs: &service::Jobs) -> Self {
        let calls = calls::KeyService::new(channel);
        Self {
            generate: batcher("generate", Generate(calls.clone()), jobs),
            unwrap: batcher("unwrap", Unwrap(calls.clone()), jobs),
            calls,
            cache: None,
            budget,
        }
    }

    /// Lets reveals use data keys again, if that is wanted.
    #[must_use]
    pub fn with_cache(self, config: &DataKeyCacheConfig) -> Self {
        Self { cache: config.enabled.then(|| DataKeyCache::new(config)), ..self }
    }

    /// When a call that must be answered at `deadline` stops waiting for key-service.
    pub fn within_budget(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + self.budget)
    }

    /// A new data key.
    pub async fn generate(&self, request: GenerateKey, deadline: Instant) -> Result<GeneratedKey, KeyError> {
        self.generate.call(request, self.within_budget(deadline)).await?
    }

    /// New data keys, in the order of the requests; all, or why not.
    pub async fn generate_all(
        &self,
        requests: &[GenerateKey],
        deadline: Instant,
    ) -> Result<Vec<GeneratedKey>, KeyError> {
        self.calls.generate(requests, self.within_budget(deadline)).await?.into_iter().collect()
    }

    /// Opens a wrapped data key.
    pub async fn unwrap(&self, request: UnwrapKey, deadline: Instant) -> Result<UnwrappedKey, KeyError> {
        let deadline = self.within_budget(deadline);
        let Some(cache) = &self.cache else { return self.unwrap.call(request, deadline).await? };
        let answer = self.unwrap.call(request.clone(), deadline).await.flatten();
        if let Err(error) = &answer {
            cache.refused(&request, error).await;
        }
        answer
    }

    /// Opens wrapped data keys in one message: an answer to each request in their order, or why there is none to any.
    pub async fn unwrap_all(
        &self,
        requests: &[UnwrapKey],
        deadline: Instant,
    ) -> Result<Vec<Result<UnwrappedKey, KeyError>>, KeyError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        self.calls.unwrap(requests, self.within_budget(deadline)).await
    }

    /// The same for reveals, for which a data key may be used again.
    pub async fn unwrap_to_reveal(
        &self,
        requests: Vec<UnwrapKey>,
        deadline: Instant,
    ) -> Vec<Result<UnwrappedKey, KeyError>> {
        let deadline = self.within_budget(deadline);
        let unwrap = |requests: Vec<UnwrapKey>| async move {
            match self.unwrap_all(&requests, deadline).await {
                Ok(answers) => answers,
                Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
            }
        };
        match &self.cache {
            Some(cache) => cache.unwrap_all(&requests, unwrap).await,
            None => unwrap(requests).await,
        }
    }

    /// Hears of changes of keys, and wipes what is kept of those; does nothing where nothing is kept.
    pub async fn follow_changes(&self) -> Result<(), KeyError> {
        match &self.cache {
            Some(cache) => cache.follow(|after, deadline| self.calls.list_changes(after, deadline)).await,
            None => Ok(()),
        }
    }

    /// The cache of data keys, where there is one.
    pub fn cache(&self) -> Option<&DataKeyCache> {
        self.cache.as_ref()
    }

    /// Makes sure that a tenant's key exists.
    pub async fn provision_tenant(&self, tenant: names::TenantUid, deadline: Instant) -> Result<(), KeyError> {
        self.calls.provision_tenant(tenant, self.within_budget(deadline)).await
    }
}
