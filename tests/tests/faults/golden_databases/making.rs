//! Makes the golden databases: two tenants and a third, their keys rotated, records of every kind, logs of every state.

use std::collections::BTreeMap;

use api::audit::v1::{AppendEventsRequest, VerifyLogRequest};
use api::key::v1::{GetHeadRequest, RotateKeyRequest};
use api::vault::v1::{
    BatchCreateRecordsRequest, Classification, Collection, CreateCollectionRequest, CreateRecordRequest,
    CreateTenantRequest, CreateTenantResponse, DeleteRecordRequest, FieldPolicy, JsonType, Record, Tenant, Treatment,
    UpdateRecordRequest,
};
use bytes::Bytes;
use prost::Message;
use serde_json::{Value as Json, json};
use stack::raw::Raw;
use stack::{Service, processes};
use test_support::postgres::Binaries;
use tonic::Request;
use uuid::Uuid;

use super::expected::{self, Expected, KeptLog, Remembered, Waiting, said, shown};
use super::scenes::{self, FORKED_LOG, LOST_LOG, NEVER_LOG};
use super::{records_open, reveal};
use crate::support::checks::{all_delivered, verify_as};
use crate::support::eventually;
use crate::support::json::{doubles, fields};
use crate::support::world::{COLLECTION, LOG, SYSTEM_LOG, World};

/// When records expire that do: 2096-10-02.
const LATE: i64 = 4_000_000_000;
const RECORDS: &str = "/strongroom.vault.v1.RecordService/";
/// Largest of the padded lengths that are all there, and of the requests that are noted, in bytes.
const LARGEST_STEP: usize = 4096;

/// Sends a message to the service that has the RPC, as who may call it, and returns the answer, both encoded.
pub(super) async fn send(world: &World, path: &str, request: &[u8]) -> Vec<u8> {
    let (caller, instance) = match path {
        _ if path.contains(".key.v1.") => ("operator", "key"),
        _ if path.starts_with(RECORDS) => ("app", "vault"),
        _ => ("operator", "vault"),
    };
    let mut grpc = tonic::client::Grpc::new(world.channel(caller, instance).unwrap());
    grpc.ready().await.unwrap();
    let request = Request::new(vec![Bytes::copy_from_slice(request)]);
    let answer = grpc.unary(request, path.parse().unwrap(), Raw).await;
    answer.unwrap_or_else(|refused| panic!("{path}: {refused:?}")).into_inner().to_vec()
}

/// What is made, and what it must show.
#[derive(Debug)]
struct Making {
    world: World,
    expected: Expected,
    /// Values of each record, as they were given.
    given: BTreeMap<String, Json>,
}

/// A record that is wanted.
fn record(values: &Json, subject: &str) -> Record {
    let expire_time = (!subject.is_empty()).then_some(prost_types::Timestamp { seconds: LATE, nanos: 123_456_000 });
    Record { fields: Some(fields(values)), subject: subject.into(), expire_time, ..Default::default() }
}

fn new_request_id() -> String {
    clock::uuid_v7(&clock::SystemClock).to_string()
}

impl Making {
    /// Does a request that carries a request id, and notes it with its answer, unless it is large.
    async fn done(&mut self, path: &str, request: &impl Message) -> Vec<u8> {
        let (path, request) = (path.to_owned(), request.encode_to_vec());
        let answer = send(&self.world, &path, &request).await;
        if request.len() <= LARGEST_STEP {
            self.expected.remembered.push(Remembered { path, request, answer: answer.clone() });
        }
        answer
    }

    async fn create(&mut self, name: &str, values: &Json, subject: &str) {
        let (parent, id) = name.split_once("/records/").unwrap();
        let (parent, record_id, record) = (parent.to_owned(), id.to_owned(), Some(record(values, subject)));
        let request =
            CreateRecordRequest { parent, record_id, record, request_id: new_request_id(), ..Default::default() };
        self.done(&format!("{RECORDS}CreateRecord"), &request).await;
        self.given.insert(name.to_owned(), values.clone());
    }

