//! Records and policies changed by SQL with all rights: what does not stand where it was sealed never opens.

use api::vault::v1::{
    BatchRevealRecordsRequest, FieldPolicy, GetRecordRequest, Record, RevealRecordRequest, Treatment,
    UpdateRecordRequest,
};
use rpc::StatusDetails;
use serde_json::{Value as Json, json};
use stack::Service;
use test_support::record_changes::{RECORD_CHANGES, RecordChange};
use tlog::Outcome;
use tonic::Code;
use uuid::Uuid;

use crate::support::entries::wait_for;
use crate::support::eventually;
use crate::support::json::{fields, json as json_of};
use crate::support::places::{Place, revealed};
use crate::support::sql::Sql;
use crate::support::stacks::{World, on_shared_stack};

/// Two records of one collection, `a` and `b`, and the database.
struct Scene {
    place: Place,
    sql: Sql,
    tenant: Uuid,
}

/// The columns of `records` that can be written.
const COLUMNS: &str = "tenant_uid, tenant_id, collection_uid, collection_id, record_uid, record_id, revision, subject, \
                       create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields";

/// What the vault says of rows that somebody else has written.
const UNUSABLE: &str = "what is stored cannot be used";

impl Scene {
    async fn set(world: &World) -> Self {
        let place = Place::new(world).await;
        world.journal().announce(&[UNUSABLE, place.tenant_id()]);
        for id in ["a", "b"] {
            let mut request = place.creation(id, &json!({"id": id, "ssn": "123-45-6789"}));
            let record = request.record.as_mut().unwrap();
            record.subject = format!("person-{id}");
            record.expire_time = Some(prost_types::Timestamp { seconds: 4_000_000_000, nanos: 0 });
            place.app.records().create_record(request).await.unwrap();
        }
        let sql = world.sql(Service::Vault).await;
        // Whoever has all rights on the database drops what stands in the way first.
        sql.run("ALTER TABLE records DROP CONSTRAINT IF EXISTS records_record_uid_key").await;
        sql.run("CREATE TABLE IF NOT EXISTS saved_records AS SELECT * FROM records WITH NO DATA").await;
        let tenant = place.tenant.uid.parse().unwrap();
        sql.change("INSERT INTO saved_records SELECT * FROM records WHERE tenant_uid = $1", &[&tenant]).await;
        Self { place, sql, tenant }
    }

    /// Changes the tenant's rows; `$1` is its uid.
    async fn tamper(&self, sql: &str) {
        assert!(self.sql.change(sql, &[&self.tenant]).await > 0, "{sql}");
    }

    async fn restore(&self) {
        self.tamper("DELETE FROM records WHERE tenant_uid = $1").await;
        let back = format!("INSERT INTO records ({COLUMNS}) SELECT {COLUMNS} FROM saved_records WHERE tenant_uid = $1");
        self.tamper(&back).await;
    }

    /// A reveal of the record, and a partial update that would have to open it, are refused with `DATA_LOSS`.
    async fn assert_lost(&self, id: &str, what: &str) {
        let revealed = self.place.try_reveal(id).await;
        assert!(revealed.is_err(), "{what}: revealed");
        self.place.app.refused(revealed, Code::DataLoss, "AAD_MISMATCH");
        let some = RevealRecordRequest { read_fields: vec!["ssn".into()], ..self.place.revelation(id) };
        let some = self.place.app.records().reveal_record(some).await;
        self.place.app.refused(some, Code::DataLoss, "AAD_MISMATCH");
        let updated = self.place.app.records().update_record(self.partial_update(id)).await;
        self.place.app.refused(updated, Code::DataLoss, "AAD_MISMATCH");
    }

    fn partial_update(&self, id: &str) -> UpdateRecordRequest {
        let fields = Some(fields(&json!({"note": "x"})));
        let record = Record { name: self.place.record_name(id), fields, ..Default::default() };
        UpdateRecordRequest { record: Some(record), update_fields: vec!["note".into()], ..Default::default() }
    }
}

/// What else can be done to record `a` where nothing stands in the way; `$1` is its tenant.
const FURTHER: [(&str, &str); 2] = [
    (
        "all of another record but its id",
        "UPDATE records a SET (record_uid, revision, subject, create_time, update_time, expire_time, field_names, \
         wrapped_key, sealed_fields) = (b.record_uid, b.revision, b.subject, b.create_time, b.update_time, \
         b.expire_time, b.field_names, b.wrapped_key, b.sealed_fields) FROM records b \
         WHERE a.tenant_uid = $1 AND b.tenant_uid = $1 AND a.record_id = 'a' AND b.record_id = 'b'",
    ),
    ("no expire_time", "UPDATE records SET expire_time = NULL WHERE tenant_uid = $1 AND record_id = 'a'"),
];

