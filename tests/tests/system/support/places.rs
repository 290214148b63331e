//! Tenants and collections of a test's own.

use api::vault::v1::{
    Collection, CreateCollectionRequest, CreateRecordRequest, CreateTenantRequest, FieldPolicy, Record,
    RevealRecordRequest, RevealRecordResult, Tenant, View, reveal_record_result,
};
use serde_json::Value as Json;
use tonic::{Response, Status};

use super::calls::Caller;
use super::json::fields;
use super::stacks::World;

/// A tenant with one collection, and the callers who use it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) tenant: Tenant,
    pub(crate) collection: Collection,
    pub(crate) operator: Caller,
    pub(crate) app: Caller,
}

/// An id that no other test has.
pub(crate) fn unique(prefix: &str) -> String {
    let id = clock::uuid_v7(&clock::SystemClock);
    format!("{prefix}-{}", id.simple().to_string().split_off(12))
}

/// A random UUID in text.
pub(crate) fn uuid() -> String {
    clock::uuid_v7(&clock::SystemClock).to_string()
}

/// What became of one reveal of a batch.
pub(crate) fn revealed(result: RevealRecordResult) -> Result<Record, Status> {
    match result.result.unwrap() {
        reveal_record_result::Result::Record(record) => Ok(record),
        reveal_record_result::Result::Error(status) => Err(rpc::status_of_item(status)),
    }
}

impl Place {
    /// Waits until tenants can be made: every service and every peer of it is there then.
    pub(crate) async fn settled(world: &World) {
        let operator = world.caller("operator");
        super::eventually("a first tenant", async || {
            let request = CreateTenantRequest { tenant_id: unique("first"), ..Default::default() };
            operator.tenants().create_tenant(request).await.ok()
        })
        .await;
    }

    /// A new tenant with a collection that has no policies.
    pub(crate) async fn new(world: &World) -> Self {
        Self::with_policies(world, Vec::new()).await
    }

    /// Id of a new tenant that has nothing.
    pub(crate) async fn without_collection(world: &World) -> String {
        let tenant_id = unique("bare");
        let request = CreateTenantRequest { tenant_id: tenant_id.clone(), ..Default::default() };
        world.caller("operator").tenants().create_tenant(request).await.unwrap();
        tenant_id
    }

    /// A new tenant with a collection that has these policies.
    pub(crate) async fn with_policies(world: &World, field_policies: Vec<FieldPolicy>) -> Self {
        let (operator, app) = (world.caller("operator"), world.caller("app"));
        let request = CreateTenantRequest { tenant_id: unique("t"), ..Default::default() };
        let tenant = operator.tenants().create_tenant(request).await.unwrap().into_inner().tenant.unwrap();
        let request = CreateCollectionRequest {
            parent: tenant.name.clone(),
            collection_id: "patients".into(),
            collection: Some(Collection { field_policies, ..Default::default() }),
            request_id: String::new(),
            ..Default::default()
        };
        let collection = operator.collections().create_collection(request).await.unwrap().into_inner();
        Self { tenant, collection: collection.collection.unwrap(), operator, app }
    }

    /// The same place, with connections of its own.
    pub(crate) fn reconnected(&self, world: &World) -> Self {
        let (operator, app) = (world.caller("operator"), world.caller("app"));
        Self { tenant: self.tenant.clone(), collection: self.collection.clone(), operator, app }
    }

    /// `logs/{tenant}`.
    pub(crate) fn log(&self) -> String {
        self.tenant.name.replace("tenants/", "logs/")
    }

    /// Id of the tenant.
    pub(crate) fn tenant_id(&self) -> &str {
        self.tenant.name.trim_start_matches("tenants/")
    }

    /// Name that a record of the collection has.
    pub(crate) fn record_name(&self, id: &str) -> String {
        format!("{}/records/{id}", self.collection.name)
    }

    /// A request to create a record.
    pub(crate) fn creation(&self, id: &str, json: &Json) -> CreateRecordRequest {
        CreateRecordRequest {
            parent: self.collection.name.clone(),
            record_id: id.into(),
            record: Some(Record { fields: Some(fields(json)), ..Default::default() }),
            request_id: String::new(),
            ..Default::default()
        }
    }

    /// Asks for a record.
    pub(crate) async fn try_create(&self, id: &str, json: &Json) -> Result<Response<Record>, Status> {
        let answer = self.app.records().create_record(self.creation(id, json)).await?;
        Ok(answer.map(|answer| answer.record.unwrap()))
    }

    /// Creates a record.
    pub(crate) async fn create(&self, id: &str, json: &Json) -> Record {
        self.try_create(id, json).await.unwrap().into_inner()
    }

    /// A request to reveal a whole record for treatment.
    pub(crate) fn revelation(&self, id: &str) -> RevealRecordRequest {
        RevealRecordRequest {
            name: self.record_name(id),
            view: View::Full.into(),
            purpose: "treatment".into(),
            ..Default::default()
        }
    }

    /// Asks for the values of a record.
    pub(crate) async fn try_reveal(&self, id: &str) -> Result<Response<Record>, Status> {
        let answer = self.app.records().reveal_record(self.revelation(id)).await?;
        Ok(answer.map(|answer| answer.record.unwrap()))
    }

    /// The values of a record.
    pub(crate) async fn reveal(&self, id: &str) -> Json {
        let record = self.try_reveal(id).await.unwrap().into_inner();
        super::json::json(record.fields.as_ref())
    }
}
