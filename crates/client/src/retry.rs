//! What is tried again, and when.
//!
//! Only calls that may run twice: reads, changes with a `request_id` (the second one answers like the first) and operations
//! that say so. UNAVAILABLE is; ABORTED where the service says when to come back; and of changes `DEADLINE_EXCEEDED`, while
//! there is time: the service does not know whether it was done, and the second one will.

use std::time::{Duration, Instant};

use rpc::duration::LONGEST;
use rpc::{Channel, StatusDetails};
use tonic::{Code, Request, Response, Status};

use crate::{ClientConfig, Error};

/// Calls one service.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    channel: Channel,
    deadline: Duration,
    stream_deadline: Duration,
    first_pause: Duration,
    longest_pause: Duration,
}

/// A request that changes something, made safe to repeat by its id.
pub(crate) trait Change {
    fn request_id(&mut self) -> &mut String;
}

impl Caller {
    pub(crate) fn new(channel: Channel, config: &ClientConfig) -> Self {
        Self {
            channel,
            deadline: config.deadline.min(LONGEST),
            stream_deadline: config.stream_deadline.min(LONGEST),
            first_pause: config.first_pause.min(LONGEST),
            longest_pause: config.longest_pause.min(LONGEST),
        }
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A call that must not run twice.
    pub(crate) async fn once<M, R>(
        &self,
        message: M,
        call: impl AsyncFnOnce(Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Error> {
        call(within(message, self.deadline)).await.map(Response::into_inner).map_err(|status| Error::new(status, 1))
    }

    /// A call that may run twice.
    pub(crate) async fn safe<M: Clone, R>(
        &self,
        message: M,
        call: impl AsyncFnMut(Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Error> {
        self.repeated(message, is_away, call).await
    }

    /// Calls again, after a pause, while `may_repeat` and there is time.
    async fn repeated<M: Clone, R>(
        &self,
        message: M,
        may_repeat: fn(&Status, &StatusDetails) -> bool,
        mut call: impl AsyncFnMut(Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Error> {
        let until = Instant::now() + self.deadline;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let left = until.saturating_duration_since(Instant::now());
            let status = match call(within(message.clone(), left)).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => status,
            };
            let details = StatusDetails::of(&status);
            let pause = self.pause(attempts).max(details.retry_after.unwrap_or_default());
            let left = until.saturating_duration_since(Instant::now());
            if !may_repeat(&status, &details) || left <= pause {
                return Err(Error::new(status, attempts));
            }
            tracing::debug!(attempts, pause_ms = pause.as_secs_f64() * 1000.0, "a call is tried again");
            tokio::time::sleep(pause).await;
        }
    }

    /// A change: safe, because all attempts carry one `request_id`.
    pub(crate) async fn change<M: Clone + Change, R>(
        &self,
        mut message: M,
        call: impl AsyncFnMut(Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Error> {
        let id = message.request_id();
        if id.is_empty() {
            *id = clock::uuid_v7(&clock::SystemClock).to_string();
        }
        let may_repeat = |status: &Status, details: &StatusDetails| {
            is_away(status, details) || status.code() == Code::DeadlineExceeded
        };
        self.repeated(message, may_repeat, call).await
    }

    /// A call whose answer is a stream: tried once.
    pub(crate) async fn stream<M, R>(
        &self,
        message: M,
        call: impl AsyncFnOnce(Request<M>) -> Result<Response<R>, Status>,
    ) -> Result<R, Error> {
        let request = within(message, self.stream_deadline);
        call(request).await.map(Response::into_inner).map_err(|status| Error::new(status, 1))
    }

    /// Doubles with each attempt; up to half less by chance, so that callers do not come back together.
    fn pause(&self, attempts: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
        let [.., byte] = clock::uuid_v7(&clock::SystemClock).into_bytes();
        doubled.min(self.longest_pause).mul_f64(1.0 - f64::from(byte) / 510.0)
    }
}

fn is_away(status: &Status, details: &StatusDetails) -> bool {
    status.code() == Code::Unavailable || (status.code() == Code::Aborted && details.retry_after.is_some())
}

fn within<M>(message: M, time: Duration) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(time.max(Duration::from_millis(1)));
    request
}
