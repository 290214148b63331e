//! Background tasks of a process, joined at shutdown. A task that panics ends the process: it would be missed silently.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::task::TaskTracker;

use crate::shutdown::Shutdown;

/// The tasks of a process. Clones share them.
#[derive(Clone, Debug)]
pub struct Jobs {
    tracker: TaskTracker,
    shutdown: Shutdown,
    failed: Arc<AtomicBool>,
}

impl Jobs {
    /// No tasks yet; a task that panics requests `shutdown`.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { tracker: TaskTracker::new(), shutdown, failed: Arc::default() }
    }

    /// Runs a task. A long-lived one must end soon after [`Jobs::shutdown`] is cancelled.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let guard = PanicGuard { name, jobs: self.clone() };
        self.tracker.spawn(async move {
            let guard = guard;
            task.await;
            drop(guard);
        });
    }

    /// Cancelled when the tasks must end.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Whether a task panicked.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Waits until every task has ended; request the shutdown first.
    pub async fn join(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Notices a panic by being dropped while the task unwinds.
struct PanicGuard {
    name: &'static str,
    jobs: Jobs,
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(job = self.name, "a background task panicked: shutting down");
            self.jobs.failed.store(true, Ordering::Release);
            self.jobs.shutdown.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panicking_job_requests_shutdown_and_marks_the_process_failed() {
        let jobs = Jobs::new(Shutdown::new());
        jobs.spawn("broken", async { panic!("on purpose") });
        jobs.shutdown().cancelled().await;
        jobs.join().await;
        assert!(jobs.failed());
    }

    #[tokio::test]
    async fn join_waits_for_jobs_that_finish_their_work_after_shutdown() {
        let jobs = Jobs::new(Shutdown::new());
        let done = Arc::new(AtomicBool::new(false));
        let (shutdown, flag) = (jobs.shutdown().clone(), done.clone());
        jobs.spawn("last work", async move {
            shutdown.cancelled().await;
            tokio::task::yield_now().await;
            flag.store(true, Ordering::Release);
        });
        jobs.shutdown().cancel();
        jobs.join().await;
        assert!(done.load(Ordering::Acquire));
        assert!(!jobs.failed());
    }
}
