//! Every method as a short call, and refusals as they can be compared.

use api::EncodedStruct;
use api::vault::v1::collection_service_client::CollectionServiceClient;
use api::vault::v1::record_service_client::RecordServiceClient;
use api::vault::v1::tenant_service_client::TenantServiceClient;
use api::vault::v1::{
    BatchCreateRecordsRequest, BatchRevealRecordsRequest, Collection, CreateCollectionRequest, CreateRecordRequest,
    CreateTenantRequest, DeleteRecordRequest, GetRecordRequest, Record, RevealRecordRequest, RevealRecordResult,
    Tenant, UpdateRecordRequest, View, reveal_record_result,
};
use rpc::{Channel, StatusDetails, status_of_item};
use serde_json::Value;
use tonic::{Code, Status};

use super::fields;

pub(crate) const PATIENTS: &str = "tenants/acme/collections/patients";

#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) tenants: TenantServiceClient<Channel>,
    pub(crate) collections: CollectionServiceClient<Channel>,
    pub(crate) records: RecordServiceClient<Channel>,
}

/// Code and reason of a refusal, and the fields that it names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: Code,
    pub(crate) reason: String,
    pub(crate) fields: Vec<String>,
}

impl Refused {
    pub(crate) fn with(code: Code, reason: &str, fields: &[&str]) -> Self {
        Self { code, reason: reason.to_owned(), fields: fields.iter().map(|&field| field.to_owned()).collect() }
    }

    /// What is stored does not open in its place.
    pub(crate) fn does_not_open() -> Self {
        Self::with(Code::DataLoss, "AAD_MISMATCH", &[])
    }

    /// A wrapped key names a key version that there is not.
    pub(crate) fn version_unknown() -> Self {
        Self::with(Code::FailedPrecondition, "KEY_VERSION_UNKNOWN", &[])
    }
}

/// The refusal in a result.
pub(crate) fn refused<T>(result: Result<T, Status>) -> Refused {
    let Err(status) = result else { panic!("the call was not refused") };
    let details = StatusDetails::of(&status);
    let fields = details.violations.into_iter().map(|(field, _)| field).collect();
    Refused { code: details.code, reason: details.reason, fields }
}

/// Code and reason of a refusal.
pub(crate) fn reason_of<T>(result: Result<T, Status>) -> (Code, String) {
    let refused = refused(result);
    (refused.code, refused.reason)
}

impl Calls {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            tenants: TenantServiceClient::new(channel.clone()),
            collections: CollectionServiceClient::new(channel.clone()),
            records: RecordServiceClient::new(channel),
        }
    }

    pub(crate) async fn create_tenant(&mut self, id: &str) -> Result<Tenant, Status> {
        let request = CreateTenantRequest { tenant_id: id.to_owned(), ..Default::default() };
        Ok(self.tenants.create_tenant(request).await?.into_inner().tenant.unwrap())
    }

    pub(crate) async fn create_collection(&mut self, parent: &str, id: &str) -> Result<Collection, Status> {
        self.create_collection_with(parent, id, Collection::default()).await
    }

    pub(crate) async fn create_collection_with(
        &mut self,
        parent: &str,
        id: &str,
        collection: Collection,
    ) -> Result<Collection, Status> {
        let request = CreateCollectionRequest {
            parent: parent.to_owned(),
            collection_id: id.to_owned(),
            collection: Some(collection),
            request_id: String::new(),
            ..Default::default()
        };
        Ok(self.collections.create_collection(request).await?.into_inner().collection.unwrap())
    }

    /// Creates a patient.
    pub(crate) async fn create(&mut self, id: &str, json: &Value) -> Result<Record, Status> {
        self.create_record(new_record(id, json)).await
    }

    pub(crate) async fn create_record(&mut self, request: CreateRecordRequest) -> Result<Record, Status> {
        Ok(self.records.create_record(request).await?.into_inner().record.unwrap())
    }

    pub(crate) async fn batch_create(&mut self, requests: Vec<CreateRecordRequest>) -> Result<Vec<Record>, Status> {
        let parent = PATIENTS.to_owned();
        let request = BatchCreateRecordsRequest { parent, requests, request_id: String::new(), ..Default::default() };
        Ok(self.records.batch_create_records(request).await?.into_inner().records)
    }

    pub(crate) async fn get(&mut self, id: &str) -> Result<Record, Status> {
        let request = GetRecordRequest { name: name(id), ..Default::default() };
        Ok(self.records.get_record(request).await?.into_inner().record.unwrap())
    }

    /// Reveals all of a patient.
    pub(crate) async fn reveal(&mut self, id: &str) -> Result<EncodedStruct, Status> {
        Ok(self.reveal_record(reveal_request(id)).await?.fields.unwrap())
    }

    pub(crate) async fn reveal_record(&mut self, request: RevealRecordRequest) -> Result<Record, Status> {
        Ok(self.records.reveal_record(request).await?.into_inner().record.unwrap())
    }

    /// Reveals patients in one call: what became of each.
    pub(crate) async fn batch_reveal(
        &mut self,
        requests: Vec<RevealRecordRequest>,
    ) -> Result<Vec<Result<Record, Status>>, Status> {
        let request = BatchRevealRecordsRequest { parent: PATIENTS.to_owned(), requests, ..Default::default() };
        let results = self.records.batch_reveal_records(request).await?.into_inner().results;
        let result = |one: RevealRecordResult| match one.result.unwrap() {
            reveal_record_result::Result::Record(record) => Ok(record),
            reveal_record_result::Result::Error(status) => Err(status_of_item(status)),
        };
        Ok(results.into_iter().map(result).collect())
    }

    /// Updates a patient: `update_fields`, or everything.
    pub(crate) async fn update(&mut self, id: &str, update_fields: &[&str], json: &Value) -> Result<Record, Status> {
        self.update_record(update_request(id, update_fields, json)).await
    }

    pub(crate) async fn update_record(&mut self, request: UpdateRecordRequest) -> Result<Record, Status> {
        Ok(self.records.update_record(request).await?.into_inner().record.unwrap())
    }

    pub(crate) async fn delete(&mut self, id: &str, etag: &str) -> Result<(), Status> {
        let request = DeleteRecordRequest { name: name(id), etag: etag.to_owned(), ..Default::default() };
        self.records.delete_record(request).await.map(drop)
    }
}

/// The name of a patient.
pub(crate) fn name(id: &str) -> String {
    format!("{PATIENTS}/records/{id}")
}

pub(crate) fn new_record(id: &str, json: &Value) -> CreateRecordRequest {
    CreateRecordRequest {
        parent: PATIENTS.to_owned(),
        record_id: id.to_owned(),
        record: Some(Record { fields: Some(fields(json)), ..Record::default() }),
        request_id: String::new(),
        ..Default::default()
    }
}

pub(crate) fn reveal_request(id: &str) -> RevealRecordRequest {
    let (name, view, purpose) = (name(id), View::Full.into(), "treatment".to_owned());
    RevealRecordRequest { name, view, purpose, ..RevealRecordRequest::default() }
}

pub(crate) fn update_request(id: &str, update_fields: &[&str], json: &Value) -> UpdateRecordRequest {
    UpdateRecordRequest {
        record: Some(Record { name: name(id), fields: Some(fields(json)), ..Record::default() }),
        update_fields: update_fields.iter().map(|&field| field.to_owned()).collect(),
        ..Default::default()
    }
}