    async fn create_two(&mut self, parent: &str) {
        let values = json!({"of": "a batch"});
        let one = |id: &str| CreateRecordRequest {
            record_id: id.into(),
            record: Some(record(&values, "")),
            ..Default::default()
        };
        let (parent, requests) = (parent.to_owned(), vec![one("batch-1"), one("batch-2")]);
        let request =
            BatchCreateRecordsRequest { parent, requests, request_id: new_request_id(), ..Default::default() };
        self.done(&format!("{RECORDS}BatchCreateRecords"), &request).await;
        for id in ["batch-1", "batch-2"] {
            self.given.insert(format!("{}/records/{id}", request.parent), values.clone());
        }
    }

    async fn set(&mut self, name: &str, field: &str, value: Json) {
        let values = json!({field: value.clone()});
        let record = Record { name: name.into(), fields: Some(fields(&values)), ..Default::default() };
        let request = UpdateRecordRequest { record: Some(record), request_id: new_request_id(), ..Default::default() };
        self.done(&format!("{RECORDS}UpdateRecord"), &request).await;
        self.given.get_mut(name).unwrap()[field] = value;
    }

    async fn delete(&mut self, name: &str) {
        let request = DeleteRecordRequest { name: name.into(), request_id: new_request_id(), ..Default::default() };
        self.done(&format!("{RECORDS}DeleteRecord"), &request).await;
        self.given.remove(name);
        self.expected.deleted.push(name.to_owned());
    }

    /// A tenant with a collection; the tenant's key.
    async fn tenant(&mut self, tenant_id: &str) -> String {
        let tenant = Some(Tenant { display_name: format!("{tenant_id} – 'Größe'"), ..Default::default() });
        let (tenant_id, request_id) = (tenant_id.to_owned(), new_request_id());
        let request = CreateTenantRequest { tenant_id, tenant, request_id, ..Default::default() };
        let answer = self.done("/strongroom.vault.v1.TenantService/CreateTenant", &request).await;
        let policy = |field: &str, classification: Classification| FieldPolicy {
            field: field.into(),
            classification: classification.into(),
            ..Default::default()
        };
        let field_policies = vec![
            FieldPolicy {
                required: true,
                json_type: JsonType::String.into(),
                max_size: 64,
                ..policy("name", Classification::Phi)
            },
            FieldPolicy { treatment: Treatment::NeverStore.into(), ..policy("cvv", Classification::Pci) },
            FieldPolicy { treatment: Treatment::Encrypt.into(), ..policy("nickname", Classification::None) },
        ];
        let purposes = vec!["treatment".to_owned(), "research".to_owned()];
        for (id, collection) in [
            ("patients", Collection::default()),
            ("staff", Collection { field_policies, purposes, ..Default::default() }),
        ] {
            let (parent, collection_id) = (format!("tenants/{}", request.tenant_id), id.to_owned());
            let (collection, request_id) = (Some(collection), new_request_id());
            let request =
                CreateCollectionRequest { parent, collection_id, collection, request_id, ..Default::default() };
            self.done("/strongroom.vault.v1.CollectionService/CreateCollection", &request).await;
        }
        format!("keys/{}", CreateTenantResponse::decode(answer.as_slice()).unwrap().tenant.unwrap().uid)
    }

    async fn rotate(&mut self, key: &str) {
        let request = RotateKeyRequest { name: key.into(), request_id: new_request_id(), ..Default::default() };
        self.done("/strongroom.key.v1.KeyService/RotateKey", &request).await;
    }

    /// Until new revisions of a record are wrapped under a version.
    async fn in_use(&mut self, name: &str, version: &str) {
        eventually("the new version in use", async || {
            self.set(name, "version", json!(version)).await;
            let record = reveal(&self.world, name).await.unwrap();
            record.key_version.ends_with(&format!("/versions/{version}")).then_some(())
        })
        .await;
    }

    fn stop(&mut self, instance: &str) {
        tokio::task::block_in_place(|| self.world.terminate(instance)).unwrap();
    }

