//! A good request for every RPC, sent by a caller who may: what is denied or spoilt is one of these.

use api::audit::v1 as audit;
use api::key::v1 as key;
use api::vault::v1 as vault;
use bytes::Bytes;
use prost::Message;
use serde_json::json;
use stack::Service;

use super::entries::{all_delivered, log_id};
use super::json::fields;
use super::places::{Place, unique, uuid};
use super::stacks::World;

/// A good request for one RPC.
#[derive(Clone, Debug)]
pub(crate) struct Specimen {
    /// Path of the RPC.
    pub(crate) path: &'static str,
    /// What sets it apart from another specimen for the same RPC; empty for the usual one.
    pub(crate) variant: &'static str,
    /// A caller who may.
    pub(crate) holder: &'static str,
    /// The request.
    pub(crate) message: Vec<u8>,
    /// Paths of the fields that name existing resources.
    pub(crate) names: &'static [&'static str],
    /// Paths of ids that the caller chooses.
    pub(crate) ids: &'static [&'static str],
    /// Whether a name of nothing that exists is good input too.
    pub(crate) creates_what_it_names: bool,
}

/// What the good requests are about.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) place: Place,
    key: String,
    wrapped: Wrapped,
    head: key::Head,
    entry_mac: Vec<u8>,
}

#[derive(Debug)]
struct Wrapped {
    context: Vec<Bytes>,
    bytes: Bytes,
}

impl Fixture {
    /// A tenant with a collection and a few records, a key, a wrapped data key, a log with entries.
    pub(crate) async fn new(world: &World) -> Self {
        let place = Place::new(world).await;
        for id in ["p-1", "p-2", "p-3"] {
            place.create(id, &json!({"name": "Ada"})).await;
        }
        let request = key::CreateKeyRequest {
            key_id: unique("k"),
            key: Some(key::Key { purpose: key::KeyPurpose::Wrap.into(), ..Default::default() }),
            request_id: String::new(),
            ..Default::default()
        };
        let key = place.operator.keys().create_key(request).await.unwrap().into_inner().key.unwrap().name;
        let vault_service = world.caller("vault-service");
        let context = api::context_entries([("what", "specimen")]);
        let request = key::GenerateDataKeyRequest {
            key: key.clone(),
            subject: String::new(),
            context: context.clone(),
            ..Default::default()
        };
        let bytes = vault_service.data_keys().generate_data_key(request).await.unwrap().into_inner().wrapped_key;
        all_delivered(world).await;
        let request = key::GetHeadRequest { log: place.log() };
        let head = world.caller("auditor").signer().get_head(request).await.unwrap().into_inner().head.unwrap();
        let sql = "SELECT mac FROM entries WHERE log_id = $1 ORDER BY entry_index DESC LIMIT 1";
        let last = world.sql(Service::Audit).await.row(sql, &[&log_id(&place.log())]).await;
        let entry_mac = last.get(0);
        Self { place, key, wrapped: Wrapped { context, bytes: bytes.into() }, head, entry_mac }
    }

    /// What the good requests are about lies below these.
    pub(crate) fn scopes(&self) -> [String; 3] {
        [self.place.tenant.name.clone(), self.place.log(), self.key.clone()]
    }

    /// The specimens, in the order of their paths; those that destroy come last for their RPC.
    pub(crate) fn specimens(&self) -> Vec<Specimen> {
        let mut all = self.of_audit();
        all.extend(self.of_keys());
        all.extend(self.of_data_keys());
        all.extend(self.of_signer());
        all.extend(self.of_tenants_and_collections());
        all.extend(self.of_records());
        all.sort_by_key(|specimen| (specimen.path, specimen.variant));
        all
    }

