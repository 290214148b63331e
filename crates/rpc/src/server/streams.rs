//! The tasks in which a connection's calls run, each cut off when its answer is not read in time.
//!
//! An answer leaves in pieces, as fast as its caller reads. One who does not read would keep it for as long as the
//! connection lives; a task that is dropped resets its stream, and what was not sent is freed.

use std::time::Duration;

use hyper::rt::Executor;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::measure;
use crate::bound::no_longer_than;

/// How long after its deadline an answer may still be read.
pub(super) const GRACE: Duration = no_longer_than(Duration::from_secs(2));

tokio::task_local! {
    /// When the call of this task is cut off; known once its answer begins to leave.
    static CUT_OFF: watch::Sender<Option<Instant>>;
}

/// Runs the calls of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams;

/// Cuts the call of this task off then, unless another time is said before.
pub(super) fn cut_off_at(time: Instant) {
    // A call runs in a task of `Streams`.
    let _said = CUT_OFF.try_with(|cut_off| cut_off.send_replace(Some(time)));
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    #[expect(clippy::disallowed_methods, reason = "a call ends by its deadline, or with its connection")]
    fn execute(&self, stream: F) {
        let (cut_off, mut said) = watch::channel(None);
        let bounded = async move {
            let over = async {
                loop {
                    let time = *said.borrow_and_update();
                    match time {
                        // Nobody says another one.
                        Some(time) if timeout_at(time, said.changed()).await.is_err() => return,
                        Some(_) => {}
                        None => drop(said.changed().await),
                    }
                }
            };
            tokio::select! {
                biased;
                _ended = stream => {}
                () = over => measure::answer_cut_off(),
            }
        };
        tokio::spawn(CUT_OFF.scope(cut_off, bounded));
    }
}
