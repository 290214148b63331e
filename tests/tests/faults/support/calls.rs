//! Calls to `RecordService`, each made once, and what their failures leave open.

use std::collections::BTreeMap;
use std::time::Duration;

use api::EncodedStruct;
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::{
    CreateRecordRequest, DeleteRecordRequest, GetRecordRequest, Record, RevealRecordRequest, UpdateRecordRequest, View,
};
use prost_types::value::Kind;
use prost_types::{Struct, Value};
use rpc::{Channel, StatusDetails};
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status};

/// Deadline of a call.
const DEADLINE: Duration = Duration::from_secs(10);
/// Reasons that promise that nothing was done.
const NOTHING_DONE: [&str; 4] = ["KEY_SERVICE_UNAVAILABLE", "AUDIT_UNAVAILABLE", "SEALED", "REQUEST_TOO_SLOW"];

/// Values of a record.
pub(crate) type Values = BTreeMap<String, String>;

/// `RecordService`, as one caller reaches it.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    client: RecordServiceClient<Channel>,
    deadline: Duration,
}

/// A call that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) revision: i64,
    pub(crate) etag: String,
    pub(crate) values: Values,
    pub(crate) key_version: String,
    pub(crate) event_id: Option<String>,
}

/// A call that failed.
#[derive(Clone, Debug)]
pub(crate) enum Failed {
    /// The service says that it did nothing.
    NothingDone(StatusDetails),
    /// It may have been done, and may yet be.
    Unknown(StatusDetails),
    /// It was refused for what it is.
    Refused(StatusDetails),
}

impl Failed {
    fn of(status: &Status) -> Self {
        let details = StatusDetails::of(status);
        match details.code {
            Code::ResourceExhausted => Self::NothingDone(details),
            Code::Unavailable if NOTHING_DONE.contains(&details.reason.as_str()) => Self::NothingDone(details),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => Self::Unknown(details),
            _ => Self::Refused(details),
        }
    }

    /// Code, reason and message.
    pub(crate) fn details(&self) -> &StatusDetails {
        let (Self::NothingDone(details) | Self::Unknown(details) | Self::Refused(details)) = self;
        details
    }

    /// Code and reason.
    pub(crate) fn summary(&self) -> (Code, &str) {
        (self.details().code, &self.details().reason)
    }
}

impl Records {
    pub(crate) fn new(channel: Channel) -> Self {
        Self { client: RecordServiceClient::new(channel), deadline: DEADLINE }
    }

    /// The same with another deadline.
    pub(crate) fn within(&self, deadline: Duration) -> Self {
        Self { client: self.client.clone(), deadline }
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }

    /// Creates a record; `request_id` makes a repetition safe.
    pub(crate) async fn create(&self, name: &str, values: &Values, request_id: &str) -> Result<Done, Failed> {
        let (parent, id) = name.split_once("/records/").unwrap();
        let request = CreateRecordRequest {
            parent: parent.into(),
            record_id: id.into(),
            record: Some(Record { fields: Some(fields(values)), ..Default::default() }),
            request_id: request_id.into(),
            ..Default::default()
        };
        let answer = self.client.clone().create_record(self.request(request)).await;
        done(answer, |answer| answer.record.unwrap())
    }

    /// Metadata of a record.
    pub(crate) async fn get(&self, name: &str) -> Result<Done, Failed> {
        let answer = self
            .client
            .clone()
            .get_record(self.request(GetRecordRequest { name: name.into(), ..Default::default() }))
            .await;
        done(answer, |answer| answer.record.unwrap())
    }

    /// All values of a record.
    pub(crate) async fn reveal(&self, name: &str) -> Result<Done, Failed> {
        let request = RevealRecordRequest {
            name: name.into(),
            view: View::Full.into(),
            purpose: "treatment".into(),
            ..Default::default()
        };
        let answer = self.client.clone().reveal_record(self.request(request)).await;
        done(answer, |answer| answer.record.unwrap())
    }

    /// Replaces all values.
    pub(crate) async fn replace(&self, name: &str, etag: &str, values: &Values) -> Result<Done, Failed> {
        self.update(name, etag, values, vec!["*".to_owned()]).await
    }

    /// Replaces one value and keeps the others; without an etag, whatever the revision is.
    pub(crate) async fn set(&self, name: &str, etag: &str, field: &str, value: &str) -> Result<Done, Failed> {
        let values = Values::from([(field.to_owned(), value.to_owned())]);
        self.update(name, etag, &values, vec![field.to_owned()]).await
    }

    async fn update(&self, name: &str, etag: &str, values: &Values, fields_of: Vec<String>) -> Result<Done, Failed> {
        let record =
            Record { name: name.into(), etag: etag.into(), fields: Some(fields(values)), ..Default::default() };
        let request = UpdateRecordRequest { record: Some(record), update_fields: fields_of, ..Default::default() };
        let answer = self.client.clone().update_record(self.request(request)).await;
        done(answer, |answer| answer.record.unwrap())
    }

    /// Deletes a record at a revision.
    pub(crate) async fn delete(&self, name: &str, etag: &str) -> Result<Done, Failed> {
        let request = DeleteRecordRequest { name: name.into(), etag: etag.into(), ..Default::default() };
        let answer = self.client.clone().delete_record(self.request(request)).await;
        done(answer, |_| Record::default())
    }
}

fn done<T>(answer: Result<Response<T>, Status>, record: impl FnOnce(T) -> Record) -> Result<Done, Failed> {
    let answer = answer.map_err(|status| Failed::of(&status))?;
    let event_id = event_id(answer.metadata());
    let Record { revision, etag, fields, key_version, .. } = record(answer.into_inner());
    Ok(Done { revision: revision.unwrap_or_default(), etag, values: values(fields), key_version, event_id })
}

fn event_id(metadata: &MetadataMap) -> Option<String> {
    metadata.get("strongroom-event-id").map(|id| id.to_str().unwrap().to_owned())
}

fn fields(values: &Values) -> EncodedStruct {
    let value = |text: &String| Value { kind: Some(Kind::StringValue(text.clone())) };
    Struct { fields: values.iter().map(|(name, text)| (name.clone(), value(text))).collect() }.into()
}

fn values(fields: Option<EncodedStruct>) -> Values {
    let text = |value: Value| match value.kind {
        Some(Kind::StringValue(text)) => text,
        other => format!("{other:?}"),
    };
    let fields = fields.unwrap_or_default().to_struct().unwrap().fields;
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}
