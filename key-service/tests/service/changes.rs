//! What changed of keys and subjects, for whoever keeps data keys.

use api::key::v1::{KeyChange, KeyChangeState, KeyPurpose, ListKeyChangesRequest, ListKeyChangesResponse};
use rows::{NewRow, Table};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{Calls, Refused, World, refused};

const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];
const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";

async fn changes(calls: &mut Calls, after: impl Into<Option<u64>>) -> Result<ListKeyChangesResponse, Status> {
    let request = ListKeyChangesRequest { after_generation: after.into() };
    Ok(calls.data.list_key_changes(request).await?.into_inner())
}

fn of_key(id: &str, version: u32) -> KeyChange {
    let (key, primary_version) = (format!("keys/{id}"), format!("keys/{id}/versions/{version}"));
    KeyChange { key, state: KeyChangeState::Changed.into(), primary_version, ..Default::default() }
}

#[tokio::test]
async fn only_vault_service_is_told_what_changed() {
    let (world, replica) = World::start().await;
    for caller in ["operator", "auditor", "app", "audit-service", "stranger"] {
        let answer = changes(&mut world.calls(&replica, caller), None).await;
        assert_eq!(refused(answer), Refused::with(Code::PermissionDenied, "", &[]), "{caller}");
    }
    changes(&mut world.calls(&replica, "vault-service"), None).await.unwrap();
}

#[tokio::test]
async fn each_key_and_subject_that_changed_is_told_once_as_it_is_now() {
    let (world, replica) = World::start().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    let begin = changes(&mut vault, None).await.unwrap();
    assert!(begin.reset && begin.changes.is_empty(), "whoever knows nothing keeps nothing");
    for id in ["a", "b"] {
        operator.create(id, KeyPurpose::Wrap).await.unwrap();
    }
    let tenant = vault.provision(TENANT).await.unwrap().name;
    vault.generate_for(&tenant, "p-1", &CONTEXT).await.unwrap();
    operator.rotate("keys/a").await.unwrap();
    let all = changes(&mut vault, begin.generation).await.unwrap();
    assert_eq!(all.changes, [of_key("b", 1), of_key(TENANT, 1), of_key("a", 2)], "a subject's first key is no change");
    assert_eq!((all.generation, all.more, all.reset), (begin.generation + 4, false, false));
    world.erase_subject("p-1").await;
    let erased = changes(&mut vault, all.generation).await.unwrap();
    let state = KeyChangeState::Erased.into();
    assert_eq!(erased.changes, [KeyChange { key: tenant, subject: "p-1".to_owned(), state, ..Default::default() }]);
    let nothing = changes(&mut vault, erased.generation).await.unwrap();
    assert_eq!((nothing.changes.len(), nothing.generation, nothing.reset), (0, erased.generation, false));
    operator.rotate("keys/b").await.unwrap();
    let next = changes(&mut vault, erased.generation).await.unwrap();
    assert_eq!(
        (next.changes, next.generation),
        (vec![of_key("b", 2)], erased.generation + 1),
        "counted with the subjects'"
    );
}

#[tokio::test]
async fn whoever_knows_of_more_than_there_is_drops_everything() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let now = changes(&mut vault, None).await.unwrap().generation;
    for after in [now + 1, u64::MAX] {
        let answer = changes(&mut vault, after).await.unwrap();
        assert_eq!((answer.reset, answer.generation, answer.more), (true, now, false), "{after}");
    }
}

