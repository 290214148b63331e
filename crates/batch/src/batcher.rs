//! Concurrent calls of one kind share a batch: while some are in flight the next ones gather.
//!
//! ```text
//! caller A ─▶ ┐ nothing in flight: begins at once, alone
//! caller B ─▶ │ ┐
//! caller C ─▶ │ ├ gather while batches are in flight, then share one
//! caller D ─▶ │ ┘
//! ```
//! When a batch begins is what [`InFlight`] says. Each caller waits until its own deadline, whatever the others do. A batch has
//! an answer for each of its calls, which may be a refusal, or fails as a whole; it is never taken apart.

use std::fmt;
use std::future::Future;

use metrics::Histogram;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::in_flight::{InFlight, Queue};

/// Calls that may wait; one more is refused.
const QUEUE: usize = 4096;
/// A batch takes no further call once its calls weigh this much, in bytes.
const FULL: usize = 2 << 20;

/// A kind of call that can be made for several requests at once.
pub trait BatchCall: Send + Sync + 'static {
    /// What is asked.
    type Request: Send + Sync;
    /// What is answered to each, done or refused.
    type Answer: Send;
    /// How a whole batch fails.
    type Error: Clone + Send + From<NotCalled>;

    /// Most calls in one batch.
    const MAX_CALLS: usize = 256;

    /// Makes the calls in one batch; answers are in the order of the requests.
    fn call(
        &self,
        requests: Vec<Self::Request>,
        deadline: Instant,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, Self::Error>> + Send;

    /// About how many bytes a request adds to the batch.
    fn weight(request: &Self::Request) -> usize;
}

/// Why a call has no answer of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCalled {
    /// Too many calls wait already.
    #[error("too many calls are waiting")]
    Busy,
    /// The process is ending, and takes no more calls.
    #[error("the process is ending")]
    Ending,
    /// Nothing came until the deadline, or until the process ended: whether the call took effect is not known.
    #[error("no answer in time")]
    Late,
}

/// The way to a job that makes the calls.
pub struct Batcher<C: BatchCall> {
    queue: mpsc::Sender<Pending<C>>,
}

struct Pending<C: BatchCall> {
    request: C::Request,
    deadline: Instant,
    answer: oneshot::Sender<Result<C::Answer, C::Error>>,
}

impl<C: BatchCall> Batcher<C> {
    /// A batcher, and the job that must run for it: it ends when the batcher and its clones are dropped and nobody waits. `sizes`
    /// has the number of calls of each batch.
    pub fn new(calls: C, sizes: Histogram) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, pending) = mpsc::channel(QUEUE);
        (Self { queue }, run(calls, sizes, pending))
    }

    /// Makes a call, waiting for its answer until `deadline`.
    pub async fn call(&self, request: C::Request, deadline: Instant) -> Result<C::Answer, C::Error> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Pending { request, deadline, answer }).map_err(|full| match full {
            mpsc::error::TrySendError::Full(_) => NotCalled::Busy,
            mpsc::error::TrySendError::Closed(_) => NotCalled::Ending,
        })?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(NotCalled::Late.into()),
        }
    }
}

impl<C: BatchCall> Clone for Batcher<C> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<C: BatchCall> fmt::Debug for Batcher<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}

async fn run<C: BatchCall>(calls: C, sizes: Histogram, pending: mpsc::Receiver<Pending<C>>) {
    let mut queue = Queue::new(pending);
    let mut in_flight = InFlight::new();
    while in_flight.next(&mut queue).await {
        let batch = gather(&mut queue);
        if batch.is_empty() {
            continue;
        }
        sizes.record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
        in_flight.begin(batch.len(), answer(&calls, batch));
    }
    in_flight.finish().await;
}

/// All that wait, up to a full batch.
fn gather<C: BatchCall>(queue: &mut Queue<Pending<C>>) -> Vec<Pending<C>> {
    let mut weight = 0;
    let mut batch = Vec::new();
    while batch.len() < C::MAX_CALLS
        && weight < FULL
        && let Some(next) = queue.take()
    {
        weight += C::weight(&next.request);
        batch.push(next);
    }
    // Callers that gave up are skipped: nobody would receive the answer.
    batch.retain(|pending| !pending.answer.is_closed());
    batch
}

