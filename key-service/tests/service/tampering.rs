//! A database superuser changes rows of the key database: nothing that was changed is used.

use api::key::v1::{
    CreateKeyRequest, GetHeadRequest, GetKeyRequest, Key, KeyPurpose, ListKeyVersionsRequest, ListKeysRequest,
    SealOutcome,
};
use tonic::Code;

use crate::support::{Chain, Refused, World, head, open_ids, refused};

const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

fn altered() -> Refused {
    Refused::with(Code::DataLoss, "AAD_MISMATCH", &[])
}

#[tokio::test]
async fn an_edited_key_is_not_used() {
    for change in [
        "UPDATE keys SET primary_version = 1 WHERE key_id = 'k'",
        "UPDATE key_versions SET state = 1, material = (SELECT material FROM key_versions v JOIN keys USING (key_uid) \
            WHERE key_id = 'audit-mac' AND version = 1) \
         WHERE key_uid = (SELECT key_uid FROM keys WHERE key_id = 'k') AND version = 2",
    ] {
        let (world, replica) = World::start().await;
        let mut operator = world.calls(&replica, "operator");
        operator.create("k", KeyPurpose::Wrap).await.unwrap();
        operator.rotate("keys/k").await.unwrap();
        world.sql().await.batch_execute(change).await.unwrap();
        let fresh = world.replica().await;
        let mut vault = world.calls(&fresh, "vault-service");
        assert_eq!(refused(vault.generate("keys/k", &CONTEXT).await), altered(), "{change}");
    }
}

#[tokio::test]
async fn a_deleted_version_is_missed() {
    for version in 1..=3 {
        let (world, replica) = World::start().await;
        let (mut operator, mut vault) = (world.calls(&replica, "operator"), world.calls(&replica, "vault-service"));
        operator.create("k", KeyPurpose::Wrap).await.unwrap();
        let mut wrapped = vec![vault.generate("keys/k", &CONTEXT).await.unwrap().wrapped_key];
        for _ in 2..=3 {
            operator.rotate("keys/k").await.unwrap();
            wrapped.push(vault.generate("keys/k", &CONTEXT).await.unwrap().wrapped_key);
        }
        // key-service counts its wraps meanwhile, in rows that name versions.
        let delete = format!(
            "BEGIN; LOCK TABLE wrap_counts IN EXCLUSIVE MODE; DELETE FROM wrap_counts;
            DELETE FROM key_versions USING keys WHERE keys.key_uid = key_versions.key_uid AND key_id = 'k'
            AND version = {version}; COMMIT"
        );
        world.sql().await.batch_execute(&delete).await.unwrap();
        assert_eq!(refused(operator.version(&format!("keys/k/versions/{version}")).await), altered());
        for page_size in [0, 1, 2, 3] {
            let mut token = String::new();
            let refusal = loop {
                let list = ListKeyVersionsRequest {
                    parent: "keys/k".to_owned(),
                    page_size,
                    page_token: token,
                    ..Default::default()
                };
                match operator.keys.list_key_versions(list).await {
                    Ok(page) => token = page.into_inner().next_page_token,
                    Err(status) => break refused::<()>(Err(status)),
                }
                assert!(!token.is_empty(), "version {version} was not missed by pages of {page_size}");
            };
            assert_eq!(refusal, altered());
        }
        assert_eq!(refused(operator.rotate("keys/k").await), altered());
        let fresh = world.replica().await;
        let mut vault = world.calls(&fresh, "vault-service");
        assert_eq!(refused(vault.unwrap("keys/k", &CONTEXT, &wrapped[version - 1]).await), altered());
        match vault.generate("keys/k", &CONTEXT).await {
            Ok(made) => assert_eq!((version < 3, made.key_version.as_str()), (true, "keys/k/versions/3")),
            Err(status) => assert_eq!((version, refused::<()>(Err(status))), (3, altered())),
        }
    }
}