/// A change of record `a`, with `b` beside it; `$1` is their tenant.
fn of_a(change: &RecordChange) -> String {
    let row = |table: &str, id: &str| format!("{table}tenant_uid = $1 AND {table}record_id = '{id}'");
    change.sql(&row("records.", "a"), &row("", "b"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_sql_has_changed_in_any_way_does_not_open_and_opens_again_when_restored() {
    on_shared_stack(async |world| {
        let scene = Scene::set(world).await;
        let changes = RECORD_CHANGES.iter().map(|change| (change.what, of_a(change)));
        let further = FURTHER.map(|(what, sql)| (what, sql.to_owned()));
        for (what, sql) in changes.chain(further) {
            scene.tamper(&sql).await;
            scene.assert_lost("a", what).await;
            scene.restore().await;
            // The control: the same row as it was sealed opens.
            assert_eq!(scene.place.reveal("a").await["id"], json!("a"), "{what}: not restored");
        }
        // Ids are swapped by way of a third one: the primary key is checked row by row.
        for (from, to) in [("a", "c"), ("b", "a"), ("c", "b")] {
            let sql = format!("UPDATE records SET record_id = '{to}' WHERE tenant_uid = $1 AND record_id = '{from}'");
            scene.tamper(&sql).await;
        }
        for id in ["a", "b"] {
            scene.assert_lost(id, "swapped ids").await;
        }
        scene.restore().await;
        // Every refused reveal stands in the log with its reason.
        let audit = world.sql(Service::Audit).await;
        let failed = wait_for(&audit, &scene.place.log(), 2 * (RECORD_CHANGES.len() + FURTHER.len() + 2), |entry| {
            entry.event.action == "records.reveal" && entry.event.outcome == Outcome::FAILED
        })
        .await;
        assert!(failed.iter().all(|entry| entry.attribute("reason") == "AAD_MISMATCH"), "{failed:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_sql_has_moved_to_another_tenant_does_not_open_there() {
    on_shared_stack(async |world| {
        let (scene, thief) = (Scene::set(world).await, Place::new(world).await);
        let (tenant, collection): (Uuid, Uuid) =
            (thief.tenant.uid.parse().unwrap(), thief.collection.uid.parse().unwrap());
        let sql = "INSERT INTO records SELECT $2, $3, $4, collection_id, record_uid, record_id, revision, subject, \
                   create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields \
                   FROM records WHERE tenant_uid = $1";
        world.journal().announce(&[UNUSABLE, thief.tenant_id()]);
        scene.sql.change(sql, &[&scene.tenant, &tenant, &thief.tenant_id(), &collection]).await;
        thief.app.refused(thief.try_reveal("a").await, Code::DataLoss, "AAD_MISMATCH");
        assert_eq!(scene.place.reveal("a").await["id"], json!("a"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_one_changed_record_reveals_the_others() {
    on_shared_stack(async |world| {
        let scene = Scene::set(world).await;
        scene.tamper(&of_a(&RECORD_CHANGES[8])).await;
        let requests = ["b", "a"].map(|id| scene.place.revelation(id)).to_vec();
        let batch =
            BatchRevealRecordsRequest { parent: scene.place.collection.name.clone(), requests, ..Default::default() };
        let answer = scene.place.app.records().batch_reveal_records(batch).await.unwrap();
        let [whole, changed] = <[_; 2]>::try_from(answer.into_inner().results).unwrap().map(revealed);
        assert_eq!(json_of(whole.unwrap().fields.as_ref())["id"], json!("b"));
        let details = StatusDetails::of(&changed.unwrap_err());
        assert_eq!((details.code, details.reason.as_str()), (Code::DataLoss, "AAD_MISMATCH"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_genuine_row_put_back_whole_is_told_by_the_etag_that_a_caller_kept() {
    on_shared_stack(async |world| {
        let scene = Scene::set(world).await;
        let updated = scene.place.app.records().update_record(scene.partial_update("a")).await.unwrap();
        let etag = updated.into_inner().record.unwrap().etag;
        scene.restore().await;
        let reveal = RevealRecordRequest { etag, ..scene.place.revelation("a") };
        let answer = scene.place.app.records().reveal_record(reveal).await;
        scene.place.app.refused(answer, Code::Aborted, "ETAG_MISMATCH");
        // What it cannot show: without the etag the older revision opens, as the design says.
        assert_eq!(scene.place.reveal("a").await.get("note"), None);
    })
    .await;
}

/// Creates a record until the vault has read the changed row; the refusal that it gives then.
async fn refused_create(place: &Place, json: &Json) -> tonic::Status {
    eventually("a create refused for a changed row", async || match place.try_create("", json).await {
        Err(status) if status.code() == Code::DataLoss => Some(status),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_sql_has_lifted_stops_the_collection_instead_of_storing_what_must_never_be() {
    on_shared_stack(async |world| {
        let cvv = FieldPolicy { field: "cvv".into(), treatment: Treatment::NeverStore.into(), ..Default::default() };
        let place = Place::with_policies(world, vec![cvv]).await;
        place.create("p-1", &json!({"name": "Ada"})).await;
        world.journal().announce(&[UNUSABLE, "table collections"]);
        let sql = world.sql(Service::Vault).await;
        let tenant: Uuid = place.tenant.uid.parse().unwrap();
        let bad = json!({"name": "Ada", "cvv": "123"});
        let refused = place.try_create("", &bad).await;
        place.app.refused(refused, Code::InvalidArgument, "NEVER_STORE");
        let table = format!("saved_{}", tenant.simple());
        sql.run(&format!("CREATE TABLE {table} AS SELECT * FROM collections WHERE tenant_uid = '{tenant}'")).await;
        for (column, value) in [
            ("field_policies", "'[]'"),
            ("purposes", "array_append(purposes, 'curiosity')"),
            ("revision", "revision + 1"),
            ("create_time", "create_time + interval '1 second'"),
            ("row_mac", "set_byte(row_mac, 3, get_byte(row_mac, 3) # 1)"),
        ] {
            sql.change_one(&format!("UPDATE collections SET {column} = {value} WHERE tenant_uid = $1"), &[&tenant])
                .await;
            world.journal().announce(&["RecordService/CreateRecord", "DATA_LOSS"]);
            let status = refused_create(&place, &bad).await;
            place.app.refused::<()>(Err(status), Code::DataLoss, "AAD_MISMATCH");
            place.app.refused(place.try_reveal("p-1").await, Code::DataLoss, "AAD_MISMATCH");
            let restore = format!(
                "DELETE FROM collections WHERE tenant_uid = '{tenant}'; INSERT INTO collections SELECT * FROM {table}"
            );
            sql.run(&restore).await;
            eventually("the restored collection", async || place.try_reveal("p-1").await.ok()).await;
        }
        sql.run(&format!("DROP TABLE {table}")).await;
        let stored = "SELECT count(*) FROM records WHERE tenant_uid = $1 AND 'cvv' = ANY (field_names)";
        assert_eq!(sql.row(stored, &[&tenant]).await.get::<_, i64>(0), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_row_that_sql_has_changed_stops_the_tenant() {
    on_shared_stack(async |world| {
        let (place, other) = (Place::new(world).await, Place::new(world).await);
        place.create("p-1", &json!({"name": "Ada"})).await;
        world.journal().announce(&[UNUSABLE, "table tenants"]);
        let sql = world.sql(Service::Vault).await;
        let tenant: Uuid = place.tenant.uid.parse().unwrap();
        sql.change_one("UPDATE tenants SET display_name = 'x' WHERE tenant_uid = $1", &[&tenant]).await;
        world.journal().announce(&["RecordService/CreateRecord", "DATA_LOSS"]);
        let status = refused_create(&place, &json!({"name": "Ada"})).await;
        place.app.refused::<()>(Err(status), Code::DataLoss, "AAD_MISMATCH");
        let get = GetRecordRequest { name: place.record_name("p-1"), ..Default::default() };
        let got = place.app.records().get_record(get).await;
        place.app.refused(got, Code::DataLoss, "AAD_MISMATCH");
        other.create("p-1", &json!({"name": "Ada"})).await;
        sql.change_one("UPDATE tenants SET display_name = '' WHERE tenant_uid = $1", &[&tenant]).await;
        eventually("the restored tenant", async || place.try_reveal("p-1").await.ok()).await;
    })
    .await;
}
