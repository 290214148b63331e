//! What the forwarder needs of the audit-service.

use std::time::Duration;

use api::audit::v1::ingest_service_client::IngestServiceClient;
use api::audit::v1::{AppendEventsRequest, AppendEventsResponse};
use tonic::client::GrpcService;
use tonic::codegen::{Body, Bytes, StdError};
use tonic::{Request, Status};

/// Takes events. The client of `strongroom.audit.v1.IngestService` is one.
pub trait Ingest: Send + Sync + 'static {
    /// Appends the events, answered in their order; within `limit`.
    fn append(
        &self,
        request: AppendEventsRequest,
        limit: Duration,
    ) -> impl Future<Output = Result<AppendEventsResponse, Status>> + Send;
}

impl<T> Ingest for IngestServiceClient<T>
where
    T: GrpcService<tonic::body::Body, Future: Send, Error: Into<StdError>> + Clone + Send + Sync + 'static,
    T::ResponseBody: Body<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
{
    async fn append(&self, request: AppendEventsRequest, limit: Duration) -> Result<AppendEventsResponse, Status> {
        let mut request = Request::new(request);
        request.set_timeout(limit);
        match tokio::time::timeout(limit, self.clone().append_events(request)).await {
            Ok(answer) => answer.map(tonic::Response::into_inner),
            Err(_elapsed) => Err(Status::deadline_exceeded("no answer in time")),
        }
    }
}
