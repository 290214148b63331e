//! What every call needs.

use std::sync::Arc;

use super::config::GrpcConfig;
use super::denial::DenialSink;
use super::limits::Callers;
use super::routes::Routes;
use crate::policy::PolicyHandle;
use crate::request_id::RequestIds;

/// What every call needs.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) config: GrpcConfig,
    pub(super) policy: PolicyHandle,
    pub(super) routes: Routes,
    pub(super) callers: Callers,
    pub(super) sink: Option<Arc<dyn DenialSink>>,
    pub(super) request_ids: RequestIds,
}