async fn answer<C: BatchCall>(calls: &C, batch: Vec<Pending<C>>) {
    let Some(deadline) = batch.iter().map(|pending| pending.deadline).max() else { return };
    let (requests, waiting): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|pending| (pending.request, pending.answer)).unzip();
    let answers = calls.call(requests, deadline).await;
    // A caller that gave up meanwhile gets nothing; the answer is wiped.
    match answers {
        Ok(answers) => waiting.into_iter().zip(answers).for_each(|(waiting, answer)| drop(waiting.send(Ok(answer)))),
        Err(error) => waiting.into_iter().for_each(|waiting| drop(waiting.send(Err(error.clone())))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures::future::join_all;
    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;

    use super::*;
    use crate::in_flight::STAGGER;

    /// Answers with the request; refuses 13, and whole batches that hold a 99; waits for `gate` before each answer.
    #[derive(Clone)]
    struct Echo {
        gate: Arc<Semaphore>,
        sizes: Arc<Mutex<Vec<usize>>>,
    }

    #[derive(Debug, Clone, PartialEq, Eq)]
    enum EchoError {
        NotCalled(NotCalled),
        NinetyNine,
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Thirteen;

    impl From<NotCalled> for EchoError {
        fn from(error: NotCalled) -> Self {
            Self::NotCalled(error)
        }
    }

    impl BatchCall for Echo {
        type Request = u32;
        type Answer = Result<u32, Thirteen>;
        type Error = EchoError;

        async fn call(&self, requests: Vec<u32>, _: Instant) -> Result<Vec<Result<u32, Thirteen>>, EchoError> {
            self.sizes.lock().unwrap().push(requests.len());
            self.gate.acquire().await.unwrap().forget();
            if requests.contains(&99) {
                return Err(EchoError::NinetyNine);
            }
            Ok(requests.into_iter().map(|number| if number == 13 { Err(Thirteen) } else { Ok(number) }).collect())
        }

        fn weight(_: &u32) -> usize {
            4
        }
    }

    fn echo(permits: usize) -> (Echo, Batcher<Echo>, JoinSet<()>) {
        let echo = Echo { gate: Arc::new(Semaphore::new(permits)), sizes: Arc::default() };
        let (batcher, job) = Batcher::new(echo.clone(), Histogram::noop());
        let mut jobs = JoinSet::new();
        jobs.spawn(job);
        (echo, batcher, jobs)
    }

    /// Waits until this many batches have begun.
    async fn begun(echo: &Echo, batches: usize) {
        while echo.sizes.lock().unwrap().len() < batches {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn one_refused_call_neither_fails_its_neighbours_nor_takes_their_batch_apart() {
        let (echo, batcher, _jobs) = echo(1000);
        let answers = join_all((1..50).map(|number| batcher.call(number, soon()))).await;
        for (number, answer) in (1..50).zip(answers) {
            assert_eq!(answer, Ok(if number == 13 { Err(Thirteen) } else { Ok(number) }));
        }
        assert_eq!(*echo.sizes.lock().unwrap(), [49]);
    }

    #[tokio::test]
    async fn one_call_more_than_may_wait_is_refused() {
        let (_, batcher, _jobs) = echo(QUEUE);
        let before = u32::try_from(QUEUE).unwrap() + 100;
        // All of them ask before the job has its turn.
        let answers = join_all((100..before + 3).map(|number| batcher.call(number, soon()))).await;
        let expected = |number| if number < before { Ok(Ok(number)) } else { Err(NotCalled::Busy.into()) };
        assert_eq!(answers, (100..before + 3).map(expected).collect::<Vec<_>>());
        assert_eq!(batcher.call(1, soon()).await, Ok(Ok(1)), "there is room again");
    }

    #[tokio::test]
    async fn a_batch_that_fails_fails_for_all_and_is_not_made_again() {
        let (echo, batcher, _jobs) = echo(1000);
        let answers = join_all((60..100).map(|number| batcher.call(number, soon()))).await;
        assert!(answers.iter().all(|answer| *answer == Err(EchoError::NinetyNine)));
        assert_eq!(*echo.sizes.lock().unwrap(), [40]);
    }

    #[tokio::test]
    async fn calls_gather_while_a_batch_is_in_flight() {
        let (echo, batcher, _jobs) = echo(0);
        let others = async {
            begun(&echo, 1).await;
            let gathered = join_all((100..200).map(|number| batcher.call(number, soon())));
            let opened = async { echo.gate.add_permits(1000) };
            futures::future::join(gathered, opened).await.0
        };
        let (first, gathered) = futures::future::join(batcher.call(1, soon()), others).await;
        assert!(first.is_ok() && gathered.iter().all(Result::is_ok));
        assert_eq!(*echo.sizes.lock().unwrap(), [1, 100]);
    }

    #[tokio::test]
    async fn a_batch_that_hangs_holds_others_up_for_a_moment_only() {
        let (echo, batcher, _jobs) = echo(0);
        let start = Instant::now();
        let first = join_all((0..10).map(|number| batcher.call(number, soon())));
        let others = async {
            begun(&echo, 1).await;
            let fewer = join_all((20..25).map(|number| batcher.call(number, soon())));
            let opened = async {
                begun(&echo, 2).await;
                let waited = start.elapsed();
                echo.gate.add_permits(1000);
                waited
            };
            futures::future::join(fewer, opened).await
        };
        let (first, (fewer, waited)) = futures::future::join(first, others).await;
        assert!(first.iter().chain(&fewer).all(Result::is_ok));
        assert!(waited >= STAGGER, "{waited:?}");
        assert_eq!(*echo.sizes.lock().unwrap(), [10, 5]);
    }

    #[tokio::test]
    async fn a_caller_waits_no_longer_than_its_deadline() {
        let (_, batcher, _jobs) = echo(0);
        let before = Instant::now();
        // Nobody ever opens the gate: without its deadline the call would not end.
        let answer = batcher.call(1, before + Duration::from_millis(20)).await;
        assert_eq!(answer, Err(EchoError::NotCalled(NotCalled::Late)));
        assert!(before.elapsed() >= Duration::from_millis(20));
    }
}
