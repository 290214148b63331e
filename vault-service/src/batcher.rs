//! Concurrent calls of one kind share a message: while calls are under way the next ones gather.
//!
//! ```text
//! caller A ─▶ ┐ nothing under way: sent at once, alone
//! caller B ─▶ │ ┐
//! caller C ─▶ │ ├ gather while messages are under way, then share one
//! caller D ─▶ │ ┘
//! ```
//! When a message begins is what [`service::turns`] says. Each caller waits until its own deadline, whatever the others do.
//! A message has an answer for each of its calls, which may be a refusal, or fails as a whole; it is never taken apart.

use std::fmt;
use std::future::Future;

use service::turns::{Queue, Turns};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Calls that may wait; one more is refused.
const QUEUE: usize = 4096;
/// Most calls in one message.
const MAX_BATCH: usize = 256;
/// A message takes no further call once its calls weigh this much, in bytes.
const FULL: usize = 2 << 20;

/// A kind of call that can be made for several requests at once.
pub trait BatchCall: Send + Sync + 'static {
    /// What is asked.
    type Request: Send + Sync;
    /// What is answered to each, done or refused.
    type Answer: Send;
    /// How a whole message fails.
    type Error: Clone + Send + From<NotCalled>;

    /// Makes the calls in one message; answers are in the order of the requests.
    fn call(
        &self,
        requests: &[Self::Request],
        deadline: Instant,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, Self::Error>> + Send;

    /// About how many bytes a request adds to the message.
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
    /// Starts the job; it ends when the batcher is dropped or the process is asked to end and nobody waits.
    pub fn start(name: &'static str, calls: C, jobs: &service::Jobs) -> Self {
        let (queue, pending) = mpsc::channel(QUEUE);
        jobs.spawn(name, run(name, calls, pending));
        Self { queue }
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

impl<C: BatchCall> fmt::Debug for Batcher<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}

async fn run<C: BatchCall>(name: &'static str, calls: C, pending: mpsc::Receiver<Pending<C>>) {
    let sizes = metrics::histogram!("vault_batch_size", "batch" => name);
    let mut queue = Queue::new(pending);
    let mut messages = Turns::new();
    while messages.next(&mut queue).await {
        let batch = gather(&mut queue);
        if batch.is_empty() {
            continue;
        }
        sizes.record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
        messages.begin(batch.len(), answer(&calls, batch));
    }
    messages.finish().await;
}

/// All that wait, up to a full message.
fn gather<C: BatchCall>(queue: &mut Queue<Pending<C>>) -> Vec<Pending<C>> {
    let mut weight = 0;
    let mut batch = Vec::new();
    while batch.len() < MAX_BATCH
        && weight < FULL
        && let Some(next) = queue.take()
    {
        weight += C::weight(&next.request);
        batch.push(next);
    }
    // Who has stopped waiting is not served: an unwrapped key would come to nobody.
    batch.retain(|pending| !pending.answer.is_closed());
    batch
}

async fn answer<C: BatchCall>(calls: &C, batch: Vec<Pending<C>>) {
    let Some(deadline) = batch.iter().map(|pending| pending.deadline).max() else { return };
    let (requests, waiting): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|pending| (pending.request, pending.answer)).unzip();
    let answers = calls.call(&requests, deadline).await;
    // Who has stopped waiting meanwhile gets nothing; the answer is wiped.
    match answers {
        Ok(answers) => waiting.into_iter().zip(answers).for_each(|(waiting, answer)| drop(waiting.send(Ok(answer)))),
        Err(error) => waiting.into_iter().for_each(|waiting| drop(waiting.send(Err(error.clone())))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use futures::future::join_all;
    use service::turns::STAGGER;
    use tokio::sync::Semaphore;

    use super::*;

    /// Answers with the request; refuses 13, and whole messages that hold a 99; waits for `gate` before each answer.
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

        async fn call(&self, requests: &[u32], _: Instant) -> Result<Vec<Result<u32, Thirteen>>, EchoError> {
            self.sizes.lock().unwrap().push(requests.len());
            self.gate.acquire().await.unwrap().forget();
            if requests.contains(&99) {
                return Err(EchoError::NinetyNine);
            }
            Ok(requests.iter().map(|&number| if number == 13 { Err(Thirteen) } else { Ok(number) }).collect())
        }

        fn weight(_: &u32) -> usize {
            4
        }
    }

    fn echo(permits: usize) -> (Echo, Batcher<Echo>, service::Jobs) {
        let echo = Echo { gate: Arc::new(Semaphore::new(permits)), sizes: Arc::default() };
        let jobs = service::Jobs::new(service::Shutdown::new());
        let batcher = Batcher::start("echo", echo.clone(), &jobs);
        (echo, batcher, jobs)
    }

    /// Waits until this many messages were sent.
    async fn under_way(echo: &Echo, messages: usize) {
        while echo.sizes.lock().unwrap().len() < messages {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn one_refused_call_neither_fails_its_neighbours_nor_takes_their_message_apart() {
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
    async fn a_message_that_fails_fails_for_all_and_is_not_sent_again() {
        let (echo, batcher, _jobs) = echo(1000);
        let answers = join_all((60..100).map(|number| batcher.call(number, soon()))).await;
        assert!(answers.iter().all(|answer| *answer == Err(EchoError::NinetyNine)));
        assert_eq!(*echo.sizes.lock().unwrap(), [40]);
    }

    #[tokio::test]
    async fn calls_gather_while_a_message_is_under_way() {
        let (echo, batcher, _jobs) = echo(0);
        let others = async {
            under_way(&echo, 1).await;
            let gathered = join_all((100..200).map(|number| batcher.call(number, soon())));
            let opened = async { echo.gate.add_permits(1000) };
            futures::future::join(gathered, opened).await.0
        };
        let (first, gathered) = futures::future::join(batcher.call(1, soon()), others).await;
        assert!(first.is_ok() && gathered.iter().all(Result::is_ok));
        assert_eq!(*echo.sizes.lock().unwrap(), [1, 100]);
    }

    #[tokio::test]
    async fn a_message_that_hangs_holds_others_up_for_a_moment_only() {
        let (echo, batcher, _jobs) = echo(0);
        let begun = Instant::now();
        let first = join_all((0..10).map(|number| batcher.call(number, soon())));
        let others = async {
            under_way(&echo, 1).await;
            let fewer = join_all((20..25).map(|number| batcher.call(number, soon())));
            let opened = async {
                under_way(&echo, 2).await;
                let waited = begun.elapsed();
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
