//! `LogService`: reads of logs and entries, and their verification.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use api::audit::v1::log_service_server::LogService;
use api::audit::v1::{
    GetEntryRequest, GetEntryResponse, GetLogRequest, GetLogResponse, ListEntriesRequest, ListEntriesResponse,
    ListLogsRequest, ListLogsResponse, VerifyLogRequest, VerifyLogResponse,
};
use futures::Stream;
use names::{EntryName, LogName, OnBehalfOf};
use rpc::page::Page;
use rpc::{CallContext, Failure, Granted, Permission, Violations, call_context};
use tlog::verify::Expectation;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::{Request, Response, Status};

use super::convert;
use super::running::{self, Running};
use crate::error::Error;
use crate::logs::{EntryQuery, Logs};
use crate::own::{Accounted, OwnEvents, Reader};
use crate::permissions::{EntriesGet, EntriesList, LogsGet, LogsList, LogsVerify};
use crate::verify::{Known, OnProgress, PAGES_BYTES, Progress, Verification};

/// Between two messages of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Serves `LogService`.
#[derive(Clone, Debug)]
pub(crate) struct LogReader {
    logs: Logs,
    own: OwnEvents,
    verification: Verification,
    running: Running,
}

impl LogReader {
    /// Reads `logs`, verifies with `verification`, accounts to `own`.
    pub(crate) fn new(logs: Logs, own: OwnEvents, verification: Verification) -> Self {
        let running = Running::new(verification.db.max_connections());
        Self { logs, own, verification, running }
    }
}

/// Bytes of a log, and most bytes of an entry, in an answer.
const LOG_BYTES: usize = 2048;
const ENTRY_BYTES: usize = 128 << 10;
/// What a verification takes: pages of rows, and beside them checks that the signer is asked for; when they are gone, its report
/// of up to 4 MiB.
const VERIFICATION_BYTES: usize = PAGES_BYTES + (4 << 20);

#[tonic::async_trait]
impl LogService for LogReader {
    async fn get_log(&self, request: Request<GetLogRequest>) -> Result<Response<GetLogResponse>, Status> {
        let call = call_context(&request)?;
        let request = request.get_ref();
        let name = request.name.parse::<LogName>();
        let granted = call.grant_parsed::<LogsGet>(&name)?;
        let (name, reader) = named(&call, granted, name, &request.on_behalf_of)?;
        let row = answered(&call, self.logs.get(&reader, &name).await)?;
        Ok(Response::new(GetLogResponse { log: Some(convert::log(row)) }))
    }

    async fn list_logs(&self, request: Request<ListLogsRequest>) -> Result<Response<ListLogsResponse>, Status> {
        let call = call_context(&request)?;
        let granted = call.grant::<LogsList>("")?;
        let request = request.into_inner();
        let mut violations = Violations::new();
        let page = Page::parse(&["ListLogs"], request.page_size, &request.page_token, &mut violations);
        let reader = reader(&call, granted, &request.on_behalf_of, &mut violations);
        let reader = violations.finish_with(reader)?;
        let after = page.after().unwrap_or_default();
        call.reserve_response(usize::try_from(page.size()).unwrap_or(usize::MAX).saturating_mul(LOG_BYTES))?;
        let mut rows = answered(&call, self.logs.list(&reader, after, page.limit()).await)?;
        let next_page_token = page.cut(&mut rows, |log| log.name.clone());
        Ok(Response::new(ListLogsResponse {
            logs: rows.into_iter().map(convert::listed_log).collect(),
            next_page_token,
        }))
    }

    async fn get_entry(&self, request: Request<GetEntryRequest>) -> Result<Response<GetEntryResponse>, Status> {
        let call = call_context(&request)?;
        let request = request.get_ref();
        let name = request.name.parse::<EntryName>();
        let granted = call.grant_parsed::<EntriesGet>(&name)?;
        let (name, reader) = named(&call, granted, name, &request.on_behalf_of)?;
        call.reserve_response(call.method().bounds().response)?;
        let entry = answered(&call, self.logs.entry(&reader, &name).await)?;
        Ok(Response::new(GetEntryResponse { entry: Some(convert::entry(name.log(), entry)) }))
    }

    async fn list_entries(
        &self,
        request: Request<ListEntriesRequest>,
    ) -> Result<Response<ListEntriesResponse>, Status> {
        let call = call_context(&request)?;
        let request = request.get_ref();
        let log = request.parent.parse::<LogName>();
        let granted = call.grant_parsed::<EntriesList>(&log)?;
        let mut violations = Violations::new();
        let reader = reader(&call, granted, &request.on_behalf_of, &mut violations);
        let (query, page) = entry_query(log, request, &mut violations);
        let (query, reader) = violations.finish_with(query.zip(reader))?;
        call.reserve_response(query.size.saturating_mul(ENTRY_BYTES).min(call.method().bounds().response))?;
        let found = answered(&call, self.logs.entries(&reader, &query).await)?;
        let next_page_token = found.rest.map(|rest| page.token_after(&rest.to_string())).unwrap_or_default();
        let entries = found.entries.into_iter().map(|entry| convert::entry(&query.log, entry)).collect();
        Ok(Response::new(ListEntriesResponse { entries, next_page_token }))
    }

