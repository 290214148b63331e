//! Bad input gets the error of the table, all violations at once, after authorization.

use api::key::v1::{
    AcknowledgeRequest, Acknowledgement, AdvanceHeadRequest, BatchGenerateDataKeysRequest, CloseAlarmRequest,
    CreateKeyRequest, DeclareLossRequest, GenerateDataKeyRequest, GetHeadRequest, GetKeyRequest, GetKeyVersionRequest,
    Key, KeyPurpose, ListHeadsRequest, ListKeyVersionsRequest, ListKeysRequest, ListPublicKeysRequest,
    ProvisionTenantKeyRequest, Rollback, RotateKeyRequest, SealBatchRequest, SealOutcome, Segment,
    UnwrapDataKeyRequest, VerifyMacsRequest,
};
use bytes::Bytes;
use rpc::Violations;
use rpc::page::Page;
use tonic::Code;

use crate::support::{Chain, Refused, World, context, refused};

fn invalid(fields: &[&str]) -> Refused {
    Refused::with(Code::InvalidArgument, "", fields)
}

#[tokio::test]
async fn malformed_management_calls_name_every_field() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    assert_eq!(refused(operator.keys.create_key(CreateKeyRequest::default()).await), invalid(&["key"]));
    let labels = std::collections::BTreeMap::from([("Team".to_owned(), "x".to_owned())]);
    let request = CreateKeyRequest {
        key_id: "Upper".to_owned(),
        key: Some(Key { labels, ..Key::default() }),
        request_id: "7".to_owned(),
        ..Default::default()
    };
    let fields = ["key_id", "request_id", "key.purpose", "key.labels"];
    assert_eq!(refused(operator.keys.create_key(request).await), invalid(&fields));
    for id in ["audit-mac", "vault-service", "checkpoint", "checkpoint-2", "checkpoints", "statement", "system-x"] {
        assert_eq!(refused(operator.create(id, KeyPurpose::Sign).await), invalid(&["key_id"]), "{id}");
    }
    for id in ["system", "audit-mac-2", "my-checkpoint"] {
        operator.create(id, KeyPurpose::Sign).await.unwrap();
    }
    for name in ["", "keys", "keys/", "keys/A", "tenants/a", "keys/a/versions/1", &"x".repeat(10_000)] {
        let get = GetKeyRequest { name: name.to_owned(), ..Default::default() };
        assert_eq!(refused(operator.keys.get_key(get).await), invalid(&["name"]), "{name}");
        let (etag, request_id) = ("x".to_owned(), "7".to_owned());
        let rotate = RotateKeyRequest { name: name.to_owned(), etag, request_id, ..Default::default() };
        let fields = ["name", "etag", "request_id"];
        assert_eq!(refused(operator.keys.rotate_key(rotate).await), invalid(&fields), "{name}");
    }
    for name in
        ["keys/a", "keys/a/versions/0", "keys/a/versions/01", "keys/a/versions/-1", "keys/a/versions/4294967296"]
    {
        let get = GetKeyVersionRequest { name: name.to_owned(), ..Default::default() };
        assert_eq!(refused(operator.keys.get_key_version(get).await), invalid(&["name"]), "{name}");
    }
    let list = ListKeysRequest { page_size: -1, page_token: "?".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.keys.list_keys(list).await), invalid(&["page_size", "page_token"]));
    let list = ListKeyVersionsRequest {
        parent: "x".to_owned(),
        page_size: -1,
        page_token: "?".to_owned(),
        ..Default::default()
    };
    let fields = ["page_size", "page_token", "parent"];
    assert_eq!(refused(operator.keys.list_key_versions(list).await), invalid(&fields));
}

/// A token of a list that nobody was given, with this key.
fn made_up_token(list: &[&str], key: &str) -> String {
    Page::parse(list, 0, "", &mut Violations::new()).token_after(key)
}

