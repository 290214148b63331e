//! Calls that share a statement or a message: what is wrong with one is not felt by the others.

use db::DbConfig;
use futures::future::join_all;
use serde_json::json;
use test_support::poll_until;
use test_support::postgres::Superuser;
use tonic::Code;

use crate::support::{LIMIT, Replica, World, fields, name, new_record, reason_of, refused};

fn request_id() -> uuid::Uuid {
    clock::uuid_v7(&clock::SystemClock)
}

async fn count(world: &World, sql: &str) -> i64 {
    world.sql().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_row_that_does_not_open_harms_no_concurrent_reveal() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let ids: Vec<String> = (0..60).map(|number| format!("p-{number}")).collect();
    app.batch_create(ids.iter().map(|id| new_record(id, &json!({ "id": id }))).collect()).await.unwrap();
    for change in [
        "wrapped_key = set_byte(wrapped_key, 130, get_byte(wrapped_key, 130) # 1) WHERE record_id = 'p-13'",
        "wrapped_key = '' WHERE record_id = 'p-14'",
        "subject = E'\\n' WHERE record_id = 'p-15'",
    ] {
        world.run(&format!("UPDATE records SET {change}")).await;
    }
    let reveals = ids.iter().map(|id| {
        let mut app = app.clone();
        async move { app.reveal(id).await }
    });
    for (id, revealed) in ids.iter().zip(join_all(reveals).await) {
        if ["p-13", "p-14", "p-15"].contains(&id.as_str()) {
            assert_eq!(reason_of(revealed), (Code::DataLoss, "AAD_MISMATCH".to_owned()));
        } else {
            assert_eq!(revealed.unwrap(), fields(&json!({ "id": id })));
        }
    }
}

#[tokio::test]
async fn a_create_whose_name_is_taken_leaves_nothing_and_harms_nobody() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    let taken: Vec<String> = (0..10).map(|number| format!("taken-{number}")).collect();
    app.batch_create(taken.iter().map(|id| new_record(id, &json!({ "a": 1 }))).collect()).await.unwrap();
    let ids =
        (0..60).map(|number| if number % 6 == 0 { format!("taken-{}", number / 6) } else { format!("p-{number}") });
    let ids: Vec<String> = ids.collect();
    let creates = ids.iter().map(|id| {
        let (mut app, mut request) = (app.clone(), new_record(id, &json!({ "a": 2 })));
        request.request_id = request_id().to_string();
        async move { app.create_record(request).await }
    });
    for (id, created) in ids.iter().zip(join_all(creates).await) {
        if taken.contains(id) {
            assert_eq!(refused(created).code, Code::AlreadyExists, "{id}");
            assert_eq!(app.reveal(id).await.unwrap(), fields(&json!({ "a": 1 })));
        } else {
            assert_eq!(created.unwrap().name, name(id));
        }
    }
    assert_eq!(count(&world, "SELECT count(*) FROM records").await, 60);
    assert_eq!(count(&world, "SELECT count(*) FROM requests").await, 50, "of those that were written alone");
    world.audit.count(60, |event| event.action == "records.create" && event.outcome == 1).await;
    poll_until(LIMIT, "the outbox is empty", async || {
        (count(&world, "SELECT count(*) FROM audit_outbox").await == 0).then_some(())
    })
    .await
    .unwrap();
    world.audit.count(60, |event| event.action == "records.create" && event.outcome == 1).await;
}

/// The same request several times at once, among others of strangers: it is done once.
#[tokio::test]
async fn a_request_that_comes_twice_at_once_is_done_once_and_harms_nobody() {
    let (world, vault) = World::start().await;
    let other = world.replica().await;
    let callers = [world.calls(&vault, "app"), world.calls(&other, "app")];
    for round in 0..5 {
        let (same, caller) = (request_id().to_string(), |number: usize| callers[number % 2].clone());
        let creates = (0..40).map(|number| {
            let mut request = new_record("", &json!({ "a": round }));
            request.request_id = if number % 4 == 0 { same.clone() } else { request_id().to_string() };
            let mut app = caller(number);
            async move { app.create_record(request).await.unwrap().name }
        });
        let names = join_all(creates).await;
        let of_same: std::collections::BTreeSet<_> = names.iter().step_by(4).collect();
        assert_eq!(of_same.len(), 1, "ten answers to one request");
        let all: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(all.len(), 31);
    }
    assert_eq!(count(&world, "SELECT count(*) FROM records").await, 5 * 31);
}

