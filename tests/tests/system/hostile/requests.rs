//! What `RecordService` refuses in the rest of a request: ids, request ids, purposes, references, views, batches.

use api::vault::v1::{BatchCreateRecordsRequest, BatchRevealRecordsRequest, DeleteRecordRequest, RevealRecordRequest};
use serde_json::json;
use tonic::Code;

use super::place;
use crate::support::places::{Place, revealed, uuid};
use crate::support::stacks::on_shared_stack;

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_id_is_refused_and_the_first_record_stays() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        place.create("p-1", &json!({"name": "first"})).await;
        let again = place.try_create("p-1", &json!({"name": "second"})).await;
        app.refused(again, Code::AlreadyExists, "");
        let same = place.try_create("p-1", &json!({"name": "first"})).await;
        app.refused(same, Code::AlreadyExists, "");
        assert_eq!(place.reveal("p-1").await, json!({"name": "first"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_again_and_another_one_under_its_id_is_refused() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        let request = |id: &str, name: &str, request_id: &str| {
            let mut request = place.creation(id, &json!({"name": name}));
            request_id.clone_into(&mut request.request_id);
            request
        };
        let ours = uuid();
        for id in ["", "p-1"] {
            let request_id = if id.is_empty() { uuid() } else { ours.clone() };
            let first = app.records().create_record(request(id, "Ada", &request_id)).await.unwrap().into_inner();
            let again = app.records().create_record(request(id, "Ada", &request_id)).await.unwrap().into_inner();
            assert_eq!(first.record.unwrap().uid, again.record.unwrap().uid);
        }
        for (id, name) in [("p-1", "Grace"), ("p-2", "Ada"), ("", "Ada")] {
            let other = app.records().create_record(request(id, name, &ours)).await;
            app.refused(other, Code::InvalidArgument, "REQUEST_ID_REUSED");
        }
        let list = api::vault::v1::ListRecordsRequest { parent: place.collection.name.clone(), ..Default::default() };
        assert_eq!(app.records().list_records(list).await.unwrap().into_inner().records.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_with_one_request_id_make_one_record() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        let mut request = place.creation("", &json!({"name": "Ada"}));
        request.request_id = uuid();
        let calls = (0..16).map(|_| {
            let (mut records, request) = (app.records(), request.clone());
            async move { records.create_record(request).await.unwrap().into_inner().record.unwrap().uid }
        });
        let uids: std::collections::BTreeSet<String> = futures::future::join_all(calls).await.into_iter().collect();
        assert_eq!(uids.len(), 1, "{uids:?}");
    })
    .await;
}

/// The paths that a refused reveal names, sorted.
async fn violations(place: &Place, request: RevealRecordRequest) -> Vec<String> {
    let answer = place.app.records().reveal_record(request).await;
    let details = place.app.refused(answer, Code::InvalidArgument, "");
    let mut fields: Vec<String> = details.violations.into_iter().map(|(field, _)| field).collect();
    fields.sort();
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reveal_needs_a_known_purpose_a_plain_reference_and_a_view_that_exists() {
    on_shared_stack(async |world| {
        let (place, _) = place(world).await;
        place.create("p-1", &json!({"name": "Ada"})).await;
        let good = || place.revelation("p-1");
        let purpose = |purpose: &str| RevealRecordRequest { purpose: purpose.into(), ..good() };
        let reference = |reference: &str| RevealRecordRequest { reference: reference.into(), ..good() };
        for bad in ["", "curiosity", "Treatment", "treatment "] {
            assert_eq!(violations(&place, purpose(bad)).await, ["purpose"]);
        }
        for bad in ["with space", "ümlaut", "a\nb", &"x".repeat(65)] {
            assert_eq!(violations(&place, reference(bad)).await, ["reference"]);
        }
        assert_eq!(violations(&place, RevealRecordRequest { view: 77, ..good() }).await, ["view"]);
        let read_fields = vec!["name".to_owned(), String::new(), "x\u{0}".to_owned()];
        let bad_names = RevealRecordRequest { read_fields, ..good() };
        assert_eq!(violations(&place, bad_names).await, ["read_fields[1]", "read_fields[2]"]);
        let everything = RevealRecordRequest {
            etag: "no".into(),
            purpose: "curiosity".into(),
            reference: "a b".into(),
            view: 77,
            read_fields: vec![String::new()],
            ..good()
        };
        let wanted = ["etag", "purpose", "read_fields[0]", "reference", "view"];
        assert_eq!(violations(&place, everything).await, wanted);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_etag_is_refused_on_reveal_update_and_delete() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        let old = place.create("p-1", &json!({"name": "Ada"})).await;
        let update = |name: &str, etag: &str| api::vault::v1::UpdateRecordRequest {
            record: Some(api::vault::v1::Record {
                name: old.name.clone(),
                etag: etag.into(),
                fields: Some(crate::support::json::fields(&json!({"name": name}))),
                ..Default::default()
            }),
            update_fields: Vec::new(),
            ..Default::default()
        };
        app.records().update_record(update("Grace", &old.etag)).await.unwrap();
        let stale = app.records().update_record(update("Joan", &old.etag)).await;
        app.refused(stale, Code::Aborted, "ETAG_MISMATCH");
        let reveal = RevealRecordRequest { etag: old.etag.clone(), ..place.revelation("p-1") };
        let stale = app.records().reveal_record(reveal).await;
        app.refused(stale, Code::Aborted, "ETAG_MISMATCH");
        let delete = DeleteRecordRequest { name: old.name.clone(), etag: old.etag.clone(), ..Default::default() };
        let stale = app.records().delete_record(delete).await;
        app.refused(stale, Code::Aborted, "ETAG_MISMATCH");
        assert_eq!(place.reveal("p-1").await, json!({"name": "Grace"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_one_bad_request_does_nothing_and_names_every_fault_by_its_place() {
    on_shared_stack(async |world| {
        let (place, app) = place(world).await;
        let other = Place::new(world).await;
        let creation = |id: &str, json: serde_json::Value| place.creation(id, &json);
        let mut inner_request_id = creation("c", json!({"x": 1}));
        inner_request_id.request_id = uuid();
        let requests = vec![
            creation("a", json!({"x": 1})),
            creation("a", json!({"x": 9_007_199_254_740_992_u64})),
            inner_request_id,
            other.creation("d", &json!({"x": 1})),
        ];
        let batch = BatchCreateRecordsRequest {
            parent: place.collection.name.clone(),
            requests,
            request_id: "nonsense".into(),
            ..Default::default()
        };
        let answer = app.records().batch_create_records(batch).await;
        let details = app.refused(answer, Code::InvalidArgument, "");
        let mut fields: Vec<String> = details.violations.into_iter().map(|(field, _)| field).collect();
        fields.sort();
        let wanted = [
            "request_id",
            "requests[1].record.fields.x",
            "requests[1].record_id",
            "requests[2].request_id",
            "requests[3].parent",
        ];
        assert_eq!(fields, wanted);
        for requests in [Vec::new(), vec![creation("", json!({"x": 1})); 1001]] {
            let batch =
                BatchCreateRecordsRequest { parent: place.collection.name.clone(), requests, ..Default::default() };
            let answer = app.records().batch_create_records(batch).await;
            let details = app.refused(answer, Code::InvalidArgument, "");
            assert_eq!(details.violations[0].0, "requests");
        }
        place.create("a", &json!({"x": 1})).await;
        other.create("b", &json!({"x": 1})).await;
        let requests = vec![place.revelation("a"), other.revelation("b")];
        let batch = BatchRevealRecordsRequest { parent: place.collection.name.clone(), requests, ..Default::default() };
        let answer = app.records().batch_reveal_records(batch).await;
        assert_eq!(app.refused(answer, Code::InvalidArgument, "").violations[0].0, "requests[1].name");
        let requests = vec![place.revelation("a"), place.revelation("missing")];
        let batch = BatchRevealRecordsRequest { parent: place.collection.name.clone(), requests, ..Default::default() };
        let answer = app.records().batch_reveal_records(batch).await.unwrap();
        let [there, missing] = <[_; 2]>::try_from(answer.into_inner().results).unwrap().map(revealed);
        there.unwrap();
        assert_eq!(missing.unwrap_err().code(), Code::NotFound);
    })
    .await;
}
