//! Lists that end, pages that are bounded, and tokens that were made up.
use api::audit::v1::{GetEntryRequest, ListEntriesRequest, ListEntriesResponse, ListLogsRequest, LogState, Outcome};
use rpc::page::Page;
use rpc::{StatusDetails, Violations};
use tonic::{Code, Request, Status};

use crate::world::{Replica, World, events, log};

async fn list(world: &World, replica: &Replica, request: &ListEntriesRequest) -> Result<ListEntriesResponse, Status> {
    let answer = world.logs(replica, "auditor").list_entries(Request::new(request.clone())).await;
    answer.map(tonic::Response::into_inner)
}

fn request(log: &str) -> ListEntriesRequest {
    ListEntriesRequest { parent: log.to_owned(), page_size: 1, ..ListEntriesRequest::default() }
}

/// A token of `ListEntries` that nobody was given.
fn made_up(log: &str, key: &str) -> String {
    let filter = "EntryFilter { action: None, actor: None, resource: None, outcome: None, event_id: None, start_us: None, \
                  end_us: None }";
    Page::parse(&["ListEntries", log, filter], 0, "", &mut Violations::new()).token_after(key)
}

fn refusal(refused: &Status) -> (Code, Vec<String>) {
    let details = StatusDetails::of(refused);
    (details.code, details.violations.into_iter().map(|(field, _)| field).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_the_system_log_ends_although_every_page_appends_to_it() {
    let world = World::start().await;
    let replica = world.replica().await;
    // The first one finds no log, and makes it: some entries that match.
    list(&world, &replica, &request("logs/system")).await.unwrap_err();
    for _ in 1..6 {
        list(&world, &replica, &request("logs/system")).await.unwrap();
    }
    let mut request = ListEntriesRequest { action: "entries.list".to_owned(), ..request("logs/system") };
    let mut listed = Vec::new();
    for _ in 0..20 {
        let page = list(&world, &replica, &request).await.unwrap();
        listed.extend(page.entries.iter().map(|entry| entry.index.unwrap()));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, (0..6).collect::<Vec<u64>>());
    assert_eq!(request.page_token, "", "it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_looks_at_so_many_rows_and_the_next_one_goes_on() {
    let world = World::start().await;
    let replica = world.replica().await;
    let acme = log("logs/acme");
    let mut sealed = events(2);
    sealed[1].action = "records.create".to_owned();
    replica.append(&acme, &sealed).await;
    // Far behind the first entry, and among many of the same actor.
    let superuser = world.tamperer().await;
    superuser
        .batch_execute(
            "UPDATE entries SET entry_index = 24000 WHERE entry_index = 1;
             INSERT INTO entries SELECT e.log_id, i, gen_random_uuid(), e.entry, e.mac, e.logged_at, e.producer, e.actor,
                 e.action, e.resource, e.outcome FROM entries e, generate_series(1, 23999) i WHERE e.entry_index = 0;
             UPDATE logs SET size = 24001 WHERE name = 'logs/acme'",
        )
        .await
        .unwrap();
    let actor = sealed[1].actor.clone();
    let mut request = ListEntriesRequest { action: "records.create".to_owned(), actor, ..request("logs/acme") };
    let mut pages = Vec::new();
    loop {
        let page = list(&world, &replica, &request).await.unwrap();
        pages.push(page.entries.iter().map(|entry| entry.index.unwrap()).collect::<Vec<_>>());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [vec![], vec![], vec![24_000]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_belongs_to_its_list_and_says_what_a_log_can_have() {
    let world = World::start().await;
    let replica = world.replica().await;
    for name in ["logs/acme", "logs/umbrella"] {
        replica.append(&log(name), &events(5)).await;
    }
    let acme = request("logs/acme");
    let page_token = list(&world, &replica, &acme).await.unwrap().next_page_token;
    assert_eq!(page_token, made_up("logs/acme", "1-5"), "made up as it is made");
    let others = [
        ListEntriesRequest { parent: "logs/umbrella".to_owned(), ..acme.clone() },
        ListEntriesRequest { action: "records.get".to_owned(), ..acme.clone() },
        ListEntriesRequest { outcome: Outcome::Ok.into(), ..acme.clone() },
        ListEntriesRequest { end_time: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }), ..acme.clone() },
    ];
    for other in others {
        let other = ListEntriesRequest { page_token: page_token.clone(), ..other };
        let refused = list(&world, &replica, &other).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::InvalidArgument, vec!["page_token".to_owned()]), "{other:?}");
    }
    let keys = ["\0", "1", "1-", "-5", "5-5", "3-2", "1-5-6", "a-b", "1-5\0", "0-9223372036854775808"];
    for key in keys.into_iter().chain(["9223372036854775808-9223372036854775809", "1-18446744073709551616"]) {
        let bad = ListEntriesRequest { page_token: made_up("logs/acme", key), ..acme.clone() };
        let refused = list(&world, &replica, &bad).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::InvalidArgument, vec!["page_token".to_owned()]), "{key:?}");
    }
    // A range that a log can have, but this one has not.
    for (key, expected) in [("3-9223372036854775807", vec![3, 4]), ("9223372036854775806-9223372036854775807", vec![])]
    {
        let odd = ListEntriesRequest { page_token: made_up("logs/acme", key), page_size: 9, ..acme.clone() };
        let page = list(&world, &replica, &odd).await.unwrap();
        let found: Vec<u64> = page.entries.iter().map(|entry| entry.index.unwrap()).collect();
        assert_eq!((found, page.next_page_token.as_str()), (expected, ""), "{key:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_logs_holds_any_name_that_a_row_can_have_and_no_nul() {
    let world = World::start().await;
    let replica = world.replica().await;
    let mut logs = world.logs(&replica, "auditor");
    for name in ["logs/acme", "logs/umbrella"] {
        replica.append(&log(name), &events(1)).await;
    }
    let page = Page::parse(&["ListLogs"], 0, "", &mut Violations::new());
    let bad = ListLogsRequest { page_token: page.token_after("logs/\0"), ..ListLogsRequest::default() };
    let refused = logs.list_logs(Request::new(bad)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, vec!["page_token".to_owned()]));
    logs.list_logs(Request::new(ListLogsRequest::default())).await.unwrap();

    // A name that SQL has made none ends no list.
    world.tamperer().await.batch_execute("UPDATE logs SET name = 'logs/Ä é' WHERE name = 'logs/acme'").await.unwrap();
    assert_eq!(names_one_by_one(&world, &replica).await, ["logs/system", "logs/umbrella", "logs/Ä é"]);

    // Nor does one that is too long for a token, even with the last of all characters in it: what is behind it is listed.
    for rest in ["repeat('z', 174) || U&'\\+10FFFF' || repeat('z', 100)", "repeat('é', 900)"] {
        let long = format!(
            "ALTER TABLE logs DROP CONSTRAINT IF EXISTS logs_name_length;
             UPDATE logs SET name = 'logs/a' || {rest} WHERE name NOT IN ('logs/system', 'logs/umbrella')"
        );
        world.tamperer().await.batch_execute(&long).await.unwrap();
        assert_eq!(names_one_by_one(&world, &replica).await, ["logs/system", "logs/umbrella"], "{rest}");
    }
}

/// The names of all logs, each on a page of its own.
async fn names_one_by_one(world: &World, replica: &Replica) -> Vec<String> {
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListLogsRequest { page_size: 1, page_token, ..ListLogsRequest::default() };
        let page = world.logs(replica, "auditor").list_logs(Request::new(request)).await.unwrap().into_inner();
        assert!(page.logs.iter().all(|log| log.state() == LogState::Active));
        names.extend(page.logs.into_iter().map(|log| log.name));
        assert!(names.len() < 10, "the list does not end: {names:?}");
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return names;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_beyond_what_a_log_can_hold_does_not_exist() {
    let world = World::start().await;
    let replica = world.replica().await;
    replica.append(&log("logs/acme"), &events(1)).await;
    for index in [1, (1 << 63) - 1, 1 << 63, u64::MAX] {
        let name = format!("logs/acme/entries/{index}");
        let get = GetEntryRequest { name: name.clone(), ..GetEntryRequest::default() };
        let refused = world.logs(&replica, "auditor").get_entry(Request::new(get)).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::NotFound, vec![]), "{index}");
        let asked = ListEntriesRequest { resource: name, page_size: 2, ..request("logs/system") };
        let made = list(&world, &replica, &asked).await.unwrap().entries;
        let made: Vec<_> = made.iter().map(|entry| (entry.action.as_str(), entry.outcome())).collect();
        assert_eq!(made, [("entries.get", Outcome::Refused)], "{index}");
    }
}