/// A vault whose statements wait for a lock as long as a test lasts.
async fn patient(world: &World) -> Replica {
    let database = DbConfig { lock_timeout_ms: 60_000, statement_timeout_ms: 90_000, ..world.database.config() };
    world.replica_on(database).await
}

/// A session that has taken a name and does not commit.
async fn holder_of(world: &World, id: &str) -> Superuser {
    let columns = world.columns("records").await.join(", ");
    let values = columns.replace("record_id", &format!("'{id}'")).replace("record_uid", "gen_random_uuid()");
    let holder = world.sql().await;
    let take = format!("BEGIN; INSERT INTO records ({columns}) SELECT {values} FROM records WHERE record_id = 'p-1'");
    holder.batch_execute(&take).await.unwrap();
    holder
}

/// Batches of the same names in opposite order from two replicas meet in the middle, where somebody holds both up until
/// each has half of the names or waits for the other.
#[tokio::test]
async fn crossing_batches_of_two_replicas_do_not_deadlock() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    let replicas = [patient(&world).await, patient(&world).await];
    let ids: Vec<String> = (0..51).map(|number| format!("r-{number:03}")).collect();
    let record = |id: &String| new_record(id, &json!({ "a": 1 }));
    let holder = holder_of(&world, "r-025").await;
    let [mut first, mut second] = replicas.each_ref().map(|replica| world.calls(replica, "app"));
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'strongroom_vault' AND wait_event_type = 'Lock'";
    let let_go = async {
        poll_until(LIMIT, "both wait", async || (count(&world, waiting).await == 2).then_some(())).await.unwrap();
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let ascending = first.batch_create(ids.iter().map(record).collect());
    let descending = second.batch_create(ids.iter().rev().map(record).collect());
    let (one, another, ()) = tokio::join!(ascending, descending, let_go);
    let (done, refusals): (Vec<_>, Vec<_>) = [one, another].into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), refusals.len()), (1, 1));
    for refusal in refusals {
        assert_eq!(refused(refusal).code, Code::AlreadyExists);
    }
    // A session tells the statistics at its end at the latest.
    vault.stop().await;
    for replica in replicas {
        replica.stop().await;
    }
    let sessions = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'strongroom_vault'";
    poll_until(LIMIT, "the sessions end", async || (count(&world, sessions).await == 0).then_some(())).await.unwrap();
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(count(&world, deadlocks).await, 0);
}

/// Somebody has taken a name and does not commit: who wants that name waits, and nobody else.
#[tokio::test]
async fn a_name_that_is_held_holds_up_no_stranger() {
    let (world, _vault) = World::start().await;
    let vault = patient(&world).await;
    let app = world.calls(&vault, "app");
    app.clone().create("p-1", &json!({ "a": 1 })).await.unwrap();
    let holder = holder_of(&world, "held").await;
    let create = |id: String| {
        let mut app = app.clone();
        async move { app.create(&id, &json!({ "a": 2 })).await }
    };
    let waiting = async { join_all((0..8).map(|_| create("held".to_owned()))).await };
    let strangers = async {
        for round in 0..3 {
            let created = join_all((0..40).map(|number| create(format!("s-{round}-{number}")))).await;
            let refused: Vec<_> = created.into_iter().filter(Result::is_err).map(reason_of).collect();
            assert_eq!(refused, [], "round {round}");
        }
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let (held, ()) = tokio::join!(waiting, strangers);
    assert_eq!(held.iter().filter(|one| one.is_ok()).count(), 1);
    for refusal in held.into_iter().filter(Result::is_err) {
        assert_eq!(refused(refusal).code, Code::AlreadyExists);
    }
}
