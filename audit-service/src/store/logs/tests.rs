//! Lists that end, and pass nothing over; rows that are found where they stand.

use std::collections::BTreeSet;

use test_support::postgres::Cluster;

use db::Db;

use super::*;
use crate::MIGRATIONS;

#[tokio::test]
async fn quarantined_logs_are_listed_page_by_page_to_the_last() {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let fill = "INSERT INTO logs (log_id, name, size, head, last_logged_ns, state, quarantined_at, quarantine_reason)
        SELECT gen_random_uuid(), 'logs/t-' || i, 0, decode(repeat('00', 32), 'hex'), 0, 'QUARANTINED', now(), 'FORKED'
        FROM generate_series(1, 2500) AS i;
        INSERT INTO logs (log_id, name, size, head, last_logged_ns)
        VALUES (gen_random_uuid(), 'logs/active', 0, decode(repeat('00', 32), 'hex'), 0)";
    database.superuser().await.unwrap().batch_execute(fill).await.unwrap();
    let db = database.connect().unwrap();
    let (mut names, mut after, mut pages) = (BTreeSet::new(), LogId::new(Uuid::nil()), 0);
    loop {
        let page = db.run_one("list", |conn| Box::pin(async move { log_list_quarantined(conn, after).await }));
        let page = page.await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        pages += 1;
        names.extend(page.into_iter().map(|(_, name)| name));
    }
    assert_eq!((names.len(), pages), (2_500, 3));
}

/// Moves a log's row on, in a transaction of its own, from the place where it is locked.
async fn extend(db: &Db, log: LogId, size: u64) -> Place {
    let update = LogUpdate {
        log_id: log,
        size,
        head: [7; 32],
        last_logged_ns: None,
        snapshot: None,
        quarantine: Quarantine::Keep,
    };
    let update = std::slice::from_ref(&update);
    let extended = db.run_tx("extend", |tx| {
        Box::pin(async move {
            let locked = logs_lock(tx, &[log], LockedByOthers::Wait).await?;
            logs_update(tx, update, &locked.places).await
        })
    });
    extended.await.unwrap().remove(&log).unwrap()
}

#[tokio::test]
async fn a_row_is_found_where_it_was_written_last_and_nowhere_else() {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let db = &database.connect().unwrap();
    let name: &LogName = &"logs/acme".parse().unwrap();
    let log = tlog::log_id(name);
    db.run_one("insert", |conn| Box::pin(async move { log_insert(conn, name).await })).await.unwrap();
    let first = extend(db, log, 1).await;
    let second = extend(db, log, 2).await;
    for (place, size) in [(&first, None), (&second, Some(2))] {
        let locked = db.run_tx("lock", |tx| {
            Box::pin(async move { logs_lock_placed(tx, &[log.as_uuid()], std::slice::from_ref(place)).await })
        });
        assert_eq!(locked.await.unwrap().logs.first().map(|row| row.size), size, "{place}");
    }
}

#[tokio::test]
async fn a_row_that_was_waited_for_is_written_where_it_stands_then() {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let db = &database.connect().unwrap();
    let name: &LogName = &"logs/acme".parse().unwrap();
    db.run_one("insert", |conn| Box::pin(async move { log_insert(conn, name).await })).await.unwrap();
    let holder = database.superuser().await.unwrap();
    holder.batch_execute("BEGIN; UPDATE logs SET size = 41").await.unwrap();
    let superuser = database.superuser().await.unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let commit = async {
        let waiting = async || (superuser.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 1).then_some(());
        test_support::poll_until(std::time::Duration::from_secs(10), "the row to be waited for", waiting)
            .await
            .unwrap();
        holder.batch_execute("COMMIT").await.unwrap();
    };
    futures::join!(extend(db, tlog::log_id(name), 42), commit);
    let size: i64 = superuser.query_one("SELECT size FROM logs", &[]).await.unwrap().get(0);
    assert_eq!(size, 42);
}
