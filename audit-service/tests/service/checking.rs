//! What is shown of entries is held against the signer, and against the columns by which it was found.
use api::audit::v1::{Entry, EntryCheck, GetEntryRequest, ListEntriesRequest};
use tonic::{Code, Request, Status};

use crate::world::{Replica, World, events, log};

async fn list(world: &World, replica: &Replica, request: ListEntriesRequest) -> Vec<Entry> {
    let request = ListEntriesRequest { parent: "logs/acme".to_owned(), ..request };
    world.logs(replica, "auditor").list_entries(Request::new(request)).await.unwrap().into_inner().entries
}

async fn get(world: &World, replica: &Replica, index: u64) -> Result<Entry, Status> {
    let get = GetEntryRequest { name: format!("logs/acme/entries/{index}"), ..GetEntryRequest::default() };
    let answer = world.logs(replica, "auditor").get_entry(Request::new(get)).await;
    answer.map(|answer| answer.into_inner().entry.unwrap())
}

fn checks(entries: &[Entry]) -> Vec<EntryCheck> {
    entries.iter().map(Entry::check).collect()
}

/// Runs SQL with full rights; `acme` in it is the condition that a row is one of the log.
async fn tamper(world: &World, sql: &str) {
    let acme = "log_id = (SELECT log_id FROM logs WHERE name = 'logs/acme')";
    world.tamperer().await.batch_execute(&sql.replace("acme", acme)).await.unwrap();
}