#[tokio::test]
async fn many_changes_come_page_by_page_and_an_altered_row_hides_none() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let begin = changes(&mut vault, None).await.unwrap().generation;
    let (sql, rows) = (world.sql().await, world.row_keys().await);
    let ids: Vec<_> = (0..510).map(|number| format!("k-{number}")).collect();
    for (number, id) in (1..).zip(&ids) {
        let row = NewRow::of(Table::new("keys"))
            .with("key_uid", Uuid::from_u128(u128::from(number)))
            .with("key_id", id.as_str())
            .with("purpose", 1_i16)
            .with("system", false)
            .with("primary_version", 1_u32)
            .with("revision", 1_u64)
            .with("generation", begin + 2 * number)
            .with("labels", Vec::<u8>::new())
            .with("create_time_us", 1_i64)
            .authenticated(&rows);
        sql.execute(&row.insert(1), &row.params()).await.unwrap();
    }
    let (mut told, mut after, mut pages) = (Vec::new(), begin, 0);
    loop {
        let page = changes(&mut vault, after).await.unwrap();
        assert!(page.changes.len() <= 500 && !page.reset);
        told.extend(page.changes);
        (after, pages) = (page.generation, pages + 1);
        if !page.more {
            break;
        }
    }
    let expected: Vec<_> = ids.iter().map(|id| of_key(id, 1)).collect();
    assert_eq!((told, after), (expected, begin + 1020));
    assert_eq!(pages, 2);

    // A row that nothing vouches for may be any change.
    let base = i64::try_from(begin).unwrap();
    for made_up in [1015, 1019, 1021] {
        world.make_up_keys(base + made_up..=base + made_up).await;
        let page = changes(&mut vault, begin + 1010).await.unwrap();
        assert_eq!((page.changes.len(), page.reset, page.generation), (0, true, begin + 1020), "{made_up}");
        world.remove_made_up().await;
    }
    let page = changes(&mut vault, begin + 1016).await.unwrap();
    let expected: Vec<_> = ids[508..].iter().map(|id| of_key(id, 1)).collect();
    assert_eq!((page.changes, page.reset, page.generation), (expected, false, begin + 1020), "the control");
}

#[tokio::test]
async fn a_change_that_only_a_newer_version_reads_is_told_by_its_name() {
    let (world, replica) = World::start().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    operator.create("newer", KeyPurpose::Wrap).await.unwrap();
    let before = changes(&mut vault, None).await.unwrap().generation;
    world.make_key_newer("newer", i64::try_from(before).unwrap() + 1).await;
    let told = changes(&mut vault, before).await.unwrap();
    let newer = KeyChange { primary_version: String::new(), ..of_key("newer", 1) };
    assert_eq!((told.changes, told.generation, told.reset), (vec![newer], before + 1, false));
    let nothing = changes(&mut vault, before + 1).await.unwrap();
    assert_eq!((nothing.changes.len(), nothing.generation, nothing.reset), (0, before + 1, false));
}

#[tokio::test]
async fn who_alters_a_row_that_changed_hides_nothing() {
    let (world, replica) = World::start().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    let tenant = vault.provision(TENANT).await.unwrap().name;
    vault.generate_for(&tenant, "p-1", &CONTEXT).await.unwrap();
    let before = changes(&mut vault, None).await.unwrap().generation;
    world.erase_subject("p-1").await;
    operator.rotate("keys/k").await.unwrap();
    // Another's name, at the generation of another change.
    let hide = "UPDATE subject_keys SET subject = 'nobody', generation = generation + 1 WHERE subject = 'p-1'";
    world.sql().await.batch_execute(hide).await.unwrap();
    assert!(changes(&mut vault, before).await.unwrap().reset);
    world.sql().await.batch_execute("DELETE FROM subject_keys").await.unwrap();
    world.sql().await.batch_execute("UPDATE keys SET key_id = 'nobody' WHERE key_id = 'k'").await.unwrap();
    assert!(changes(&mut vault, before).await.unwrap().reset);
}

/// As many rows as are looked at were made up, of keys or of subjects, and they state the highest generations: what there is
/// beside them cannot be told, nor is it passed over.
#[tokio::test]
async fn many_rows_that_were_made_up_hide_no_change_and_are_not_asked_for_without_end() {
    let (world, replica) = World::start().await;
    let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
    let begin = changes(&mut vault, None).await.unwrap().generation;
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    let newest = world.newest_generation().await;
    for of_subjects in [false, true] {
        if of_subjects {
            world.make_up_subjects(newest + 1000..=newest + 1600).await;
        } else {
            world.make_up_keys(newest + 1000..=newest + 1600).await;
        }
        for after in [None, Some(0), Some(begin), Some(begin + 1)] {
            let (mut answer, mut told) = (changes(&mut vault, after).await.unwrap(), 0);
            while answer.more {
                told += 1;
                assert!(told < 5, "{after:?}: {answer:?}");
                answer = changes(&mut vault, answer.generation).await.unwrap();
            }
            assert!(answer.reset, "{after:?}: {answer:?}");
            assert!(answer.generation <= begin + 1, "what comes next is not passed over: {answer:?}");
        }
        world.remove_made_up().await;
    }
    let now = changes(&mut vault, begin).await.unwrap();
    assert_eq!((now.changes, now.generation, now.reset), (vec![of_key("k", 1)], begin + 1, false));
}
