//! A caller's own deadline is over: that says nothing of what it did not wait for.

use std::time::Duration;

use api::audit::v1::Event;
use serde_json::json;
use tonic::{Code, Request};

use crate::support::{World, new_record, reveal_request, update_request};

/// What an outage is called, in answers and in entries.
const OUTAGES: [&str; 3] = ["KEY_SERVICE_UNAVAILABLE", "DATABASE_UNAVAILABLE", "AUDIT_UNAVAILABLE"];

fn within<M>(millis: u64, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.set_timeout(Duration::from_millis(millis));
    request
}

/// key-service takes connections and says nothing. A caller's deadline is shorter than the vault's patience.
#[tokio::test]
async fn who_gives_it_no_time_learns_of_no_outage_and_leaves_no_entry_of_one() {
    let world = World::new().await.with_production_budget();
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    for id in ["p-1", "p-2"] {
        app.create(id, &json!({ "a": 1 })).await.unwrap();
    }
    let mut batch = api::vault::v1::BatchRevealRecordsRequest::default();
    crate::support::PATIENTS.clone_into(&mut batch.parent);
    batch.requests = vec![reveal_request("p-1"), reveal_request("p-2")];
    let mut creates = api::vault::v1::BatchCreateRecordsRequest::default();
    crate::support::PATIENTS.clone_into(&mut creates.parent);
    creates.requests = vec![new_record("", &json!({ "a": 1 })), new_record("", &json!({ "a": 1 }))];
    world.to_keys.hang();
    for round in 0..10 {
        let millis = 5 + 5 * round;
        let create = new_record(&format!("new-{round}"), &json!({ "a": 1 }));
        let update = update_request("p-1", &["a"], &json!({ "a": 2 }));
        let codes = [
            app.records.create_record(within(millis, create)).await.unwrap_err().code(),
            app.records.reveal_record(within(millis, reveal_request("p-1"))).await.unwrap_err().code(),
            app.records.update_record(within(millis, update)).await.unwrap_err().code(),
            app.records.batch_reveal_records(within(millis, batch.clone())).await.unwrap_err().code(),
            app.records.batch_create_records(within(millis, creates.clone())).await.unwrap_err().code(),
        ];
        assert_eq!(codes, [Code::DeadlineExceeded; 5], "{millis} ms");
    }
    // The control: who waits longer than the vault is told of the outage, and that is counted.
    assert_eq!(crate::support::reason_of(app.reveal("p-2").await).1, OUTAGES[0]);
    world.to_keys.lead_to(world.keys.address);
    vault.stop().await;
    let _next = world.replica().await;
    let outage =
        |event: &Event| event.attributes.get("reason").is_some_and(|reason| OUTAGES.contains(&reason.as_str()));
    let told = world.audit.event("records.reveal", outage).await;
    assert_eq!(told.attributes["count"], "1");
    assert_eq!(world.audit.events().iter().filter(|event| outage(event)).count(), 1, "{:#?}", world.audit.events());
}
