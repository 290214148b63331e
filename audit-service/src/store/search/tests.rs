//! Plans of the statements, with and without statistics; and what is found where entries are missing.

use serde_json::Value;
use test_support::postgres::{Cluster, Superuser, TestDatabase};

use super::*;
use crate::MIGRATIONS;

const LOG: Uuid = Uuid::from_u128(1);
/// When the entry with index 0 was logged, microseconds since 1970; each next one was a second later.
const START_US: i64 = 1_800_000_000_000_000;

async fn database() -> TestDatabase<'static> {
    Cluster::shared().await.unwrap().database("audit", MIGRATIONS).await.unwrap()
}

/// Rows `from..to` of one log, as long as rows are, whose bytes are no entries. One in a hundred was refused; the actions,
/// actors and resources are those of a busy tenant.
async fn fill(database: &Superuser, from: i64, to: i64) {
    database
        .batch_execute(&format!(
            "INSERT INTO entries SELECT '{LOG}', i, gen_random_uuid(), decode(repeat('00', 500), 'hex'),
                 decode(repeat('00', 44), 'hex'), '2027-01-15 08:00:00+00'::timestamptz + i * interval '1 s', 'vault-service',
                 'actor-' || i % 3, 'records.reveal', 'tenants/acme/records/' || i % 5000,
                 CASE WHEN i % 100 = 99 THEN 2 ELSE 1 END
             FROM generate_series({from}::bigint, {to} - 1) AS i"
        ))
        .await
        .unwrap();
}

/// All combinations of columns, with the index that serves each.
fn filters() -> Vec<(EntryFilter, &'static str)> {
    let mut all = Vec::new();
    for bits in 0..16_u8 {
        for outcome in [None, Some(OUTCOME_OK), Some(2), Some(17)] {
            let text = |bit: u8, value: &str| (bits & bit != 0).then(|| value.to_owned());
            let filter = EntryFilter {
                event_id: (bits & 1 != 0).then(|| EventId::new(Uuid::from_u128(7))),
                resource: text(2, "tenants/acme/records/7"),
                actor: text(4, "actor-1"),
                action: text(8, "records.reveal"),
                outcome,
                ..EntryFilter::default()
            };
            let refused = outcome.is_some_and(|outcome| outcome != OUTCOME_OK);
            let index = match (bits & 1 != 0, bits & 2 != 0, refused, bits & 4 != 0, bits & 8 != 0) {
                (true, ..) => "entries_event_id_key",
                (_, true, ..) => "entries_resource",
                (_, _, true, ..) => "entries_outcome",
                (_, _, _, true, _) => "entries_actor",
                (_, _, _, _, true) => "entries_action",
                _ => "entries_pkey",
            };
            all.push((filter, index));
        }
    }
    all
}

fn literal(term: &Term<'_>) -> String {
    match term {
        Term::EventId(id) => format!("'{id}'"),
        Term::Outcome(outcome) => outcome.to_string(),
        Term::Resource(text) | Term::Actor(text) | Term::Action(text) => format!("'{text}'"),
    }
}

/// What PostgreSQL does for a page of a filter.
async fn explain(database: &Superuser, mode: &str, filter: &EntryFilter, from: i64, wanted: usize) -> Value {
    let search = Search::new(filter);
    let values = search.served.iter().chain(&search.rest).map(|term| format!(", {}", literal(term)));
    let (values, limit) = (values.collect::<String>(), search.limit(wanted));
    let prepare = format!("DEALLOCATE ALL; SET plan_cache_mode = {mode}; PREPARE page AS {}", search.statement().sql());
    let execute = format!("EXECUTE page ('{LOG}', {from}, {}, {limit}{values})", i64::MAX);
    plan(database, &prepare, &execute).await
}

async fn plan(database: &Superuser, prepare: &str, execute: &str) -> Value {
    database.batch_execute(prepare).await.unwrap();
    let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}");
    let messages = database.simple_query(&sql).await.unwrap();
    let text = messages.iter().find_map(|message| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plans: Value = serde_json::from_str(text.unwrap()).unwrap();
    plans[0]["Plan"].clone()
}

