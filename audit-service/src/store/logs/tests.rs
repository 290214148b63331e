//! Lists that end, and pass nothing over; rows that are found where they stand; values that SQL made long.

use std::collections::BTreeSet;

use test_support::postgres::{Cluster, TestDatabase};

use db::types::ToSql;
use db::{Db, Executor as _, Statement};

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
        let page = log_list_quarantined(&db, after);
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
    log_insert(db, name).await.unwrap();
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
    log_insert(db, name).await.unwrap();
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

/// A quarantined log in whose row SQL has made everything long.
async fn long_values() -> (TestDatabase<'static>, LogId) {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let (db, name) = (&database.connect().unwrap(), &"logs/acme".parse().unwrap());
    log_insert(db, name).await.unwrap();
    let long = "ALTER TABLE logs DROP CONSTRAINT logs_name_length, DROP CONSTRAINT logs_head_is_a_hash,
            DROP CONSTRAINT logs_snapshot_length, DROP CONSTRAINT logs_quarantine_reason_length;
        UPDATE logs SET name = 'logs/' || repeat('a', 100000), head = decode(repeat('00', 5000000), 'hex'),
            snapshot = decode(repeat('00', 5000000), 'hex'), state = 'QUARANTINED', quarantined_at = now(),
            quarantine_reason = repeat('x', 5000000)";
    database.superuser().await.unwrap().batch_execute(long).await.unwrap();
    (database, tlog::log_id(name))
}

/// Bytes of what a statement reads.
async fn bytes(db: &Db, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> usize {
    let rows = db.run_tx("read", |tx| Box::pin(async move { tx.query(statement, params).await })).await.unwrap();
    assert_eq!(rows.len(), 1, "{}", statement.name());
    rows.iter().map(Row::raw_size_bytes).sum()
}

#[tokio::test]
async fn of_a_log_whose_values_are_long_little_is_read() {
    let (database, log) = long_values().await;
    let superuser = database.superuser().await.unwrap();
    let place: Place = superuser.query_one("SELECT ctid::text FROM logs", &[]).await.unwrap().get(0);
    let db = &database.connect().unwrap();
    let (id, ids, places) = (log.as_uuid(), [log.as_uuid()], [place]);
    let locks = [LockedByOthers::Skip, LockedByOthers::Wait].map(LockedByOthers::lock);
    let mut read =
        vec![bytes(db, &FETCH, &[&id]).await, bytes(db, &LOCK_PLACED, &[&ids.as_slice(), &places.as_slice()]).await];
    for lock in locks {
        read.push(bytes(db, &lock, &[&ids.as_slice()]).await);
    }
    superuser.batch_execute("UPDATE logs SET name = 'logs/acme'").await.unwrap();
    read.push(bytes(db, &LIST, &[&"", &10_i64]).await);
    assert!(read.iter().all(|bytes| *bytes < 1_000), "{read:?}");
}

#[tokio::test]
async fn a_value_that_is_cut_is_as_wrong_as_the_whole() {
    let (database, log) = long_values().await;
    let db = &database.connect().unwrap();
    let fetched = log_fetch(db, log).await;
    assert!(matches!(fetched, Err(StoreError::Row { column: "head", .. })), "{fetched:?}");
    let unchecked = log_fetch_unchecked(db, log).await;
    let unchecked = unchecked.unwrap().unwrap();
    assert_eq!((unchecked.name.len(), unchecked.head.len()), (256, 0));
    let snapshot = log_snapshot_fetch(db, log).await;
    assert_eq!(snapshot.unwrap().flatten().unwrap().len(), tlog::snapshot::MAX_SNAPSHOT_BYTES + 1);
    let names = log_names(db).await.unwrap();
    let nil = LogId::new(Uuid::nil());
    let quarantined = log_list_quarantined(db, nil).await;
    for (id, name) in names.into_iter().chain(quarantined.unwrap()) {
        assert_eq!((id, name.len()), (log, 256));
        name.parse::<LogName>().unwrap_err();
    }

    let head = "UPDATE logs SET head = decode(repeat('00', 32), 'hex')";
    database.superuser().await.unwrap().batch_execute(head).await.unwrap();
    let fetched = log_fetch(db, log).await.unwrap().unwrap();
    assert_eq!((fetched.name.len(), fetched.quarantine.map(|reason| reason.len())), (256, Some(65)));
}

#[tokio::test]
async fn a_log_whose_columns_have_other_types_cannot_be_read_and_does_not_fail() {
    let (database, log) = long_values().await;
    let db = &database.connect().unwrap();
    let alter = "ALTER TABLE logs ALTER COLUMN head TYPE bigint USING 7";
    database.superuser().await.unwrap().batch_execute(alter).await.unwrap();
    let read = log_fetch_unchecked(db, log).await;
    assert!(matches!(read, Err(StoreError::Row { column: "head", .. })), "{read:?}");
}

#[tokio::test]
async fn of_columns_that_sql_gave_another_type_nothing_long_is_read() {
    let (database, log) = long_values().await;
    let db = &database.connect().unwrap();
    let superuser = database.superuser().await.unwrap();
    let constraints = "SELECT format('ALTER TABLE logs DROP CONSTRAINT %I', conname) FROM pg_constraint
        WHERE conrelid = 'logs'::regclass AND contype = 'c'";
    for drop in superuser.query(constraints, &[]).await.unwrap() {
        superuser.batch_execute(drop.get(0)).await.unwrap();
    }
    let alter = "ALTER TABLE logs ALTER size TYPE text USING repeat('1', 5000000),
        ALTER last_logged_ns TYPE text USING repeat('1', 5000000)";
    superuser.batch_execute(alter).await.unwrap();
    let id = log.as_uuid();
    let ids = [id];
    let locks = [LockedByOthers::Skip, LockedByOthers::Wait].map(LockedByOthers::lock);
    let mut read = vec![bytes(db, &FETCH, &[&id]).await, bytes(db, &FETCH_UNCHECKED, &[&id]).await];
    for lock in locks {
        read.push(bytes(db, &lock, &[&ids.as_slice()]).await);
    }
    assert!(read.iter().all(|bytes| *bytes < 1_000), "{read:?}");
    let unchecked = log_fetch_unchecked(db, log).await;
    assert!(matches!(unchecked, Err(StoreError::Row { column: "size", .. })), "{unchecked:?}");
}

#[tokio::test]
async fn logs_are_listed_by_the_index_of_their_names() {
    let database = Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap();
    let session = database.superuser().await.unwrap();
    let prepare = format!("SET enable_seqscan = off; PREPARE planned (text, bigint) AS {}", LIST.sql());
    session.batch_execute(&prepare).await.unwrap();
    let plan = session.query("EXPLAIN EXECUTE planned ('', 10)", &[]).await.unwrap();
    let plan: String = plan.iter().map(|line| line.get::<_, String>(0) + "\n").collect();
    assert!(plan.contains("using logs_name_key") && plan.contains("Index Cond: (name >"), "{plan}");
    assert!(!plan.contains("Sort"), "{plan}");
}