#[tokio::test]
async fn a_made_up_page_token_is_bad_input_or_begins_elsewhere() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    let token = || invalid(&["page_token"]);
    for key in ["\0", "a\0"] {
        let list = ListKeysRequest { page_token: made_up_token(&["ListKeys"], key), ..Default::default() };
        assert_eq!(refused(operator.keys.list_keys(list).await), token(), "{key:?}");
        let list = ListHeadsRequest { page_token: made_up_token(&["ListHeads"], key), ..Default::default() };
        assert_eq!(refused(operator.signer.list_heads(list).await), token(), "{key:?}");
    }
    for key in ["\0", "keys/k\0/versions/1", "keys/k", "keys/k/versions/0", "keys/k/versions/4294967296"] {
        let page_token = made_up_token(&["ListPublicKeys"], key);
        let list = ListPublicKeysRequest { page_token, ..Default::default() };
        let refusal = refused(world.calls(&replica, "auditor").signer.list_public_keys(list).await);
        assert_eq!(refusal, token(), "{key:?}");
    }
    let versions = |key: &str| ListKeyVersionsRequest {
        parent: "keys/k".to_owned(),
        page_token: made_up_token(&["ListKeyVersions", "keys/k"], key),
        ..Default::default()
    };
    for key in ["\0", "-1", "4294967296", "k"] {
        assert_eq!(refused(operator.keys.list_key_versions(versions(key)).await), token(), "{key:?}");
    }
    for key in ["1", "2147483648", "4294967295"] {
        let page = operator.keys.list_key_versions(versions(key)).await.unwrap().into_inner();
        assert_eq!((page.key_versions.len(), page.next_page_token.as_str()), (0, ""), "{key:?}");
    }
    let get = GetKeyVersionRequest { name: "keys/k/versions/4294967295".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.keys.get_key_version(get).await), Refused::with(Code::NotFound, "", &[]));
}

#[tokio::test]
async fn malformed_data_key_calls_name_every_field() {
    let (world, replica) = World::start().await;
    let mut vault = world.calls(&replica, "vault-service");
    let empty = GenerateDataKeyRequest::default();
    assert_eq!(refused(vault.data.generate_data_key(empty.clone()).await), invalid(&["key", "context"]));
    let unwrap = UnwrapDataKeyRequest { subject: "\n".to_owned(), ..Default::default() };
    let fields = ["key", "subject", "context", "wrapped_key"];
    assert_eq!(refused(vault.data.unwrap_data_key(unwrap).await), invalid(&fields));

    let key = "keys/vault-service".to_owned();
    let many = api::context_entries((0..17).map(|index| (index.to_string(), "")));
    let no_text = vec![Bytes::from_static(b"\x0a\x01\xff")];
    for context in
        [many, no_text, context(&[("", "a")]), context(&[(&"k".repeat(65), "a")]), context(&[("a", &"v".repeat(1025))])]
    {
        let request =
            GenerateDataKeyRequest { key: key.clone(), subject: String::new(), context, ..Default::default() };
        assert_eq!(refused(vault.data.generate_data_key(request).await), invalid(&["context"]));
    }
    let long = GenerateDataKeyRequest {
        key: key.clone(),
        subject: "s".repeat(257),
        context: context(&[("a", "b")]),
        ..Default::default()
    };
    assert_eq!(refused(vault.data.generate_data_key(long).await), invalid(&["subject"]));

    let none = BatchGenerateDataKeysRequest { requests: Vec::new(), ..Default::default() };
    assert_eq!(refused(vault.data.batch_generate_data_keys(none).await), invalid(&["requests"]));
    let good =
        GenerateDataKeyRequest { key, subject: String::new(), context: context(&[("a", "b")]), ..Default::default() };
    let too_many = BatchGenerateDataKeysRequest { requests: vec![good.clone(); 1001], ..Default::default() };
    assert_eq!(refused(vault.data.batch_generate_data_keys(too_many).await), invalid(&["requests"]));
    let mixed = BatchGenerateDataKeysRequest { requests: vec![good, empty], ..Default::default() };
    let fields = ["requests[1].key", "requests[1].context"];
    assert_eq!(refused(vault.data.batch_generate_data_keys(mixed).await), invalid(&fields));
    for tenant_uid in ["", "x", "00000000-0000-0000-0000-000000000000", "0190A5A0-0000-7000-8000-000000000001"] {
        let request = ProvisionTenantKeyRequest { tenant_uid: tenant_uid.to_owned(), ..Default::default() };
        assert_eq!(refused(vault.data.provision_tenant_key(request).await), invalid(&["tenant_uid"]), "{tenant_uid}");
    }
}

