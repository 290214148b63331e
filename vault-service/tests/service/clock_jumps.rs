//! A vault whose clock jumps, back and ahead. What is old the database's clock says, which does not.

use std::sync::Arc;
use std::time::Duration;

use api::audit::v1::Event;
use api::vault::v1::{CreateRecordRequest, ListRecordsRequest, Record};
use clock::{Clock as _, DatabaseTime, SystemClock, TestClock};
use serde_json::json;
use tonic::Code;
use uuid::Uuid;
use vault_service::background::requests::forget_old;

use crate::support::{PATIENTS, World, fields, name, new_record, refused};

const HOUR: Duration = Duration::from_hours(1);

fn update_time(record: &Record) -> (i64, i32) {
    record.update_time.map(|time| (time.seconds, time.nanos)).unwrap()
}

fn is_replay(event: &Event) -> bool {
    event.attributes.get("reason").is_some_and(|reason| reason == "REPLAYED")
}

/// Waits for the events of so many rounds, and of the record that was made before them.
async fn delivered(world: &World, rounds: usize) {
    for (action, count) in [("records.create", rounds + 1), ("records.update", rounds), ("records.reveal", rounds)] {
        let of_action = |event: &Event| event.action == action && event.outcome == 1 && !is_replay(event);
        world.audit.count(count, of_action).await;
    }
}

#[tokio::test]
async fn whatever_the_clock_shows_work_goes_on_and_requests_are_known_for_a_day() {
    let now = SystemClock.now();
    let clock = Arc::new(TestClock::at(now));
    let world = World::new().await.with_clock(clock.clone());
    let vault = world.replica().await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    let (db, time) = (world.database.connect().unwrap(), DatabaseTime::default());
    let mut known = app.create("p", &json!({ "a": -1 })).await.unwrap();
    let (mut made, mut pages, mut page_token) = (Vec::new(), Vec::new(), String::new());
    let shown = [now, now.saturating_sub(HOUR), now.saturating_add(24 * HOUR), now.saturating_sub(HOUR), now];
    for (round, shown) in (1..).zip(shown) {
        // What the round before left in the outbox is delivered by another time than it was made at.
        clock.set(shown);
        world.audit.set_away(false);
        delivered(&world, made.len()).await;
        world.audit.set_away(true);
        let request_id = Uuid::from_u128(round).to_string();
        let request = CreateRecordRequest { request_id, ..new_record(&format!("p-{round}"), &json!({ "a": round })) };
        made.push((request.clone(), app.create_record(request).await.unwrap()));
        for (request, first) in &made {
            assert_eq!(app.create_record(request.clone()).await.unwrap(), *first, "it is known");
        }
        assert_eq!(forget_old(&db, &time).await.unwrap(), 0, "nothing is old");

        // And it goes back while events wait.
        clock.set(shown.saturating_sub(HOUR));
        let updated = app.update("p", &[], &json!({ "a": round })).await.unwrap();
        assert_eq!(updated.revision, known.revision.map(|revision| revision + 1));
        assert!(update_time(&updated) >= update_time(&known), "{updated:?} after {known:?}");
        assert_eq!(app.reveal("p").await.unwrap(), fields(&json!({ "a": round })));
        known = updated;
        // Each page begins where one ended before the clock jumped.
        let parent = PATIENTS.to_owned();
        let list = ListRecordsRequest { parent, page_size: 1, page_token, ..Default::default() };
        let page = app.records.list_records(list).await.unwrap().into_inner();
        pages.push(page.records[0].name.clone());
        page_token = page.next_page_token;
    }
    world.audit.set_away(false);
    delivered(&world, made.len()).await;
    world.audit.count(1 + 2 + 3 + 4 + 5, is_replay).await;

    assert_eq!(pages, ["p", "p-1", "p-2", "p-3", "p-4"].map(name));

    // By the vault's clock they were made an hour from now.
    clock.set(now.saturating_sub(HOUR));
    world.run("UPDATE requests SET created_at = now() - interval '24 hours 2 minutes'").await;
    assert_eq!(usize::try_from(forget_old(&db, &time).await.unwrap()).unwrap(), made.len());
    let (request, _) = made.swap_remove(0);
    assert_eq!(refused(app.create_record(request).await).code, Code::AlreadyExists, "it is another request by now");
}

/// A vault ends while audit-service is away, and the next one's clock shows another time.
#[tokio::test]
async fn what_waits_is_delivered_by_a_vault_whose_clock_is_ahead_or_behind() {
    let now = SystemClock.now();
    let clock = Arc::new(TestClock::at(now));
    let world = World::new().await.with_clock(clock.clone());
    let mut vault = world.replica().await;
    world.furnish(&vault).await;
    let shown = [now.saturating_add(24 * HOUR), now.saturating_sub(HOUR)];
    for (round, shown) in (1..).zip(shown) {
        world.audit.set_away(true);
        world.calls(&vault, "app").create(&format!("p-{round}"), &json!({ "a": 1 })).await.unwrap();
        vault.stop().await;
        clock.set(shown);
        world.audit.set_away(false);
        vault = world.replica().await;
        world.audit.count(round, |event| event.action == "records.create").await;
    }
}
