//! The signer as this service sees it: whoever extends the chains and makes the MACs. It is key-service; the trait lets a
//! test put a fault in between.
//!
//! # Layout
//! - [`client`]: the signer behind gRPC
//! - `convert`: its messages as `tlog`'s types

use std::fmt;

use futures::future::BoxFuture;
use names::LogName;
use tlog::Hash;
use tlog::protocol::{AckOutcome, Acknowledgement, Rollback, Segment, SegmentAnswer, SignerView};
use tlog::signer::MacsChecked;

pub mod client;
mod convert;

/// What is asked of the signer in one `SealBatch`.
#[derive(Clone, Debug, Default)]
pub struct SealRequest {
    /// Segments to seal, at most one for each log.
    pub segments: Vec<Segment>,
    /// What was found wrong in the audit database.
    pub rollbacks: Vec<Rollback>,
}

/// Heads of a log with the MACs that claim to be over them.
#[derive(Clone, Debug)]
pub struct MacsToVerify {
    /// The log.
    pub log: LogName,
    /// Index of each head, none lower than the one before it.
    pub indices: Vec<u64>,
    /// Heads, 32 bytes each, one after the other.
    pub heads: Vec<u8>,
    /// MACs, 44 bytes each, one after the other.
    pub macs: Vec<u8>,
}

/// One log of a page of `ListHeads`.
#[derive(Clone, Debug)]
pub struct ListedHead {
    /// The log.
    pub log: LogName,
    /// Number of sealed entries.
    pub size: u64,
    /// Head after them.
    pub head: Hash,
    /// How far the log is acknowledged.
    pub acknowledged: u64,
    /// Whether alarms of it are open.
    pub has_open_alarms: bool,
}

/// Logs that the signer knows.
#[derive(Clone, Debug, Default)]
pub struct KnownLogs {
    /// Those of which it says what it knows.
    pub heads: Vec<ListedHead>,
    /// Those of which it cannot use what it keeps: altered, or set back behind what it has seen.
    pub unusable: Vec<LogName>,
}

/// A page of `ListHeads`.
#[derive(Clone, Debug)]
pub struct HeadsPage {
    /// The page.
    pub logs: KnownLogs,
    /// What to ask for the next page with; empty on the last.
    pub next_page_token: String,
    /// The signer's clock, nanoseconds since 1970.
    pub now_ns: i64,
}

/// Why the signer gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// Away, sealed, or not in time.
    #[error("the signer does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What it keeps of a log of the call cannot be used: rows of the key database were altered or set back.
    #[error("the signer cannot use what it keeps of a log")]
    Unusable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refused the call as such.
    #[error("the signer refused the call")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Its answer is none to what was asked.
    #[error("the signer's answer cannot be read: {0}")]
    Answer(&'static str),
}

/// The signer. Every call is bounded in time by the implementation.
pub trait Signer: fmt::Debug + Send + Sync {
    /// Seals segments and takes reports; the answers are those of the segments, in their order.
    fn seal(&self, request: SealRequest) -> BoxFuture<'_, Result<Vec<SegmentAnswer>, SignerError>>;

    /// Says how far logs are committed, at most 1,000 of them. What became of each, in their order; `None` where what the
    /// signer keeps of that log cannot be used.
    fn acknowledge(
        &self,
        acknowledgements: Vec<Acknowledgement>,
    ) -> BoxFuture<'_, Result<Vec<Option<AckOutcome>>, SignerError>>;

    /// What the signer knows of a log; `None` where it never sealed for it.
    fn head(&self, log: LogName) -> BoxFuture<'_, Result<Option<SignerView>, SignerError>>;

    /// One page of all logs in the order of their names.
    fn heads(&self, page_token: String) -> BoxFuture<'_, Result<HeadsPage, SignerError>>;

    /// What the signer says of MACs, at most 16,384 of them.
    fn verify_macs(&self, macs: MacsToVerify) -> BoxFuture<'_, Result<MacsChecked, SignerError>>;
}

/// All logs that the signer knows.
pub async fn all_heads(signer: &dyn Signer) -> Result<KnownLogs, SignerError> {
    let mut logs = KnownLogs::default();
    let mut token = String::new();
    loop {
        let page = signer.heads(token).await?;
        logs.heads.extend(page.logs.heads);
        logs.unusable.extend(page.logs.unusable);
        if page.next_page_token.is_empty() {
            return Ok(logs);
        }
        token = page.next_page_token;
    }
}