/// The kinds of a plan's nodes with their indexes, from the top.
fn nodes(plan: &Value) -> Vec<String> {
    let mut nodes = vec![plan["Node Type"].as_str().unwrap().to_owned()];
    nodes.extend(plan["Index Name"].as_str().map(str::to_owned));
    nodes.extend(plan["Plans"].as_array().into_iter().flatten().flat_map(self::nodes));
    nodes
}

fn pages(plan: &Value) -> u64 {
    plan["Shared Hit Blocks"].as_u64().unwrap() + plan["Shared Read Blocks"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_reads_its_index_in_order_whatever_the_statistics_say() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    fill(&superuser, 0, 3_000).await;
    let among_many =
        "INSERT INTO entries SELECT gen_random_uuid(), entry_index, event_id, entry, mac, logged_at, producer,
                          actor, action, resource, outcome FROM entries;
                      ANALYZE entries";
    let generic = ["force_generic_plan"].as_slice();
    let both = ["force_generic_plan", "force_custom_plan"].as_slice();
    // A plan that is made for given values without statistics may sort the few rows that it takes the table to have.
    let states =
        [("no statistics", "", generic), ("one log", "ANALYZE entries", both), ("many logs", among_many, both)];
    for (name, state, modes) in states {
        superuser.batch_execute(state).await.unwrap();
        for (filter, index) in filters() {
            for mode in modes {
                let plan = explain(&superuser, mode, &filter, 0, 10).await;
                assert_eq!(nodes(&plan), ["Limit", "Index Scan", index], "{name}, {mode}, {filter:?}: {plan:#}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_costs_the_same_in_a_log_that_is_twelve_times_as_long() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    let rare = EntryFilter { action: Some("keys.rotate".to_owned()), ..EntryFilter::default() };
    for (from, to) in [(0, 16_000), (16_000, 206_000)] {
        fill(&superuser, from, to).await;
        superuser
            .batch_execute(
                "SET session_replication_role = replica;
                 UPDATE entries SET action = 'records.reveal' WHERE action = 'keys.rotate';
                 UPDATE entries SET action = 'keys.rotate' WHERE entry_index = (SELECT max(entry_index) FROM entries)",
            )
            .await
            .unwrap();
        superuser.batch_execute("VACUUM ANALYZE entries").await.unwrap();
        for (filter, _) in filters().into_iter().chain([(rare.clone(), "entries_action")]) {
            for from in [0, to / 2] {
                let plan = explain(&superuser, "force_generic_plan", &filter, from, 10).await;
                // A row is a page at most, beside the levels of the index and what was deleted there.
                let most = u64::try_from(Search::new(&filter).limit(10)).unwrap() + 8;
                assert!(pages(&plan) <= most, "{to} entries, {filter:?}: {plan:#}");
            }
        }
    }
}

/// Which of the entries that are there were logged in a time, seconds after the first.
async fn listed(database: &TestDatabase<'static>, size: u64, (start, end): (i64, i64)) -> Vec<u64> {
    let db = database.connect().unwrap();
    let at = |second: i64| START_US + second * 1_000_000;
    let log = LogId::new(LOG);
    let from = entry_index_at(&db, log, size, at(start)).await.unwrap();
    let until = entry_index_at(&db, log, size, at(end)).await.unwrap();
    let found = entry_list(&db, log, from..until, &EntryFilter::default(), 100).await;
    found.unwrap().entries.into_iter().map(|entry| entry.index).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_are_missing_hide_no_others_from_a_time() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    let holes: [&[std::ops::RangeInclusive<i64>]; 8] = [
        &[16..=16],
        &[0..=0],
        &[0..=15],
        &[32..=32],
        &[17..=32],
        &[8..=8, 16..=20, 24..=30],
        &[0..=8, 16..=16, 31..=32],
        &[0..=32],
    ];
    for holes in holes {
        superuser.batch_execute("SET session_replication_role = replica; TRUNCATE entries").await.unwrap();
        fill(&superuser, 0, 33).await;
        for hole in holes {
            let delete = format!("DELETE FROM entries WHERE entry_index BETWEEN {} AND {}", hole.start(), hole.end());
            superuser.batch_execute(&delete).await.unwrap();
        }
        let there: Vec<i64> = (0..33).filter(|index| !holes.iter().any(|hole| hole.contains(index))).collect();
        for (start, end) in
            [(-5, 99), (16, 99), (17, 99), (-5, 16), (-5, 17), (0, 32), (7, 25), (31, 33), (33, 99), (-5, 0)]
        {
            let expected: Vec<u64> = there
                .iter()
                .filter(|index| (start..end).contains(*index))
                .map(|index| (*index).try_into().unwrap())
                .collect();
            assert_eq!(listed(&database, 33, (start, end)).await, expected, "{holes:?}, {start}..{end}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_found_in_a_log_of_any_size_by_looking_at_a_few_rows() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    fill(&superuser, 0, 3_000).await;
    let prepare = format!("SET plan_cache_mode = force_generic_plan; PREPARE at AS {}", INDEX_AT.sql());
    // The size of a forged row of `logs`, too.
    let execute = format!("EXECUTE at ('{LOG}', {}, '2027-01-15 08:16:40+00')", i64::MAX);
    let plan = plan(&superuser, &prepare, &execute).await;
    let nodes = nodes(&plan);
    assert!(nodes.contains(&"entries_pkey".to_owned()), "{plan:#}");
    assert!(
        !nodes.iter().any(|node| node == "Seq Scan" || node == "Bitmap Heap Scan" || node.ends_with("Sort")),
        "{plan:#}"
    );
    assert!(pages(&plan) <= 64 * 4, "{plan:#}");
    assert_eq!(listed(&database, i64::MAX.unsigned_abs(), (1_000, 1_003)).await, [1_000, 1_001, 1_002]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_matches_several_columns_is_found_once_over_all_statements() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    fill(&superuser, 0, 3_000).await;
    let db = database.connect().unwrap();
    let filters = filters().into_iter().filter(|(filter, _)| filter.event_id.is_none());
    for (filter, _) in filters {
        let matches = |index: &u64| {
            filter.actor.as_ref().is_none_or(|_| index % 3 == 1)
                && filter.resource.as_ref().is_none_or(|_| index % 5_000 == 7)
                && filter.outcome.is_none_or(|outcome| outcome == if index % 100 == 99 { 2 } else { 1 })
        };
        let mut found = Vec::new();
        let mut next = Some(5);
        while let Some(from) = next {
            let filter = &filter;
            let page: Result<Found, StoreError> = entry_list(&db, LogId::new(LOG), from..2_991, filter, 50).await;
            let page = page.unwrap();
            next = page.next;
            found.extend(page.entries.into_iter().map(|entry| entry.index));
        }
        assert_eq!(found, (5..2_991).filter(matches).collect::<Vec<u64>>(), "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_is_found_for_every_producer() {
    let database = database().await;
    let superuser = database.superuser().await.unwrap();
    fill(&superuser, 0, 30).await;
    let same = format!(
        "SET session_replication_role = replica;
         UPDATE entries SET event_id = '{}', producer = 'producer-' || 30 - entry_index WHERE entry_index IN (7, 8, 20)",
        Uuid::from_u128(7)
    );
    superuser.batch_execute(&same).await.unwrap();
    let filter = EntryFilter { event_id: Some(EventId::new(Uuid::from_u128(7))), ..EntryFilter::default() };
    let db = database.connect().unwrap();
    for (range, expected) in [(0..30, vec![7, 8, 20]), (8..30, vec![8, 20]), (0..20, vec![7, 8])] {
        let found = entry_list(&db, LogId::new(LOG), range, &filter, 1).await;
        let indices: Vec<u64> = found.unwrap().entries.into_iter().map(|entry| entry.index).collect();
        assert_eq!(indices, expected);
    }
}
