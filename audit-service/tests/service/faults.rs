//! A signer with faults in between: what is asked may be lost, what is answered may be lost.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use audit_service::signer::{HeadsPage, MacsToVerify, SealRequest, Signer, SignerError};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use names::LogName;
use tlog::protocol::{AckOutcome, Acknowledgement, SegmentAnswer, SignerView};
use tlog::signer::MacsChecked;
use tokio::sync::Semaphore;

/// Passes on to the real signer, unless told otherwise.
#[derive(Debug)]
pub(crate) struct Faulty {
    signer: Arc<dyn Signer>,
    away: AtomicBool,
    /// The log of which what the signer keeps cannot be used.
    unusable: Mutex<Option<LogName>>,
    /// Seals whose answers get lost on the way back.
    lose_answers: AtomicUsize,
    /// Whether acknowledgements get lost on the way there.
    lose_acknowledgements: AtomicBool,
    /// Checks of MACs that get lost.
    lose_checks: AtomicUsize,
    /// Checks of MACs that were asked for.
    checks: AtomicUsize,
    /// Whether checks of MACs are never answered.
    hang_checks: AtomicBool,
    /// The heads that are told next, the last first, after which none is any more.
    last_heads: Mutex<Option<Vec<SignerView>>>,
    /// Seals that wait before they are answered, although they are done.
    hold: AtomicBool,
    held: Semaphore,
    release: Semaphore,
}

impl Faulty {
    pub(crate) fn new(signer: Arc<dyn Signer>) -> Self {
        Self {
            signer,
            away: AtomicBool::new(false),
            unusable: Mutex::default(),
            lose_answers: AtomicUsize::new(0),
            lose_acknowledgements: AtomicBool::new(false),
            lose_checks: AtomicUsize::new(0),
            checks: AtomicUsize::new(0),
            hang_checks: AtomicBool::new(false),
            last_heads: Mutex::default(),
            hold: AtomicBool::new(false),
            held: Semaphore::new(0),
            release: Semaphore::new(0),
        }
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn set_unusable(&self, log: Option<&LogName>) {
        *self.unusable.lock().unwrap() = log.cloned();
    }

    pub(crate) fn lose_answers(&self, answers: usize) {
        self.lose_answers.store(answers, Ordering::SeqCst);
    }

    pub(crate) fn lose_acknowledgements(&self) {
        self.lose_acknowledgements.store(true, Ordering::SeqCst);
    }

    pub(crate) fn lose_checks(&self, checks: usize) {
        self.lose_checks.store(checks, Ordering::SeqCst);
    }

    pub(crate) fn hang_checks(&self) {
        self.hang_checks.store(true, Ordering::SeqCst);
    }

    /// Tells these heads of single logs, each once, and then none any more.
    pub(crate) fn lose_heads_after(&self, last: impl Into<Vec<SignerView>>) {
        *self.last_heads.lock().unwrap() = Some(last.into());
    }

    /// How many checks of MACs were asked for since the last count.
    pub(crate) fn count_checks(&self) -> usize {
        self.checks.swap(0, Ordering::SeqCst)
    }

    /// Holds the next sealing answer back.
    pub(crate) fn hold_next(&self) {
        self.hold.store(true, Ordering::SeqCst);
    }

    /// Waits until an answer is held back.
    pub(crate) async fn holding(&self) {
        self.held.acquire().await.unwrap().forget();
    }

    pub(crate) fn release(&self) {
        self.release.add_permits(1);
    }

    fn here(&self) -> Result<(), SignerError> {
        if self.away.load(Ordering::SeqCst) { Err(SignerError::Unavailable("away".into())) } else { Ok(()) }
    }
}

impl Signer for Faulty {
    fn seal(&self, request: SealRequest) -> BoxFuture<'_, Result<Vec<SegmentAnswer>, SignerError>> {
        async move {
            self.here()?;
            let is_unusable = self
                .unusable
                .lock()
                .unwrap()
                .as_ref()
                .is_some_and(|log| request.segments.iter().any(|segment| segment.log == *log));
            if is_unusable {
                return Err(SignerError::Unusable("altered".into()));
            }
            let sealing = request.segments.iter().any(|segment| !segment.entries.is_empty());
            let answers = self.signer.seal(request).await;
            if sealing && self.hold.swap(false, Ordering::SeqCst) {
                self.held.add_permits(1);
                self.release.acquire().await.unwrap().forget();
            }
            let lost = |left: usize| left.checked_sub(1);
            if sealing && self.lose_answers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lost).is_ok() {
                return Err(SignerError::Unavailable("the answer was lost".into()));
            }
            answers
        }
        .boxed()
    }

    fn acknowledge(
        &self,
        acknowledgements: Vec<Acknowledgement>,
    ) -> BoxFuture<'_, Result<Vec<Option<AckOutcome>>, SignerError>> {
        async move {
            self.here()?;
            if self.lose_acknowledgements.load(Ordering::SeqCst) {
                return Err(SignerError::Unavailable("the acknowledgement was lost".into()));
            }
            self.signer.acknowledge(acknowledgements).await
        }
        .boxed()
    }

    fn head(&self, log: LogName) -> BoxFuture<'_, Result<Option<SignerView>, SignerError>> {
        async move {
            self.here()?;
            let told = self.last_heads.lock().unwrap().as_mut().map(Vec::pop);
            match told {
                None => self.signer.head(log).await,
                Some(Some(last)) => Ok(Some(last)),
                Some(None) => Err(SignerError::Unavailable("the head was lost".into())),
            }
        }
        .boxed()
    }

    fn heads(&self, page_token: String) -> BoxFuture<'_, Result<HeadsPage, SignerError>> {
        async move {
            self.here()?;
            self.signer.heads(page_token).await
        }
        .boxed()
    }

    fn verify_macs(&self, macs: MacsToVerify) -> BoxFuture<'_, Result<MacsChecked, SignerError>> {
        async move {
            self.here()?;
            self.checks.fetch_add(1, Ordering::SeqCst);
            if self.hang_checks.load(Ordering::SeqCst) {
                return std::future::pending().await;
            }
            let lost = |left: usize| left.checked_sub(1);
            if self.lose_checks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lost).is_ok() {
                return Err(SignerError::Unavailable("the check was lost".into()));
            }
            self.signer.verify_macs(macs).await
        }
        .boxed()
    }
}
