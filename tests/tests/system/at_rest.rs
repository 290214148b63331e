//! Plaintext at rest: values are found nowhere in the database's files, its log, the services' logs and their metrics.

use std::fs;
use std::path::{Path, PathBuf};

use api::vault::v1::{BatchCreateRecordsRequest, BatchRevealRecordsRequest, Record, UpdateRecordRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use memchr::memmem;
use serde_json::json;
use stack::Service;

use crate::support::json::fields;
use crate::support::places::{Place, revealed, unique, uuid};
use crate::support::stacks::{World, on_shared_stack};

/// A value that is nowhere else; `what` says where in a request it stood.
fn canary(what: &str) -> String {
    unique(&format!("canary-{what}"))
}

/// The forms in which a value might be written down.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    // Base64 of a text differs with its offset in what is encoded: three forms without their edges.
    let base64 = |skip: usize| {
        let padded = format!("{}{canary}", "x".repeat(skip));
        let encoded = BASE64.encode(padded);
        encoded.as_bytes()[4..encoded.len() - 4].to_vec()
    };
    let hex = canary.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    vec![
        canary.as_bytes().to_vec(),
        hex.clone().into_bytes(),
        hex.to_uppercase().into_bytes(),
        base64(0),
        base64(1),
        base64(2),
    ]
}

/// Files that hold a form of one of the canaries.
fn files_with(directories: &[PathBuf], canaries: &[String]) -> Vec<String> {
    let forms: Vec<Vec<u8>> = canaries.iter().flat_map(|canary| forms(canary)).collect();
    let mut found = Vec::new();
    let mut pending: Vec<PathBuf> = directories.to_vec();
    let mut read = 0;
    while let Some(path) = pending.pop() {
        // Files come and go while PostgreSQL works.
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.is_dir() {
            pending.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if metadata.is_file()
            && let Ok(bytes) = fs::read(&path)
        {
            read += 1;
            let hits = forms.iter().filter(|form| contains(&bytes, form));
            found.extend(hits.map(|form| format!("{}: {}", path.display(), form.escape_ascii())));
        }
    }
    assert!(read > 100, "only {read} files were read");
    found
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    memmem::find(bytes, wanted).is_some()
}

/// The stack's own directory (configuration, logs, keys) and the cluster's (data, WAL, log).
fn directories(world: &World) -> Vec<PathBuf> {
    let data = world.describe().unwrap().postgres.data.unwrap();
    vec![world.directory().to_owned(), data.parent().map(Path::to_owned).unwrap()]
}

/// Makes PostgreSQL write everything to its files.
async fn checkpoint(world: &World) {
    world.sql(Service::Vault).await.run("CHECKPOINT").await;
}

/// Sends values on every way into and out of the vault; the values.
async fn use_values(place: &Place) -> Vec<String> {
    let kinds = ["value", "nested", "batch", "update", "taken", "type", "bad-request", "reused", "long"];
    let canaries: Vec<String> = kinds.iter().map(|kind| canary(kind)).collect();
    let [value, nested, batch, update, taken, wrong_type, bad, reused, long] = canaries.as_slice() else {
        unreachable!()
    };
    let mut first = place.creation("p-1", &json!({"v": value, "n": {"list": [1, {"deep": nested}]}}));
    first.request_id = uuid();
    place.app.records().create_record(first.clone()).await.unwrap();
    place.app.records().create_record(first.clone()).await.unwrap();
    first.record.as_mut().unwrap().fields = Some(fields(&json!({"v": reused})));
    place.app.records().create_record(first).await.unwrap_err();
    place.try_create("p-1", &json!({"v": taken})).await.unwrap_err();
    place.try_create("", &json!({"number": wrong_type})).await.unwrap_err();
    place.try_create("", &json!({"v": bad, "x": 9_007_199_254_740_992_u64})).await.unwrap_err();
    place.create("long", &json!({"v": long.repeat(2000)})).await;
    let requests = vec![place.creation("b-1", &json!({"v": batch})), place.creation("b-2", &json!({"v": batch}))];
    let creations = BatchCreateRecordsRequest {
        parent: place.collection.name.clone(),
        requests,
        request_id: uuid(),
        ..Default::default()
    };
    place.app.records().batch_create_records(creations).await.unwrap();
    let fields = Some(fields(&json!({"u": update})));
    let record = Record { name: place.record_name("p-1"), fields, ..Default::default() };
    let request = UpdateRecordRequest { record: Some(record), update_fields: vec!["u".into()], ..Default::default() };
    place.app.records().update_record(request).await.unwrap();
    place.reveal("p-1").await;
    let requests = ["b-1", "b-2", "long"].map(|id| place.revelation(id)).to_vec();
    let reveals = BatchRevealRecordsRequest { parent: place.collection.name.clone(), requests, ..Default::default() };
    let results = place.app.records().batch_reveal_records(reveals).await.unwrap().into_inner().results;
    for result in results {
        revealed(result).unwrap();
    }
    canaries
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_found_in_no_file_no_log_and_no_metric() {
    on_shared_stack(async |world| {
        let policy = api::vault::v1::FieldPolicy {
            field: "number".into(),
            json_type: api::vault::v1::JsonType::Number.into(),
            ..Default::default()
        };
        let place = Place::with_policies(world, vec![policy]).await;
        let canaries = use_values(&place).await;
        crate::support::entries::all_delivered(world).await;
        checkpoint(world).await;
        assert_eq!(files_with(&directories(world), &canaries), Vec::<String>::new());
        for instance in ["key", "vault", "audit"] {
            let metrics = world.admin(instance, "/metrics").await;
            assert!(metrics.contains("# TYPE"), "no metrics: {metrics}");
            for form in canaries.iter().flat_map(|canary| forms(canary)) {
                assert!(!contains(metrics.as_bytes(), &form), "in the metrics of {instance}");
                assert!(!contains(world.log_text(instance).as_bytes(), &form), "in the log of {instance}");
            }
        }
        control(world).await;
    })
    .await;
}

/// The same search finds what a plain table, an encoded column and a log hold.
async fn control(world: &World) {
    let sql = world.sql(Service::Vault).await;
    let table = unique("plain").replace('-', "_");
    let (text, encoded) = (canary("plain"), canary("encoded"));
    sql.run(&format!("CREATE TABLE {table} (value text)")).await;
    sql.change(&format!("INSERT INTO {table} VALUES ($1), ($2)"), &[&text, &BASE64.encode(&encoded)]).await;
    checkpoint(world).await;
    for canary in [text, encoded] {
        let found = files_with(&directories(world), std::slice::from_ref(&canary));
        assert!(found.iter().any(|hit| hit.contains("/base/")), "not in the table's file: {found:?}");
        assert!(found.iter().any(|hit| hit.contains("/pg_wal/")), "not in the WAL: {found:?}");
    }
    sql.run(&format!("DROP TABLE {table}")).await;
}
