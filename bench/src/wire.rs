//! Calls whose requests are put together of parts that were encoded once, and whose answers are counted and not looked
//! into: the load shares the machine with what it measures, and the figures are to be the services'.
//!
//! An encoded message may be cut into pieces at any field, and a field that holds a message is a head and that message's
//! pieces (Protocol Buffers, "Encoding").

use anyhow::{Context as _, Result, bail};
use bytes::{Bytes, BytesMut};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use rpc::Channel;
use stack::raw::Raw;
use tonic::Request;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;

/// What the bare server answers, and the cheapest call of all: every layer sees it, and it needs nothing else.
pub(crate) const GET_SEAL_STATUS: &str = "/strongroom.key.v1.SealService/GetSealStatus";
/// One data key.
pub(crate) const GENERATE_DATA_KEY: &str = "/strongroom.key.v1.DataKeyService/GenerateDataKey";
/// Many data keys.
pub(crate) const BATCH_GENERATE_DATA_KEYS: &str = "/strongroom.key.v1.DataKeyService/BatchGenerateDataKeys";
/// One data key, opened.
pub(crate) const UNWRAP_DATA_KEY: &str = "/strongroom.key.v1.DataKeyService/UnwrapDataKey";
/// One record.
pub(crate) const CREATE_RECORD: &str = "/strongroom.vault.v1.RecordService/CreateRecord";
/// Many records.
pub(crate) const BATCH_CREATE_RECORDS: &str = "/strongroom.vault.v1.RecordService/BatchCreateRecords";
/// One record, opened.
pub(crate) const REVEAL_RECORD: &str = "/strongroom.vault.v1.RecordService/RevealRecord";

/// Any answer whose field 1 is what was asked for: the record, the data key, or each of them. In its encoding.
pub(crate) struct Answer(Bytes);

impl Answer {
    /// Checks that `count` items came, each of at least `bytes` bytes; their number.
    pub(crate) fn holds(self, count: usize, bytes: usize) -> Result<u64> {
        check(&self.0, count, bytes)?;
        Ok(u64::try_from(count)?)
    }

    /// Checks that `count` results came, each with what was asked for, of at least `bytes` bytes, and not with an error.
    pub(crate) fn holds_results(self, count: usize, bytes: usize) -> Result<u64> {
        let results = api::encoded_members(&self.0).collect::<Option<Vec<_>>>().context("the answer is no message")?;
        if results.len() != count {
            bail!("wanted {count} results, got {}", results.len());
        }
        for result in results {
            check(result, 1, bytes)?;
        }
        Ok(u64::try_from(count)?)
    }
}

fn check(message: &[u8], count: usize, bytes: usize) -> Result<()> {
    let items = api::encoded_members(message).collect::<Option<Vec<_>>>().context("the answer is no message")?;
    if items.len() != count || items.iter().any(|item| item.len() < bytes) {
        let lengths: Vec<_> = items.iter().map(|item| item.len()).collect();
        bail!("wanted {count} items of {bytes} bytes or more, got {lengths:?}");
    }
    Ok(())
}

/// Calls a unary method with a request in pieces.
pub(crate) async fn call(channel: &Channel, method: &'static str, request: Vec<Bytes>) -> Result<Answer> {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.context("the channel is not ready")?;
    let path = PathAndQuery::from_static(method);
    let answer = client.unary(Request::new(request), path, Raw).await.context(method)?;
    Ok(Answer(answer.into_inner()))
}

/// A message, encoded.
pub(crate) fn encoded(message: &impl Message) -> Bytes {
    message.encode_to_vec().into()
}

/// The head of field `tag`, which holds the message of `pieces`.
pub(crate) fn head(tag: u32, pieces: &[Bytes]) -> Result<Bytes> {
    let mut head = BytesMut::with_capacity(8);
    encode_key(tag, WireType::LengthDelimited, &mut head);
    encode_varint(u64::try_from(pieces.iter().map(Bytes::len).sum::<usize>())?, &mut head);
    Ok(head.freeze())
}

/// The n-th request of a worker, of as many as there are.
pub(crate) fn nth(requests: &[Bytes], worker: usize, n: u64) -> Bytes {
    let index = worker.wrapping_mul(37).wrapping_add(usize::try_from(n).unwrap_or(0)) % requests.len().max(1);
    requests.get(index).cloned().unwrap_or_default()
}