    type VerifyLogStream = VerifyStream;

    async fn verify_log(&self, request: Request<VerifyLogRequest>) -> Result<Response<VerifyStream>, Status> {
        let call = call_context(&request)?;
        let name = request.get_ref().name.parse::<LogName>();
        let granted = call.grant_parsed::<LogsVerify>(&name)?;
        let mut violations = Violations::new();
        let name = violations.check("name", name);
        let reader = reader(&call, granted, &request.get_ref().on_behalf_of, &mut violations);
        let expectation = convert::expectation(request.get_ref(), &mut violations);
        let (name, reader) = violations.finish_with(name.zip(reader))?;
        call.reserve_response(VERIFICATION_BYTES)?;
        let place = match self.running.enter(call.caller().as_str()) {
            Some(place) => match self.verification.exists(&name).await {
                Ok(true) => Ok(place),
                Ok(false) => Err(Error::NotFound { name: name.to_string() }),
                Err(error) => Err(error),
            },
            None => Err(Error::TooManyVerifications),
        };
        let place = answered(&call, self.own.account(&reader, place).await)?;
        Ok(Response::new(VerifyStream::start(self.verification.clone(), call, name, expectation, place)))
    }
}

/// The result of an accounted use case; the answer names the event.
fn answered<T>(call: &CallContext, accounted: Result<Accounted<T>, Error>) -> Result<T, Failure> {
    let accounted = accounted.map_err(Failure::from)?;
    call.set_event_id(accounted.event_id.as_uuid());
    accounted.result.map_err(Failure::from)
}

/// The call as it will be accounted for; a violation where nobody can be called what it says.
fn reader<P: Permission>(
    call: &CallContext,
    granted: Granted<P>,
    on_behalf_of: &str,
    violations: &mut Violations,
) -> Option<Reader<P>> {
    let on_behalf_of = violations.check("on_behalf_of", OnBehalfOf::parse_optional(on_behalf_of))?;
    Some(Reader { granted, on_behalf_of, call: call.clone() })
}

/// The call of a method that takes nothing but a name.
fn named<P: Permission, T>(
    call: &CallContext,
    granted: Granted<P>,
    name: Result<T, names::NameError>,
    on_behalf_of: &str,
) -> Result<(T, Reader<P>), Failure> {
    let mut violations = Violations::new();
    let name = violations.check("name", name);
    let reader = reader(call, granted, on_behalf_of, &mut violations);
    violations.finish_with(name.zip(reader))
}

fn entry_query(
    log: Result<LogName, names::NameError>,
    request: &ListEntriesRequest,
    violations: &mut Violations,
) -> (Option<EntryQuery>, Page) {
    let log = violations.check("parent", log);
    let filter = convert::filter(request, violations);
    let filters = format!("{filter:?}");
    let list = ["ListEntries", &request.parent, &filters];
    let page = Page::parse(&list, request.page_size, &request.page_token, violations);
    let rest = page.after_parsed(violations);
    let size = usize::try_from(page.size()).unwrap_or(usize::MAX);
    (log.map(|log| EntryQuery { log, rest, size, filter }), page)
}

/// The answer to a `VerifyLog`. The verification ends with it.
#[derive(Debug)]
pub(crate) struct VerifyStream {
    messages: mpsc::Receiver<Result<VerifyLogResponse, Status>>,
    _task: JoinSet<()>,
}

impl VerifyStream {
    fn start(
        verification: Verification,
        call: CallContext,
        log: LogName,
        expectation: Option<Expectation>,
        place: running::Place,
    ) -> Self {
        let (sender, messages) = mpsc::channel(4);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let report =
                verification.verify(&log, Known { expectation, since: None }, on_progress(sender.clone())).await;
            let last = match report {
                Ok(report) => Ok(convert::report(report)),
                Err(error) => Err(call.stream_status(error.into())),
            };
            // Who has gone away needs no report.
            let _gone = sender.send(last).await;
            drop(place);
        });
        Self { messages, _task: task }
    }
}

/// Sends progress now and then; a slow reader misses some.
fn on_progress(sender: mpsc::Sender<Result<VerifyLogResponse, Status>>) -> OnProgress {
    let last = std::sync::Mutex::new(Instant::now());
    Arc::new(move |progress: Progress| {
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.elapsed() >= PROGRESS_INTERVAL && sender.capacity() > 1 {
            *last = Instant::now();
            // Full is as good as slow.
            let _full = sender.try_send(Ok(convert::progress(progress)));
        }
    })
}

impl Stream for VerifyStream {
    type Item = Result<VerifyLogResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages.poll_recv(context)
    }
}