#[tokio::test]
async fn an_older_genuine_row_of_a_key_wraps_under_its_older_version_again() {
    let (world, replica) = World::start().await;
    let (sql, mut operator) = (world.sql().await, world.calls(&replica, "operator"));
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    sql.batch_execute("CREATE TABLE older AS SELECT * FROM keys WHERE key_id = 'k'").await.unwrap();
    operator.rotate("keys/k").await.unwrap();
    let put_back = "UPDATE keys SET primary_version = older.primary_version, revision = older.revision,
        generation = older.generation, row_mac = older.row_mac FROM older WHERE keys.key_uid = older.key_uid";
    sql.batch_execute(put_back).await.unwrap();
    let fresh = world.replica().await;
    let made = world.calls(&fresh, "vault-service").generate("keys/k", &CONTEXT).await.unwrap();
    assert_eq!(made.key_version, "keys/k/versions/1", "not noticed: docs/data-model.md says so");
}

#[tokio::test]
async fn reads_of_metadata_find_an_edited_row_at_once() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    world.sql().await.batch_execute("UPDATE key_versions SET state = 2").await.unwrap();
    assert_eq!(refused(operator.version("keys/k/versions/1").await), altered());
    world.sql().await.batch_execute("UPDATE keys SET revision = 9").await.unwrap();
    let get = GetKeyRequest { name: "keys/k".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.keys.get_key(get).await), altered());
    assert_eq!(refused(operator.rotate("keys/k").await), altered());
    assert_eq!(refused(operator.keys.list_keys(ListKeysRequest::default()).await), altered());
}

#[tokio::test]
async fn a_disabled_version_neither_wraps_nor_unwraps_and_that_is_recorded() {
    let (world, replica) = World::start().await;
    world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    let made = world.calls(&replica, "vault-service").generate("keys/k", &CONTEXT).await.unwrap();
    world.disable("k").await;
    let fresh = world.replica().await;
    let mut vault = world.calls(&fresh, "vault-service");
    let disabled = Refused::with(Code::FailedPrecondition, "KEY_VERSION_DISABLED", &[]);
    assert_eq!(refused(vault.generate("keys/k", &CONTEXT).await), disabled);
    assert_eq!(refused(vault.unwrap("keys/k", &CONTEXT, &made.wrapped_key).await), disabled);
    for action in ["dataKeys.generate", "dataKeys.unwrap"] {
        let is = |event: &api::audit::v1::Event| {
            event.attributes.get("reason").is_some_and(|reason| reason == "KEY_VERSION_DISABLED")
        };
        world.audit.event(action, is).await;
    }
}

#[tokio::test]
async fn an_edited_subject_key_request_or_count_is_not_used() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let key = vault.provision("0190a5a0-0000-7000-8000-000000000001").await.unwrap().name;
    vault.generate_for(&key, "p-1", &CONTEXT).await.unwrap();
    let mut operator = world.calls(&replica, "operator");
    let create = CreateKeyRequest {
        key_id: "k".to_owned(),
        key: Some(Key { purpose: KeyPurpose::Wrap.into(), ..Key::default() }),
        request_id: "0190a5a0-7b6c-7def-8123-456789abcdef".to_owned(),
        ..Default::default()
    };
    operator.keys.create_key(create.clone()).await.unwrap();
    test_support::poll_until(crate::support::LIMIT, "a wrap is counted", async || {
        let version = world.calls(&replica, "operator").version(&format!("{key}/versions/1")).await.unwrap();
        (version.wrap_count == 1).then_some(())
    })
    .await
    .unwrap();
    let sql = world.sql().await;
    sql.batch_execute("UPDATE subject_keys SET subject = 'p-2'").await.unwrap();
    sql.batch_execute("UPDATE requests SET create_time_us = 0").await.unwrap();
    sql.batch_execute("UPDATE wrap_counts SET wraps = 1000000").await.unwrap();
    assert_eq!(refused(operator.keys.create_key(create).await), altered());
    assert_eq!(refused(operator.version(&format!("{key}/versions/1")).await), altered());
    let fresh = world.replica().await;
    let answer = world.calls(&fresh, "vault-service").generate_for(&key, "p-2", &CONTEXT).await;
    assert_eq!(refused(answer), altered());
}