    /// `key-service restored`, as after a restore: from here on versions have numbers beyond 1,000.
    async fn pass_over_versions(&mut self) {
        self.stop("key");
        let config = self.world.config("key").display().to_string();
        println!("{}", self.world.run(Service::Key, &["restored", "--config", &config]).unwrap());
        self.world.start_again("key").await;
    }
}

/// A field for each padded length up to [`LARGEST_STEP`] whose JSON fills it, and one whose JSON has a byte more.
fn padded() -> Json {
    let steps = (1..=16).map(|step| step * 32);
    let doubled = [512, 1024, 2048].into_iter().flat_map(|from| (1..=8).map(move |step| from + step * from / 8));
    let lengths = steps.chain(doubled).filter(|length| *length <= LARGEST_STEP);
    // Two of the bytes are quotation marks.
    let field = |length: usize| (format!("bytes-{length}"), Json::from("x".repeat(length - 2)));
    Json::Object(lengths.flat_map(|length| [field(length), field(length + 1)]).collect())
}

/// A field of each kind of JSON.
fn kinds() -> Json {
    json!({
        "name": "Ada Lovelace", "empty": "", "blanks": "ends with blanks   ", "escapes": "\"\\\u{8}\u{c}\n\r\t\u{1}/",
        "unicode": "Grüße, 漢字, עברית, 🩺, e\u{301}", "yes": true, "no": false, "null": null, "zero": 0, "minus-zero": -0.0,
        "integer": 9_007_199_254_740_991_i64, "negative": -273.15, "small": 5e-324, "third": 1.0 / 3.0,
        "nothing": {}, "none": [], "list": [1, "two", null, [true, {"three": 3}]],
        "object": {"a": {"b": {"c": [{"d": "deep"}]}}, "naïve": "field"}, "größe": "170 cm"
    })
}

impl Making {
    /// Everything that lies in the vault, under three versions of a tenant's key.
    async fn fill(&mut self) {
        let name = |id: &str| format!("{COLLECTION}/records/{id}");
        let acme = self.tenant("acme").await;
        self.create(&name("padded"), &padded(), "").await;
        self.create(&name("large"), &json!({"text": "y".repeat(60_000)}), "").await;
        self.create(&name("kinds"), &kinds(), "patient-1").await;
        self.create(&name("updated"), &json!({"kept": "since the first", "version": "1"}), "patient-1").await;
        self.create(&name("old"), &json!({"kept": "as it was made"}), "").await;
        self.create_two(COLLECTION).await;
        for id in ["gone", "again"] {
            self.create(&name(id), &json!({"life": "first"}), "patient-2").await;
            self.delete(&name(id)).await;
        }
        self.create(&name("again"), &json!({"life": "second"}), "patient-2").await;
        self.expected.deleted.retain(|deleted| *deleted != name("again"));
        self.create("tenants/acme/collections/staff/records/1", &json!({"name": "Bob", "nickname": "B"}), "s-1").await;
        self.rotate(&acme).await;
        self.in_use(&name("updated"), "2").await;
        self.create(&name("second"), &json!({"made": "under the second"}), "patient-3").await;
        self.rotate("keys/vault-service").await;
        self.rotate("keys/audit-mac").await;
        self.pass_over_versions().await;
        self.rotate(&acme).await;
        self.in_use(&name("updated"), "1002").await;
        self.create(&name("third"), &json!({"made": "behind the gap"}), "patient-1").await;
        self.rotate("keys/audit-mac").await;
        for tenant in ["umbrella", "initech"] {
            self.tenant(tenant).await;
            for id in ["1", "2", "3"] {
                // One by one, so that each is a segment of its own.
                let id = format!("tenants/{tenant}/collections/patients/records/{id}");
                self.create(&id, &json!({"of": tenant}), "patient-1").await;
                all_delivered(&self.world).await;
            }
        }
    }

