//! Logs changed by SQL with all rights on the audit database: `audit-service verify` finds each kind where it is.

use stack::Service;

use super::{rewritten, sealed_log};
use crate::support::entries::{log_id, verify};
use crate::support::stacks::{World, on_shared_stack};

/// A change of a log of `N` entries; `$L` is its id, `$N` the number of entries.
struct Change {
    what: &'static str,
    sql: &'static str,
    kind: &'static str,
    /// First and last index of the finding; negative ones count from the end.
    range: (i64, i64),
}

const CHANGES: [Change; 10] = [
    Change {
        what: "a byte in the middle",
        sql: "UPDATE entries SET entry = set_byte(entry, length(entry) - 1, get_byte(entry, length(entry) - 1) # 1) \
              WHERE log_id = $L AND entry_index = 1",
        kind: "CONTENT_CHANGED",
        range: (1, 1),
    },
    Change {
        what: "a byte of the last entry",
        sql: "UPDATE entries SET entry = set_byte(entry, length(entry) - 1, get_byte(entry, length(entry) - 1) # 1) \
              WHERE log_id = $L AND entry_index = $N - 1",
        kind: "CONTENT_CHANGED",
        range: (-1, -1),
    },
    Change {
        what: "a MAC",
        sql: "UPDATE entries SET mac = set_byte(mac, 20, get_byte(mac, 20) # 1) WHERE log_id = $L AND entry_index = 2",
        kind: "MAC_INVALID",
        range: (2, 2),
    },
    Change {
        what: "a column for search",
        sql: "UPDATE entries SET actor = 'spiffe://strongroom.dev/other' WHERE log_id = $L AND entry_index = 1",
        kind: "COLUMN_MISMATCH",
        range: (1, 1),
    },
    Change {
        what: "a deleted entry",
        sql: "DELETE FROM entries WHERE log_id = $L AND entry_index = 1",
        kind: "MISSING",
        range: (1, 1),
    },
    Change {
        what: "an inserted row",
        sql: "INSERT INTO entries SELECT log_id, $N, gen_random_uuid(), set_byte(entry, 100, 7), mac, logged_at, producer, \
              actor, action, resource, outcome FROM entries WHERE log_id = $L AND entry_index = 1",
        kind: "INSERTED",
        range: (0, 0),
    },
    Change {
        what: "a repeated entry",
        sql: "INSERT INTO entries SELECT log_id, $N, gen_random_uuid(), entry, mac, logged_at, producer, actor, action, \
              resource, outcome FROM entries WHERE log_id = $L AND entry_index = 1",
        kind: "DUPLICATED",
        range: (0, 0),
    },
    Change {
        what: "the last entry cut",
        sql: "DELETE FROM entries WHERE log_id = $L AND entry_index = $N - 1",
        kind: "TRUNCATED",
        range: (-1, -1),
    },
    Change {
        what: "the whole log dropped",
        sql: "DELETE FROM entries WHERE log_id = $L; DELETE FROM logs WHERE log_id = $L",
        kind: "TRUNCATED",
        range: (0, -1),
    },
    Change {
        what: "the end cut and the log set back",
        sql: "UPDATE logs SET size = $N - 1, head = substr(e.entry, 51, 32) FROM entries e \
              WHERE logs.log_id = $L AND e.log_id = $L AND e.entry_index = $N - 1; \
              DELETE FROM entries WHERE log_id = $L AND entry_index = $N - 1",
        kind: "ROLLED_BACK",
        range: (-1, -1),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_change_is_found_with_its_kind_and_index_and_an_untouched_log_is_intact() {
    on_shared_stack(async |world| {
        for change in &CHANGES {
            let (place, head) = sealed_log(world).await;
            let (log, size) = (place.log(), i64::try_from(head.size.unwrap()).unwrap());
            assert_intact(world, &log);
            tamper(world, &log, size, change.sql).await;
            let from_end = |index: i64| u64::try_from(if index < 0 { size + index } else { index }).unwrap();
            let range = if change.sql.starts_with("INSERT") {
                (from_end(size), from_end(size))
            } else {
                (from_end(change.range.0), from_end(change.range.1))
            };
            assert_found(world, &log, change.what, (change.kind, range));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_entries_are_found_where_they_stand() {
    on_shared_stack(async |world| {
        let (place, _) = sealed_log(world).await;
        let swap = "UPDATE entries SET entry_index = 99 WHERE log_id = $L AND entry_index = 1; \
                    UPDATE entries SET entry_index = 1 WHERE log_id = $L AND entry_index = 3; \
                    UPDATE entries SET entry_index = 3 WHERE log_id = $L AND entry_index = 99";
        tamper(world, &place.log(), 0, swap).await;
        let found = verify(world, &["--log", &place.log()]);
        assert_eq!(found.status, 1, "{}", found.output);
        let reordered = [1, 3].map(|index| ("REORDERED".to_owned(), index, index));
        assert_eq!(found.findings(&place.log()), reordered, "{}", found.output);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_computed_anew_without_the_key_is_found_by_its_macs() {
    on_shared_stack(async |world| {
        let audit = world.sql(Service::Audit).await;
        let (place, head) = sealed_log(world).await;
        let (log, size) = (place.log(), i64::try_from(head.size.unwrap()).unwrap());
        let id = tlog::log_id(&log.parse().unwrap());
        world.journal().announce_tampering(&log);
        let mut previous = None;
        for index in 1..size {
            let bytes = rewritten(&audit, &log, index, previous).await;
            let entry = tlog::entry::decode(&bytes).unwrap();
            let leaf = tlog::hash::leaf_hash(&bytes);
            previous = Some(tlog::hash::chain_head(id, entry.place.index, &entry.place.previous_head, &leaf));
            let sql = "UPDATE entries SET entry = $3, actor = $4 WHERE log_id = $1 AND entry_index = $2";
            audit.change_one(sql, &[&log_id(&log), &index, &bytes, &entry.actor]).await;
        }
        let sql = "UPDATE logs SET head = $2 WHERE log_id = $1";
        audit.change_one(sql, &[&log_id(&log), &previous.unwrap().as_slice()]).await;
        let last = u64::try_from(size - 1).unwrap();
        assert_found(world, &log, "computed anew", ("MAC_INVALID", (1, last)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_under_a_name_that_nobody_sealed_is_found() {
    on_shared_stack(async |world| {
        let (place, _) = sealed_log(world).await;
        let name = format!("{}-copy", place.log());
        world.journal().announce_tampering(&name);
        let id = log_id(&name);
        let copy = format!(
            "INSERT INTO logs (log_id, name, size, head, last_logged_ns) \
             SELECT '{id}', '{name}', size, head, last_logged_ns FROM logs WHERE log_id = $L; \
             INSERT INTO entries SELECT '{id}', entry_index, gen_random_uuid(), entry, mac, logged_at, producer, actor, \
             action, resource, outcome FROM entries WHERE log_id = $L"
        );
        tamper(world, &place.log(), 0, &copy).await;
        let found = verify(world, &["--log", &name]);
        assert_eq!(found.status, 1, "{}", found.output);
        assert!(!found.findings(&name).is_empty(), "{}", found.output);
        assert_intact(world, &place.log());
    })
    .await;
}

/// Runs SQL in which `$L` is the log's id and `$N` its size.
async fn tamper(world: &World, log: &str, size: i64, sql: &str) {
    world.journal().announce_tampering(log);
    let sql = sql.replace("$L", &format!("'{}'::uuid", log_id(log))).replace("$N", &size.to_string());
    world.sql(Service::Audit).await.run(&sql).await;
}

fn assert_intact(world: &World, log: &str) {
    let verified = verify(world, &["--log", log]);
    assert_eq!((verified.status, verified.findings(log)), (0, Vec::new()), "{}", verified.output);
}

fn assert_found(world: &World, log: &str, what: &str, (kind, (first, last)): (&str, (u64, u64))) {
    let verified = verify(world, &["--log", log]);
    assert_eq!(verified.status, 1, "{what}: {}", verified.output);
    assert_eq!(verified.findings(log), [(kind.to_owned(), first, last)], "{what}: {}", verified.output);
}