    fn of_audit(&self) -> Vec<Specimen> {
        let log = self.place.log();
        let entry = format!("{log}/entries/0");
        let get_log = |name: &str| audit::GetLogRequest { name: name.into(), ..audit::GetLogRequest::default() };
        let get_entry = |name: &str| audit::GetEntryRequest { name: name.into(), ..audit::GetEntryRequest::default() };
        let list = |parent: &str| audit::ListEntriesRequest { parent: parent.into(), ..Default::default() };
        let verify = |name: &str| audit::VerifyLogRequest { name: name.into(), ..Default::default() };
        let events = audit::AppendEventsRequest { events: vec![event(&log)] };
        let system = "logs/system";
        vec![
            access("/strongroom.audit.v1.AccessService/WhoAmI", &audit::WhoAmIRequest {}),
            access("/strongroom.audit.v1.AccessService/TestPermissions", &audit::TestPermissionsRequest::default()),
            specimen("/strongroom.audit.v1.IngestService/AppendEvents", "vault-service", &events),
            specimen("/strongroom.audit.v1.LogService/GetEntry", "auditor", &get_entry(&entry)).naming(&["name"]),
            specimen("/strongroom.audit.v1.LogService/GetEntry", "operator", &get_entry("logs/system/entries/0"))
                .variant(system),
            specimen("/strongroom.audit.v1.LogService/GetLog", "auditor", &get_log(&log)).naming(&["name"]),
            specimen("/strongroom.audit.v1.LogService/GetLog", "operator", &get_log(system)).variant(system),
            specimen("/strongroom.audit.v1.LogService/ListEntries", "auditor", &list(&log)).naming(&["parent"]),
            specimen("/strongroom.audit.v1.LogService/ListEntries", "operator", &list(system)).variant(system),
            specimen("/strongroom.audit.v1.LogService/ListLogs", "auditor", &audit::ListLogsRequest::default()),
            specimen("/strongroom.audit.v1.LogService/VerifyLog", "auditor", &verify(&log)).naming(&["name"]),
            specimen("/strongroom.audit.v1.LogService/VerifyLog", "operator", &verify(system)).variant(system),
        ]
    }

    fn of_keys(&self) -> Vec<Specimen> {
        let name = || self.key.clone();
        let version = format!("{}/versions/1", self.key);
        let wrap = key::Key { purpose: key::KeyPurpose::Wrap.into(), ..Default::default() };
        let create = key::CreateKeyRequest {
            key_id: unique("k"),
            key: Some(wrap),
            request_id: String::new(),
            ..Default::default()
        };
        let list_versions = key::ListKeyVersionsRequest { parent: name(), ..Default::default() };
        let rotate = key::RotateKeyRequest { name: name(), etag: String::new(), ..Default::default() };
        let get_version = key::GetKeyVersionRequest { name: version, ..Default::default() };
        vec![
            access("/strongroom.key.v1.AccessService/WhoAmI", &key::WhoAmIRequest {}),
            access("/strongroom.key.v1.AccessService/TestPermissions", &key::TestPermissionsRequest::default()),
            specimen("/strongroom.key.v1.KeyService/CreateKey", "operator", &create).choosing(&["key_id"]),
            specimen(
                "/strongroom.key.v1.KeyService/GetKey",
                "operator",
                &key::GetKeyRequest { name: name(), ..Default::default() },
            )
            .naming(&["name"]),
            specimen("/strongroom.key.v1.KeyService/GetKeyVersion", "operator", &get_version).naming(&["name"]),
            specimen("/strongroom.key.v1.KeyService/ListKeyVersions", "operator", &list_versions).naming(&["parent"]),
            specimen("/strongroom.key.v1.KeyService/ListKeys", "operator", &key::ListKeysRequest::default()),
            specimen("/strongroom.key.v1.KeyService/RotateKey", "operator", &rotate).naming(&["name"]),
            specimen("/strongroom.key.v1.SealService/GetSealStatus", "operator", &key::GetSealStatusRequest::default()),
        ]
    }

    fn of_data_keys(&self) -> Vec<Specimen> {
        let context = || self.wrapped.context.clone();
        let (name, subject) = (|| self.key.clone(), String::new);
        let generate =
            key::GenerateDataKeyRequest { key: name(), subject: subject(), context: context(), ..Default::default() };
        let wrapped_key = || self.wrapped.bytes.clone();
        let unwrap = key::UnwrapDataKeyRequest {
            key: name(),
            subject: subject(),
            context: context(),
            wrapped_key: wrapped_key(),
            ..Default::default()
        };
        let rewrap = key::RewrapDataKeyRequest {
            key: name(),
            subject: subject(),
            context: context(),
            wrapped_key: wrapped_key(),
            ..Default::default()
        };
        let generates = key::BatchGenerateDataKeysRequest { requests: vec![generate.clone()], ..Default::default() };
        let unwraps = key::BatchUnwrapDataKeysRequest { requests: vec![unwrap.clone()], ..Default::default() };
        let rewraps = key::BatchRewrapDataKeysRequest { requests: vec![rewrap.clone()], ..Default::default() };
        let provision = key::ProvisionTenantKeyRequest { tenant_uid: uuid(), ..Default::default() };
        let (one, batch) = (&["key"], &["requests[0].key"]);
        let holder = "vault-service";
        vec![
            specimen("/strongroom.key.v1.DataKeyService/BatchGenerateDataKeys", holder, &generates).naming(batch),
            specimen("/strongroom.key.v1.DataKeyService/BatchRewrapDataKeys", holder, &rewraps).naming(batch),
            specimen("/strongroom.key.v1.DataKeyService/BatchUnwrapDataKeys", holder, &unwraps).naming(batch),
            specimen("/strongroom.key.v1.DataKeyService/GenerateDataKey", holder, &generate).naming(one),
            specimen(
                "/strongroom.key.v1.DataKeyService/ListKeyChanges",
                holder,
                &key::ListKeyChangesRequest::default(),
            ),
            specimen("/strongroom.key.v1.DataKeyService/ProvisionTenantKey", holder, &provision),
            specimen("/strongroom.key.v1.DataKeyService/RewrapDataKey", holder, &rewrap).naming(one),
            specimen("/strongroom.key.v1.DataKeyService/UnwrapDataKey", holder, &unwrap).naming(one),
        ]
    }