#[tokio::test]
async fn malformed_signer_calls_name_every_field() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let request = SealBatchRequest { segments: vec![Segment::default()], rollbacks: vec![Rollback::default()] };
    let fields = [
        "segments[0].log",
        "segments[0].first_index",
        "segments[0].previous_head",
        "rollbacks[0].log",
        "rollbacks[0].size",
        "rollbacks[0].kind",
    ];
    assert_eq!(refused(audit.signer.seal_batch(request).await), invalid(&fields));

    // No database has such a number: an alarm about it would not be found again as it was kept.
    let (chain, beyond) = (Chain::new("logs/acme"), Some(1 << 63));
    let request = SealBatchRequest {
        segments: vec![Segment { first_index: beyond, ..chain.segment([1]).0 }],
        rollbacks: vec![Rollback { log: "logs/b".to_owned(), size: beyond, kind: "ROLLED_BACK".to_owned() }],
    };
    assert_eq!(
        refused(audit.signer.seal_batch(request).await),
        invalid(&["segments[0].first_index", "rollbacks[0].size"])
    );
    let request = AcknowledgeRequest { logs: vec![Acknowledgement { size: beyond, ..chain.acknowledgement() }] };
    assert_eq!(refused(audit.signer.acknowledge(request).await), invalid(&["logs[0].size"]));
    let greatest = Segment { first_index: Some((1 << 63) - 1), ..chain.segment([1]).0 };
    assert_eq!(audit.seal_one(greatest).await.outcome(), SealOutcome::Ahead);
    let head = GetHeadRequest { log: "logs/acme".to_owned() };
    assert_eq!(audit.signer.get_head(head).await.unwrap().into_inner().head.unwrap().alarms_in_all, 1);

    let acknowledge = |logs| AcknowledgeRequest { logs };
    let fields = ["logs[0].log", "logs[0].size", "logs[0].head"];
    let nothing = acknowledge(vec![Acknowledgement::default()]);
    assert_eq!(refused(audit.signer.acknowledge(nothing).await), invalid(&fields));
    let chain = Chain::new("logs/acme");
    let twice = acknowledge(vec![chain.acknowledgement(), chain.acknowledgement()]);
    assert_eq!(refused(audit.signer.acknowledge(twice).await), invalid(&["logs[1].log"]));
    let many = (0..1001).map(|number| Chain::new(&format!("logs/t-{number}")).acknowledgement()).collect();
    assert_eq!(refused(audit.signer.acknowledge(acknowledge(many)).await), invalid(&["logs"]));

    let twice = SealBatchRequest { segments: vec![chain.segment([1]).0, chain.segment([2]).0], ..Default::default() };
    assert_eq!(refused(audit.signer.seal_batch(twice).await), invalid(&["segments[1].log"]));
    let entries = vec![Bytes::from_static(b"x"); 4097];
    let many = SealBatchRequest { segments: vec![chain.raw(entries)], ..Default::default() };
    assert_eq!(refused(audit.signer.seal_batch(many).await), invalid(&["segments"]));

    let get = GetHeadRequest { log: "logs/".to_owned() };
    assert_eq!(refused(audit.signer.get_head(get).await), invalid(&["log"]));
    let get = GetHeadRequest { log: "logs/unknown".to_owned() };
    assert_eq!(refused(audit.signer.get_head(get).await), Refused::with(Code::NotFound, "", &[]));
    let list = ListHeadsRequest { page_size: -1, page_token: "?".to_owned() };
    assert_eq!(refused(audit.signer.list_heads(list).await), invalid(&["page_size", "page_token"]));
    let list = ListPublicKeysRequest { page_size: -1, page_token: "?".to_owned(), on_behalf_of: "a b".to_owned() };
    let fields = ["on_behalf_of", "page_size", "page_token"];
    assert_eq!(refused(audit.signer.list_public_keys(list).await), invalid(&fields));
}