#[tokio::test]
async fn a_forged_row_of_the_outbox_is_not_delivered() {
    let (world, replica) = World::start().await;
    let sql = world.sql().await;
    world.audit.set_away(true);
    world.calls(&replica, "operator").create("k", KeyPurpose::Wrap).await.unwrap();
    // A genuine row once more, under another id and for another log: its events could be delivered.
    let forge = "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac)
        SELECT gen_random_uuid(), 'logs/forged', time_ns, events, mac FROM audit_outbox";
    assert!(sql.execute(forge, &[]).await.unwrap() > 0);
    world.audit.set_away(false);
    test_support::poll_until(crate::support::LIMIT, "nothing waits", async || {
        let row = sql.query_one("SELECT count(*) FROM audit_outbox", &[]).await.unwrap();
        (row.get::<_, i64>(0) == 0).then_some(())
    })
    .await
    .unwrap();
    let refused = sql.query("SELECT log_name, reason FROM audit_outbox_refused", &[]).await.unwrap();
    assert!(!refused.is_empty());
    for row in refused {
        assert_eq!((row.get("log_name"), row.get("reason")), ("logs/forged", "FORGED"));
    }
    let delivered = world.audit.events();
    let is_create = |event: &&api::audit::v1::Event| event.action == "keys.create" && event.resource == "keys/k";
    assert_eq!(delivered.iter().filter(is_create).count(), 1, "the genuine one");
}

#[tokio::test]
async fn an_edited_or_invented_head_is_not_extended() {
    for change in [
        "UPDATE signer_heads SET acknowledged = 2",
        "UPDATE signer_segments SET digest = decode(repeat('00', 32), 'hex')",
    ] {
        let (world, replica) = World::start().await;
        let mut audit = world.calls(&replica, "audit-service");
        let mut chain = Chain::new("logs/acme");
        chain.seal(&mut audit, [1, 2]).await;
        chain.seal(&mut audit, [3, 4]).await;
        world.sql().await.batch_execute(change).await.unwrap();
        let request = api::key::v1::SealBatchRequest { segments: vec![chain.segment([5]).0], ..Default::default() };
        assert_eq!(refused(audit.signer.seal_batch(request).await), altered(), "{change}");
        let get = GetHeadRequest { log: "logs/acme".to_owned() };
        assert_eq!(refused(audit.signer.get_head(get).await), altered(), "{change}");
    }
}

#[tokio::test]
async fn edited_entries_of_a_segment_are_not_given_out() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new("logs/acme");
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    let change = "UPDATE signer_segments SET entries = set_byte(entries, 50, get_byte(entries, 50) # 1)";
    world.sql().await.batch_execute(change).await.unwrap();
    let request = api::key::v1::SealBatchRequest { segments: vec![begin.segment([9]).0], ..Default::default() };
    assert_eq!(refused(audit.signer.seal_batch(request).await), altered());
}

#[tokio::test]
async fn what_does_not_fit_an_answer_is_not_even_read() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut probes = Vec::new();
    // A segment of 1.2 MB, and three of 0.6 MB, of which two begin within the 2 MiB of an answer.
    for (log, segments) in [("logs/a", vec![4_000]), ("logs/b", vec![2_000; 3])] {
        let mut chain = Chain::new(log);
        probes.push(chain.raw(Vec::new()));
        for (number, count) in (1..).zip(segments) {
            let first = number * 10_000;
            assert_eq!(chain.seal(&mut audit, first..first + count).await.outcome(), SealOutcome::Sealed);
        }
    }
    let change = "UPDATE signer_segments SET entries = set_byte(entries, 50, get_byte(entries, 50) # 1)
        WHERE first_index = 4000";
    assert_eq!(world.sql().await.execute(change, &[]).await.unwrap(), 1);
    let alone = api::key::v1::SealBatchRequest { segments: vec![probes[1].clone()], ..Default::default() };
    assert_eq!(refused(audit.signer.seal_batch(alone).await), altered(), "alone, the log has room for it");
    let results = audit.seal_batch(probes).await;
    let behind: Vec<_> = results.iter().map(|result| (result.behind.len(), result.more)).collect();
    assert_eq!(behind, [(1, false), (1, true)]);
}