    /// Brings the logs into their states.
    async fn trouble(&mut self) {
        let record = |tenant: &str, id: &str| format!("tenants/{tenant}/collections/patients/records/{id}");
        all_delivered(&self.world).await;
        self.stop("audit");
        scenes::a_row_of_a_log_that_never_was(&self.world).await;
        let (first, last) = scenes::lose_the_middle(&self.world).await;
        self.world.start_again("audit").await;
        scenes::declare_the_loss(&self.world, first, last).await;
        scenes::the_row_goes_again(&self.world).await;
        self.create(&record("initech", "after-the-loss"), &json!({"of": "initech"}), "").await;
        scenes::set_ahead(&self.world, LOG).await;
        self.create(&record("acme", "while-ahead"), &json!({"of": "acme"}), "").await;
        scenes::mend_size(&self.world, LOG).await;
        all_delivered(&self.world).await;
        scenes::forge_outbox_rows(&self.world, LOG).await;
        scenes::fork(&self.world).await;
        self.create(&record("umbrella", "while-forked"), &json!({"of": "umbrella"}), "").await;
        scenes::is_forked(&self.world).await;
    }

    /// What the logs are, and what verification says of them.
    async fn note_logs(&mut self) {
        for log in [LOG, FORKED_LOG, LOST_LOG, NEVER_LOG, SYSTEM_LOG] {
            let report = verify_as(&self.world, VerifyLogRequest { name: log.into(), ..Default::default() }).await;
            println!("{log}: {report:?}");
            let head = self.world.signer().get_head(GetHeadRequest { log: log.into() }).await;
            let head = head.map(|answer| answer.into_inner().head.unwrap()).unwrap_or_default();
            let kept = KeptLog { size: head.size, head: head.head, report: said(&report) };
            self.expected.logs.insert(log.to_owned(), kept);
        }
    }

    /// What the records are: all that was given, and what the service says beside it.
    async fn note_records(&mut self) {
        for (name, given) in &self.given {
            let record = shown(&reveal(&self.world, name).await.unwrap());
            assert_eq!(record["fields"], doubles(given), "{name}");
            self.expected.records.insert(name.clone(), record);
        }
        records_open(&self.world, &self.expected).await;
    }

    /// What waits in the outboxes and what was set aside, with nobody there who could deliver it.
    async fn note_outboxes(&mut self) {
        for service in [Service::Vault, Service::Key] {
            let session = self.world.sql(service).await.unwrap();
            for row in session.query("SELECT log_name, events FROM audit_outbox", &[]).await.unwrap() {
                let log: String = row.get(0);
                for event in AppendEventsRequest::decode(row.get::<_, &[u8]>(1)).unwrap().events {
                    let event_id = Uuid::from_slice(&event.event_id).unwrap().to_string();
                    self.expected.waiting.push(Waiting { log: log.clone(), event_id });
                }
            }
            let count = self.world.count(service, "SELECT count(*) FROM audit_outbox_refused").await;
            self.expected.refused.insert(service.short().to_owned(), count);
        }
        for log in [LOG, FORKED_LOG, SYSTEM_LOG] {
            assert!(self.expected.waiting.iter().any(|waiting| waiting.log == log), "nothing waits for {log}");
        }
    }
}

fn dump(world: &World, service: Service) -> String {
    let program = Binaries::find().unwrap().program("pg_dump");
    let url = format!("--dbname={}", world.database_url(service).unwrap());
    processes::run(&program, &["--inserts", &url], world.directory(), None).unwrap()
}

/// Makes all of it.
pub(super) async fn make() {
    let world = World::bare(|_| ()).await;
    let mut making = Making { world, expected: Expected::default(), given: BTreeMap::new() };
    making.fill().await;
    making.trouble().await;
    making.note_logs().await;
    making.stop("audit");
    making.create("tenants/acme/collections/patients/records/last", &json!({"while": "nobody listens"}), "").await;
    making.note_records().await;
    making.stop("vault");
    making.stop("key");
    making.note_outboxes().await;
    let dumps = Service::ALL.map(|service| (service, dump(&making.world, service))).into();
    expected::write(making.world.directory(), &dumps, &making.expected);
}
