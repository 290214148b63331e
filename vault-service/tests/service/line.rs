//! The line in which updates of one record wait: each is told what kept it, and who left it keeps nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use api::vault::v1::Record;
use db::DbConfig;
use futures::future::join_all;
use serde_json::json;
use test_support::{Proxy, poll_until};
use tonic::{Code, Request, Status};

use crate::support::{Calls, LIMIT, Replica, World, reason_of, update_request};

/// Most updates of one record that have their turn or wait for it.
const PLACES: usize = 64;

/// A vault that is patient with locks and reaches its database through a proxy, and the record `p-1`.
async fn world() -> (World, Replica, Proxy, Calls) {
    let world = World::new().await;
    let database = DbConfig { lock_timeout_ms: 60_000, statement_timeout_ms: 90_000, ..world.database.config() };
    let proxy = Proxy::to(address(&database)).await.unwrap();
    let (host, port) = (proxy.address().ip().to_string(), proxy.address().port());
    let vault = world.replica_on(DbConfig { host, port, ..database }).await;
    world.furnish(&vault).await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    (world, vault, proxy, app)
}

fn address(database: &DbConfig) -> std::net::SocketAddr {
    format!("{}:{}", database.host, database.port).parse().unwrap()
}

/// Adds a field to `p-1`.
async fn add(app: &Calls, field: &str, within: Duration) -> Result<Record, Status> {
    let mut request = Request::new(update_request("p-1", &[], &json!({ field: 1 })));
    request.set_timeout(within);
    Ok(app.clone().records.update_record(request).await?.into_inner().record.unwrap())
}

/// Adds fields at once.
async fn add_all(app: &Calls, kind: &str, count: usize, within: Duration) -> Vec<Result<Record, Status>> {
    join_all((0..count).map(async |number| add(app, &format!("{kind}-{number}"), within).await)).await
}

/// Waits until an update has its turn and waits for its row.
async fn has_its_turn(world: &World) {
    let sql = world.sql().await;
    let waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let waits = async || (sql.query(waiting, &[]).await.unwrap().len() == 1).then_some(());
    poll_until(LIMIT, "an update waits for its row", waits).await.unwrap();
}

/// Those who wait do not try, one after the other, what the first one could not do until its time was over.
#[tokio::test]
async fn who_waits_when_the_database_goes_away_is_told_of_that_and_the_line_is_free_afterwards() {
    const WAITING: usize = 20;
    let (world, _vault, proxy, mut app) = world().await;
    let session = world.sql().await;
    session.batch_execute("BEGIN; SELECT FROM records FOR UPDATE").await.unwrap();
    let away = async {
        has_its_turn(&world).await;
        proxy.hang();
    };
    let (answers, ()) = tokio::join!(add_all(&app, "lost", WAITING, Duration::from_secs(10)), away);
    let mut told = BTreeMap::new();
    for (code, reason) in answers.into_iter().map(reason_of) {
        *told.entry((format!("{code:?}"), reason)).or_insert(0) += 1;
    }
    let unknown = ("DeadlineExceeded".to_owned(), String::new());
    let away = ("Unavailable".to_owned(), "DATABASE_UNAVAILABLE".to_owned());
    assert_eq!(told, BTreeMap::from([(unknown, 1), (away, WAITING - 1)]));

    session.batch_execute("COMMIT").await.unwrap();
    proxy.lead_to(address(&world.database.config()));
    poll_until(LIMIT, "the database is back", async || app.get("p-1").await.ok()).await.unwrap();
    for added in add_all(&app, "next", PLACES, LIMIT).await {
        added.unwrap();
    }
}

#[tokio::test]
async fn who_leaves_the_line_early_takes_no_place_and_no_time_of_those_who_stay() {
    let (world, _vault, _proxy, mut app) = world().await;
    let session = world.sql().await;
    session.batch_execute("BEGIN; SELECT FROM records FOR UPDATE").await.unwrap();
    let others = async {
        has_its_turn(&world).await;
        for round in 0..3 {
            let hasty = add_all(&app, &format!("hasty-{round}"), PLACES - 1, Duration::from_millis(300)).await;
            for told in hasty.into_iter().map(reason_of) {
                // On a busy machine the caller's own clock may be first.
                assert!(
                    told == (Code::Aborted, "CONTENDED".to_owned()) || told.0 == Code::DeadlineExceeded,
                    "{told:?}"
                );
            }
        }
        // There is a place for each of these.
        let free = async { session.batch_execute("COMMIT").await.unwrap() };
        tokio::join!(add_all(&app, "patient", PLACES - 1, LIMIT), free).0
    };
    let (first, others) = tokio::join!(add(&app, "first", LIMIT), others);
    first.unwrap();
    for added in others {
        added.unwrap();
    }
    let record = app.get("p-1").await.unwrap();
    assert!(record.field_names.iter().all(|field| !field.starts_with("hasty")), "{record:?}");
    assert_eq!(record.revision, Some(1 + i64::try_from(PLACES).unwrap()));
}

/// Some give up while they wait, some while they have their turn, and the others go on.
#[tokio::test]
async fn in_a_line_that_moves_each_is_told_what_became_of_its_update() {
    let (_world, _vault, _proxy, mut app) = world().await;
    let within = |number: u64| if number.is_multiple_of(4) { LIMIT } else { Duration::from_millis(10 + 3 * number) };
    let field = |number: u64| format!("f-{number}");
    let updates = (0..60).map(async |number| add(&app, &field(number), within(number)).await);
    let answers = join_all(updates).await;
    // Whatever is under way in the line comes before it.
    let record = add(&app, "last", LIMIT).await.unwrap();
    let fields: BTreeSet<_> = record.field_names.iter().map(String::as_str).collect();
    for (number, answer) in (0..).zip(answers) {
        let is_there = fields.contains(field(number).as_str());
        match answer.map_err(|status| reason_of::<()>(Err(status))) {
            Ok(_) => assert!(is_there, "{number}"),
            Err((Code::Aborted, reason)) => assert!(reason == "CONTENDED" && !is_there, "{number}: {reason}"),
            Err((code, reason)) => assert_eq!((code, reason.as_str()), (Code::DeadlineExceeded, ""), "{number}"),
        }
        assert!(is_there || within(number) < LIMIT, "{number} had time enough");
    }
    assert_eq!(record.revision, i64::try_from(fields.len()).ok(), "each revision added one field");
    assert_eq!(app.get("p-1").await.unwrap(), record);
}