async fn filled(count: u64) -> (World, Replica) {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(count)).await;
    let untouched = list(&world, &replica, ListEntriesRequest::default()).await;
    assert!(untouched.iter().all(|entry| entry.check() == EntryCheck::Sealed && entry.differing_columns.is_empty()));
    (world, replica)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_found_by_a_false_column_says_so() {
    let (world, replica) = filled(6).await;
    let change = "UPDATE entries SET actor = 'spiffe://strongroom.dev/nobody', resource = 'tenants/none' WHERE acme AND entry_index > 2";
    tamper(&world, change).await;
    let by = |actor: &str| ListEntriesRequest { actor: actor.to_owned(), ..ListEntriesRequest::default() };
    let found = list(&world, &replica, by("spiffe://strongroom.dev/nobody")).await;
    assert_eq!(found.iter().map(|entry| entry.index.unwrap()).collect::<Vec<_>>(), [3, 4, 5]);
    for entry in &found {
        assert_eq!(
            (entry.check(), entry.differing_columns.join(",")),
            (EntryCheck::Sealed, "actor,resource".to_owned())
        );
        assert_eq!(entry.actor, "spiffe://strongroom.dev/app", "as its bytes say");
    }
    let found = list(&world, &replica, by("spiffe://strongroom.dev/app")).await;
    assert_eq!(found.len(), 3, "what is searched are the columns");
    assert!(found.iter().all(|entry| entry.differing_columns.is_empty()));
    assert_eq!(get(&world, &replica, 4).await.unwrap().differing_columns, ["actor", "resource"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_derived_column_is_held_against_the_bytes() {
    let (world, replica) = filled(9).await;
    let changes = [
        ("event_id = gen_random_uuid()", "event_id"),
        ("logged_at = logged_at - interval '1 us'", "logged_at"),
        ("producer = 'key-service'", "producer"),
        ("actor = 'x'", "actor"),
        ("action = 'x'", "action"),
        ("resource = ''", "resource"),
        ("outcome = 2", "outcome"),
        ("key_boot = gen_random_uuid(), key_counter = 7", "key_boot,key_counter"),
    ];
    for (index, (change, _)) in changes.iter().enumerate() {
        tamper(&world, &format!("UPDATE entries SET {change} WHERE acme AND entry_index = {index}")).await;
    }
    let entries = list(&world, &replica, ListEntriesRequest::default()).await;
    assert_eq!(checks(&entries), [EntryCheck::Sealed; 9]);
    let differing: Vec<String> = entries.iter().map(|entry| entry.differing_columns.join(",")).collect();
    assert_eq!(differing, changes.map(|(_, columns)| columns).into_iter().chain([""]).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_bytes_were_not_sealed_says_so_and_hides_no_other() {
    let (world, replica) = filled(9).await;
    let changes = [
        "UPDATE entries SET entry = overlay(entry placing 'APP' from position('app' in entry)) WHERE acme AND entry_index = 1",
        "UPDATE entries SET mac = set_byte(mac, 40, get_byte(mac, 40) # 1) WHERE acme AND entry_index = 2",
        "UPDATE entries SET mac = set_byte(mac, 3, 9) WHERE acme AND entry_index = 3",
        "UPDATE entries SET entry = '\\x00' WHERE acme AND entry_index = 4",
        "UPDATE entries SET entry = (SELECT entry FROM entries WHERE acme AND entry_index = 0) WHERE acme AND entry_index = 5",
        "ALTER TABLE entries DROP CONSTRAINT entries_entry_length, DROP CONSTRAINT entries_mac_length",
        "UPDATE entries SET entry = decode(repeat('00', 5000000), 'hex') WHERE acme AND entry_index = 6",
        "UPDATE entries SET mac = '' WHERE acme AND entry_index = 7",
    ];
    for change in changes {
        tamper(&world, change).await;
    }
    let entries = list(&world, &replica, ListEntriesRequest::default()).await;
    let expected = [
        EntryCheck::Sealed,
        EntryCheck::MacInvalid,
        EntryCheck::MacInvalid,
        EntryCheck::UnknownKeyVersion,
        EntryCheck::Unreadable,
        EntryCheck::Unreadable,
        EntryCheck::Unreadable,
        EntryCheck::MacInvalid,
        EntryCheck::Sealed,
    ];
    assert_eq!(checks(&entries), expected);
    assert_eq!(
        (entries[1].actor.as_str(), entries[1].differing_columns.join(",")),
        ("spiffe://strongroom.dev/APP", "actor".to_owned())
    );
    let unreadable = &entries[5];
    assert_eq!(
        (unreadable.name.as_str(), unreadable.index, unreadable.mac.len()),
        ("logs/acme/entries/5", Some(5), 44)
    );
    assert_eq!((unreadable.entry.clone(), unreadable.actor.as_str()), (entries[0].entry.clone(), ""));
    assert_eq!(entries[6].entry.len(), 0, "longer than any entry");
    for (index, check) in (0..).zip(expected) {
        match (get(&world, &replica, index).await, check) {
            (Ok(entry), _) => assert_eq!(entry.check(), check),
            (Err(refused), EntryCheck::Unreadable) => {
                let details = rpc::StatusDetails::of(&refused);
                assert_eq!((details.code, details.reason.as_str()), (Code::DataLoss, "LOG_INCONSISTENT"));
            }
            (Err(refused), _) => panic!("{index}: {refused:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_apart_from_each_other_are_checked_in_one_call() {
    let (world, replica) = filled(40).await;
    tamper(&world, "UPDATE entries SET outcome = 2 WHERE acme AND entry_index % 7 = 3").await;
    let wrong = "UPDATE entries SET mac = set_byte(mac, 40, get_byte(mac, 40) # 1) WHERE acme AND entry_index = 24";
    tamper(&world, wrong).await;
    replica.faults.count_checks();
    let denied = ListEntriesRequest { outcome: 2, ..ListEntriesRequest::default() };
    let found = list(&world, &replica, denied).await;
    let found: Vec<_> = found.iter().map(|entry| (entry.index.unwrap(), entry.check())).collect();
    let check = |index| if index == 24 { EntryCheck::MacInvalid } else { EntryCheck::Sealed };
    assert_eq!(found, [3, 10, 17, 24, 31, 38].map(|index| (index, check(index))));
    assert_eq!(replica.faults.count_checks(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_does_not_answer_keeps_nobody_from_reading() {
    let (world, replica) = filled(3).await;
    replica.faults.lose_checks(2);
    let entries = list(&world, &replica, ListEntriesRequest::default()).await;
    assert_eq!(checks(&entries), [EntryCheck::NoAnswer; 3]);
    assert_eq!(get(&world, &replica, 1).await.unwrap().check(), EntryCheck::NoAnswer);
    assert_eq!(get(&world, &replica, 1).await.unwrap().check(), EntryCheck::Sealed);
    replica.faults.hang_checks();
    let entries = list(&world, &replica, ListEntriesRequest::default()).await;
    assert_eq!(checks(&entries), [EntryCheck::NoAnswer; 3]);
}