    fn of_signer(&self) -> Vec<Specimen> {
        let log = || self.place.log();
        let size = self.head.size.unwrap();
        let verify = key::VerifyMacsRequest {
            log: log(),
            indices: vec![size - 1],
            heads: self.head.head.clone(),
            macs: self.entry_mac.clone(),
        };
        let probe = key::Segment {
            log: log(),
            first_index: Some(size),
            previous_head: self.head.head.clone(),
            entries: Vec::new(),
        };
        let seal = key::SealBatchRequest { segments: vec![probe], ..Default::default() };
        let acknowledge = key::AcknowledgeRequest {
            logs: vec![key::Acknowledgement {
                log: log(),
                size: Some(0),
                head: self.head.head.clone(),
                alarms_raised: None,
            }],
        };
        let advance =
            key::AdvanceHeadRequest { log: log(), snapshot: vec![0].into(), from_size: Some(0), ..Default::default() };
        let alarm_ids = vec![uuid::Uuid::from_u128(1).to_string()];
        let close = key::CloseAlarmRequest { log: log(), alarm_ids: alarm_ids.clone(), ..Default::default() };
        let loss =
            key::DeclareLossRequest { log: log(), alarm_ids, reference: "ticket-1".into(), ..Default::default() };
        let get = key::GetHeadRequest { log: log() };
        let names = &["log"];
        vec![
            specimen("/strongroom.key.v1.SignerService/Acknowledge", "audit-service", &acknowledge)
                .naming(&["logs[0].log"])
                .creating(),
            specimen("/strongroom.key.v1.SignerService/AdvanceHead", "operator", &advance).naming(names).creating(),
            specimen("/strongroom.key.v1.SignerService/CloseAlarm", "operator", &close).naming(names),
            specimen("/strongroom.key.v1.SignerService/DeclareLoss", "operator", &loss).naming(names),
            specimen("/strongroom.key.v1.SignerService/GetHead", "auditor", &get).naming(names),
            specimen("/strongroom.key.v1.SignerService/ListHeads", "auditor", &key::ListHeadsRequest::default()),
            specimen(
                "/strongroom.key.v1.SignerService/ListPublicKeys",
                "auditor",
                &key::ListPublicKeysRequest::default(),
            ),
            specimen("/strongroom.key.v1.SignerService/SealBatch", "audit-service", &seal)
                .naming(&["segments[0].log"])
                .creating(),
            specimen("/strongroom.key.v1.SignerService/VerifyMacs", "auditor", &verify).naming(names).creating(),
        ]
    }

    fn of_tenants_and_collections(&self) -> Vec<Specimen> {
        let tenant = || self.place.tenant.name.clone();
        let create_tenant = vault::CreateTenantRequest { tenant_id: unique("t"), ..Default::default() };
        let get_tenant = vault::GetTenantRequest { name: tenant(), ..Default::default() };
        let create = vault::CreateCollectionRequest {
            parent: tenant(),
            collection_id: unique("c"),
            collection: Some(vault::Collection::default()),
            request_id: String::new(),
            ..Default::default()
        };
        let get = vault::GetCollectionRequest { name: self.place.collection.name.clone(), ..Default::default() };
        let list = vault::ListCollectionsRequest { parent: tenant(), ..Default::default() };
        let list_tenants = vault::ListTenantsRequest::default();
        vec![
            access("/strongroom.vault.v1.AccessService/WhoAmI", &vault::WhoAmIRequest {}),
            access("/strongroom.vault.v1.AccessService/TestPermissions", &vault::TestPermissionsRequest::default()),
            specimen("/strongroom.vault.v1.TenantService/CreateTenant", "operator", &create_tenant)
                .choosing(&["tenant_id"]),
            specimen("/strongroom.vault.v1.TenantService/GetTenant", "operator", &get_tenant).naming(&["name"]),
            specimen("/strongroom.vault.v1.TenantService/ListTenants", "operator", &list_tenants),
            specimen("/strongroom.vault.v1.CollectionService/CreateCollection", "operator", &create)
                .naming(&["parent"])
                .choosing(&["collection_id"]),
            specimen("/strongroom.vault.v1.CollectionService/GetCollection", "operator", &get).naming(&["name"]),
            specimen("/strongroom.vault.v1.CollectionService/ListCollections", "operator", &list).naming(&["parent"]),
        ]
    }