#[tokio::test]
async fn an_older_head_of_the_same_size_does_not_hide_an_alarm_from_a_process_that_has_seen_it() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let mut chain = Chain::new("logs/acme");
    let begin = chain.clone();
    chain.seal(&mut audit, [1, 2]).await;
    audit.acknowledge(chain.acknowledgement()).await;
    let sql = world.sql().await;
    sql.batch_execute("CREATE TABLE no_alarm AS TABLE signer_heads").await.unwrap();
    let elsewhere = begin.segment([7, 8]).1.segment([9]).0;
    assert_eq!(audit.seal_one(elsewhere).await.outcome(), SealOutcome::Forked);
    sql.batch_execute("CREATE TABLE open AS TABLE signer_heads; CREATE TABLE alarms AS TABLE signer_alarms")
        .await
        .unwrap();
    chain.seal(&mut audit, []).await;
    audit.acknowledge(chain.acknowledgement()).await;
    let alarm_ids = open_ids(&head(&mut audit, "logs/acme").await, "FORKED");
    let log = "logs/acme".to_owned();
    let close = api::key::v1::CloseAlarmRequest { log, alarm_ids, ..Default::default() };
    operator.signer.close_alarm(close).await.unwrap();

    for (heads, alarms) in [("no_alarm", "WHERE false"), ("open", "")] {
        let put_back = format!(
            "SET session_replication_role = replica; DELETE FROM signer_alarms; DELETE FROM signer_heads;
             INSERT INTO signer_heads SELECT h.* FROM {heads} h; INSERT INTO signer_alarms SELECT a.* FROM alarms a {alarms}"
        );
        sql.batch_execute(&put_back).await.unwrap();
        let set_back = Refused::with(Code::DataLoss, "LOG_INCONSISTENT", &[]);
        let get = GetHeadRequest { log: "logs/acme".to_owned() };
        assert_eq!(refused(audit.signer.get_head(get).await), set_back, "{heads}");
        let request = api::key::v1::SealBatchRequest { segments: vec![chain.segment([3]).0], ..Default::default() };
        assert_eq!(refused(audit.signer.seal_batch(request).await), set_back, "{heads}");
    }
}

#[tokio::test]
async fn older_genuine_rows_of_a_head_are_refused() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut chain = Chain::new("logs/acme");
    chain.seal(&mut audit, [1]).await;
    let sql = world.sql().await;
    sql.batch_execute("CREATE TABLE older AS SELECT * FROM signer_heads").await.unwrap();
    let older = chain.clone();
    chain.seal(&mut audit, [2]).await;
    let put_back = "DELETE FROM signer_heads; INSERT INTO signer_heads SELECT * FROM older";
    sql.batch_execute(put_back).await.unwrap();
    let set_back = Refused::with(Code::DataLoss, "LOG_INCONSISTENT", &[]);
    let request = || api::key::v1::SealBatchRequest { segments: vec![older.segment([3]).0], ..Default::default() };
    assert_eq!(refused(audit.signer.seal_batch(request()).await), set_back, "unlike the newest segment");
    let fresh = world.replica().await;
    let answer = world.calls(&fresh, "audit-service").signer.seal_batch(request()).await;
    assert_eq!(refused(answer), set_back, "also by a process that has not seen more");

    sql.batch_execute("DELETE FROM signer_segments WHERE first_index = 1").await.unwrap();
    assert_eq!(refused(audit.signer.seal_batch(request()).await), set_back, "below what this process has seen");
}