#[tokio::test]
async fn macs_that_do_not_pair_with_heads_and_indices_are_refused_whole() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let verify = VerifyMacsRequest { log: "x".to_owned(), ..Default::default() };
    assert_eq!(refused(audit.signer.verify_macs(verify).await), invalid(&["log"]));
    for (indices, heads, macs) in
        [(1, 32, 43), (1, 33, 44), (1, 64, 44), (2, 32, 44), (0, 32, 44), (1, 32 * 16_385, 44 * 16_385)]
    {
        let (indices, heads, macs) = (vec![0; indices], vec![0; heads], vec![0; macs]);
        let verify = VerifyMacsRequest { log: "logs/acme".to_owned(), indices, heads, macs };
        assert_eq!(refused(audit.signer.verify_macs(verify).await), invalid(&["heads"]));
    }
    for indices in [vec![1, 0], vec![0, 1 << 63], vec![0; 16_385]] {
        let (heads, macs) = (vec![0; indices.len() * 32], vec![0; indices.len() * 44]);
        let verify = VerifyMacsRequest { log: "logs/acme".to_owned(), indices, heads, macs };
        assert_eq!(refused(audit.signer.verify_macs(verify).await), invalid(&["indices"]));
    }
}

#[tokio::test]
async fn malformed_calls_of_operators_to_the_signer_name_every_field() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    assert_eq!(
        refused(operator.signer.advance_head(AdvanceHeadRequest::default()).await),
        invalid(&["log", "snapshot", "from_size"])
    );
    let advance = AdvanceHeadRequest {
        log: "logs/acme".to_owned(),
        snapshot: vec![0; 256 * 1024 + 1].into(),
        consistency_proof: vec![vec![0; 31]],
        expected_head: vec![0; 32],
        on_behalf_of: "ada@example.com".to_owned(),
        from_size: Some(0),
        ..Default::default()
    };
    let fields = ["snapshot", "on_behalf_of", "expected_size", "consistency_proof"];
    assert_eq!(refused(operator.signer.advance_head(advance).await), invalid(&fields));
    let both = AdvanceHeadRequest {
        log: "logs/acme".to_owned(),
        snapshot: vec![0; 8].into(),
        consistency_proof: vec![vec![0; 32]],
        expected_size: Some(1),
        from_size: Some(0),
        ..Default::default()
    };
    assert_eq!(refused(operator.signer.advance_head(both).await), invalid(&["consistency_proof", "expected_head"]));
    let loss = DeclareLossRequest {
        log: "x".to_owned(),
        first_index: Some(1),
        reference: "a b".to_owned(),
        alarm_ids: vec!["x".to_owned()],
        on_behalf_of: "a b".to_owned(),
        ..Default::default()
    };
    let fields = ["log", "last_index", "alarm_ids", "reference", "on_behalf_of"];
    assert_eq!(refused(operator.signer.declare_loss(loss).await), invalid(&fields));
    let nothing = DeclareLossRequest { log: "logs/acme".to_owned(), ..Default::default() };
    assert_eq!(refused(operator.signer.declare_loss(nothing).await), invalid(&["alarm_ids"]));
    let close = CloseAlarmRequest { reference: "x".repeat(65), on_behalf_of: "a b".to_owned(), ..Default::default() };
    let fields = ["log", "alarm_ids", "reference", "on_behalf_of"];
    assert_eq!(refused(operator.signer.close_alarm(close).await), invalid(&fields));
}

#[tokio::test]
async fn a_caller_without_permission_is_not_told_what_is_wrong() {
    let (world, replica) = World::start().await;
    let mut stranger = world.calls(&replica, "stranger");
    let denied = Refused::with(Code::PermissionDenied, "", &[]);
    assert_eq!(refused(stranger.keys.get_key(GetKeyRequest::default()).await), denied);
    assert_eq!(refused(stranger.data.generate_data_key(GenerateDataKeyRequest::default()).await), denied);
    assert_eq!(refused(stranger.signer.seal_batch(SealBatchRequest::default()).await), denied);
    assert_eq!(refused(stranger.signer.declare_loss(DeclareLossRequest::default()).await), denied);
    assert_eq!(refused(stranger.signer.close_alarm(CloseAlarmRequest::default()).await), denied);
    assert_eq!(refused(stranger.signer.acknowledge(AcknowledgeRequest::default()).await), denied);
}