    fn of_records(&self) -> Vec<Specimen> {
        let parent = || self.place.collection.name.clone();
        let name = |id: &str| self.place.record_name(id);
        let create = self.place.creation(&unique("r"), &json!({"name": "Grace"}));
        let creates = vault::BatchCreateRecordsRequest {
            parent: parent(),
            requests: vec![self.place.creation(&unique("r"), &json!({"name": "Grace"}))],
            request_id: String::new(),
            ..Default::default()
        };
        let reveal = self.place.revelation("p-1");
        let reveals =
            vault::BatchRevealRecordsRequest { parent: parent(), requests: vec![reveal.clone()], ..Default::default() };
        let record =
            vault::Record { name: name("p-3"), fields: Some(fields(&json!({"name": "Joan"}))), ..Default::default() };
        let update =
            vault::UpdateRecordRequest { record: Some(record), update_fields: Vec::new(), ..Default::default() };
        let get = vault::GetRecordRequest { name: name("p-1"), ..Default::default() };
        let list = vault::ListRecordsRequest { parent: parent(), ..Default::default() };
        let delete = vault::DeleteRecordRequest { name: name("p-2"), etag: String::new(), ..Default::default() };
        vec![
            specimen("/strongroom.vault.v1.RecordService/BatchCreateRecords", "app", &creates)
                .naming(&["parent"])
                .choosing(&["requests[0].record_id"]),
            specimen("/strongroom.vault.v1.RecordService/BatchRevealRecords", "app", &reveals)
                .naming(&["parent", "requests[0].name"]),
            specimen("/strongroom.vault.v1.RecordService/CreateRecord", "app", &create)
                .naming(&["parent"])
                .choosing(&["record_id"]),
            specimen("/strongroom.vault.v1.RecordService/DeleteRecord", "app", &delete).naming(&["name"]),
            specimen("/strongroom.vault.v1.RecordService/GetRecord", "app", &get).naming(&["name"]),
            specimen("/strongroom.vault.v1.RecordService/ListRecords", "app", &list).naming(&["parent"]),
            specimen("/strongroom.vault.v1.RecordService/RevealRecord", "app", &reveal).naming(&["name"]),
            specimen("/strongroom.vault.v1.RecordService/UpdateRecord", "app", &update).naming(&["record.name"]),
        ]
    }
}

/// An event that a service might report.
pub(crate) fn event(log: &str) -> audit::Event {
    audit::Event {
        event_id: clock::uuid_v7(&clock::SystemClock).as_bytes().to_vec(),
        log: log.into(),
        time_ns: 1,
        actor: "spiffe://strongroom.dev/app".into(),
        action: "records.get".into(),
        resource: log.replace("logs/", "tenants/"),
        outcome: audit::Outcome::Ok.into(),
        ..Default::default()
    }
}

/// Every accepted certificate may ask about itself.
fn access(path: &'static str, message: &impl Message) -> Specimen {
    specimen(path, "stranger", message)
}

fn specimen(path: &'static str, holder: &'static str, message: &impl Message) -> Specimen {
    let message = message.encode_to_vec();
    Specimen { path, variant: "", holder, message, names: &[], ids: &[], creates_what_it_names: false }
}

impl Specimen {
    fn variant(self, variant: &'static str) -> Self {
        Self { variant, ..self }
    }

    fn naming(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    fn choosing(self, ids: &'static [&'static str]) -> Self {
        Self { ids, ..self }
    }

    fn creating(self) -> Self {
        Self { creates_what_it_names: true, ..self }
    }

    /// Its RPC without the leading slash, and what sets it apart.
    pub(crate) fn label(&self) -> String {
        let path = self.path.trim_start_matches("/strongroom.");
        if self.variant.is_empty() { path.to_owned() } else { format!("{path} ({})", self.variant) }
    }
}
