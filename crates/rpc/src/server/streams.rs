//! The tasks in which a connection's calls run, each cut off when its answer is not read in time.
//!
//! An answer leaves in pieces, as fast as its caller reads. One who does not read would keep it for as long as the
//! connection lives; a task that is dropped resets its stream, and what was not sent is freed.

use std::{sync::Arc, time::Duration};

use hyper::rt::Executor;
use tokio::{sync::SetOnce, time::Instant};

use super::measure;

/// How long after its deadline an answer may still be read.
pub(super) const GRACE: Duration = Duration::from_secs(2);

tokio::task_local! {
    /// When the call of this task is cut off; set once its answer begins to leave.
    static CUT_OFF: Arc<SetOnce<Instant>>;
}

/// Runs the calls of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams;

/// Cuts the call of this task off a short grace after its deadline.
pub(super) fn cut_off_after(deadline: Instant) {
    // A call runs in a task of `Streams`, and has one answer.
    let _set = CUT_OFF.try_with(|cut_off| cut_off.set(deadline + GRACE));
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    #[expect(clippy::disallowed_methods, reason = "a call ends by its deadline, or with its connection")]
    fn execute(&self, stream: F) {
        let cut_off = Arc::new(SetOnce::new());
        let until = Arc::clone(&cut_off);
        let bounded = async move {
            let over = async { tokio::time::sleep_until(*until.wait().await).await };
            tokio::select! {
                biased;
                _ended = stream => {}
                () = over => measure::answer_cut_off(),
            }
        };
        tokio::spawn(CUT_OFF.scope(cut_off, bounded));
    }
}
