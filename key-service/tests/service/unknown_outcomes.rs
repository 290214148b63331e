//! Changes whose commit gets no answer: whether they were done is not known, and nobody is told to try again.

use std::collections::BTreeSet;

use api::audit::v1::Event;
use api::key::v1::{CreateKeyRequest, GetKeyRequest, Key, KeyPurpose, RotateKeyRequest};
use rpc::StatusDetails;
use test_support::poll_until;
use tonic::{Code, Status};

use crate::signer_repair::{close, explain, report};
use crate::support::{Calls, Chain, LIMIT, Refused, World, head, open_ids, refused};

const LOG: &str = "logs/acme";
const TENANT: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";

/// Ends the session of whoever commits a change of a row of this table.
fn lose(table: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
            'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER lose AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION lose()"
    )
}

/// Lets request ids be looked up once.
const LOSE_SECOND_LOOK: &str = "
    ALTER TABLE requests RENAME TO kept_requests;
    CREATE SEQUENCE looks;
    CREATE FUNCTION look() RETURNS SETOF kept_requests LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
        'BEGIN
            IF nextval(''looks'') > 1 THEN RAISE ''lost'' USING ERRCODE = ''57P03''; END IF;
            RETURN QUERY SELECT * FROM kept_requests;
        END';
    CREATE VIEW requests AS SELECT * FROM look();
    GRANT SELECT ON requests TO strongroom_key";

fn is_unknown<T>(result: Result<T, Status>) {
    let Err(status) = result else { panic!("the call was answered") };
    let details = StatusDetails::of(&status);
    assert_eq!((details.code, details.reason.as_str(), details.retry_after), (Code::DeadlineExceeded, "", None));
}

#[tokio::test]
async fn a_change_whose_commit_was_not_answered_may_have_been_done() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let mut vault = world.calls(&replica, "vault-service");
    operator.create("k", KeyPurpose::Wrap).await.unwrap();
    world.sql().await.batch_execute(&lose("keys")).await.unwrap();
    is_unknown(operator.create("other", KeyPurpose::Wrap).await);
    is_unknown(operator.rotate("keys/k").await);
    is_unknown(vault.provision(TENANT).await);
    world.sql().await.batch_execute("DROP TRIGGER lose ON keys").await.unwrap();
    vault.provision(TENANT).await.unwrap();
    operator.create("other", KeyPurpose::Wrap).await.unwrap();
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/2");
}

async fn create(operator: &mut Calls, id: &str, request_id: &str) -> Result<Key, Status> {
    let key = Some(Key { purpose: KeyPurpose::Wrap.into(), ..Key::default() });
    let (key_id, request_id) = (id.to_owned(), request_id.to_owned());
    let request = CreateKeyRequest { key_id, key, request_id, ..Default::default() };
    Ok(operator.keys.create_key(request).await?.into_inner().key.unwrap())
}

/// Holds a key against what there is of it: one row, and one event that says that it was made.
async fn is_made_once(world: &World, operator: &mut Calls, made: Key) {
    let name = made.name.clone();
    let get = GetKeyRequest { name: name.clone(), ..Default::default() };
    assert_eq!(operator.keys.get_key(get).await.unwrap().into_inner().key, Some(made));
    // Events are delivered in their order: what tells of the create is there before this one.
    operator.rotate(&name).await.unwrap();
    world.audit.event("keys.rotate", |event| event.resource == name).await;
    let is_of_key = |event: &Event| event.action == "keys.create" && event.resource == name;
    let is_replay = |event: &Event| event.attributes.contains_key("reason");
    let events = world.audit.events();
    let making = events.iter().filter(|event| is_of_key(event) && !is_replay(event));
    // One event may be delivered twice, with one id.
    let ids: BTreeSet<_> = making.map(|event| &event.event_id).collect();
    assert_eq!(ids.len(), 1, "{events:#?}");
}

#[tokio::test]
async fn a_create_whose_commit_was_done_and_not_answered_is_answered_as_done() {
    let world = World::new().await;
    let (replica, proxy) = world.replica_behind_proxy().await;
    let mut operator = world.calls(&replica, "operator");
    for (id, request_id) in [("lost-plain", ""), ("lost-request", TENANT)] {
        proxy.lose_commit_of(id);
        let made = create(&mut operator, id, request_id).await.unwrap();
        assert!(proxy.has_lost(), "the control");
        if !request_id.is_empty() {
            assert_eq!(create(&mut operator, id, request_id).await.unwrap(), made);
        }
        is_made_once(&world, &mut operator, made).await;
    }
}

/// The database is away when it is to be looked up what became of the create.
#[tokio::test]
async fn a_create_of_which_nothing_is_known_gives_its_answer_when_it_is_repeated() {
    let world = World::new().await;
    let (replica, proxy) = world.replica_behind_proxy().await;
    let mut operator = world.calls(&replica, "operator");
    let database = world.database.config();
    let losing = proxy.lose_commit_after("lost", async { proxy.refuse() });
    let (lost, ()) = tokio::join!(create(&mut operator, "lost", TENANT), losing);
    is_unknown(lost);
    let made = world.sql().await.query("SELECT FROM keys WHERE key_id = 'lost'", &[]).await.unwrap();
    assert_eq!(made.len(), 1, "the control");
    proxy.lead_to(format!("{}:{}", database.host, database.port).parse().unwrap());
    let made = poll_until(LIMIT, "the repeated request is answered", async || {
        create(&mut operator, "lost", TENANT).await.ok()
    })
    .await
    .unwrap();
    is_made_once(&world, &mut operator, made).await;
}

/// Ids of the alarms of a log that are open.
struct Alarms {
    forked: Vec<String>,
    rolled_back: Vec<String>,
}

/// Raises an alarm of each kind on a log, which stands again where the signer knows it.
async fn raise_alarms(audit: &mut Calls) -> Alarms {
    let mut chain = Chain::new(LOG);
    let elsewhere = chain.segment([7, 8]).1.segment([9]).0;
    chain.seal(audit, [1, 2]).await;
    audit.acknowledge(chain.acknowledgement()).await;
    audit.seal_one(elsewhere).await;
    report(audit, "ROLLED_BACK", 0).await;
    let now = head(audit, LOG).await;
    let (forked, rolled_back) = (open_ids(&now, "FORKED"), open_ids(&now, "ROLLED_BACK"));
    audit.acknowledge(chain.acknowledgement()).await;
    chain.seal(audit, []).await;
    audit.acknowledge(chain.acknowledgement()).await;
    Alarms { forked, rolled_back }
}

#[tokio::test]
async fn what_operators_say_of_logs_may_have_been_done_as_well() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let Alarms { forked, rolled_back } = raise_alarms(&mut audit).await;
    world.sql().await.batch_execute(&lose("signer_heads")).await.unwrap();
    is_unknown(operator.signer.close_alarm(close(forked.clone())).await);
    is_unknown(operator.signer.declare_loss(explain(rolled_back.clone())).await);
    world.sql().await.batch_execute("DROP TRIGGER lose ON signer_heads").await.unwrap();
    operator.signer.close_alarm(close(forked)).await.unwrap();
    operator.signer.declare_loss(explain(rolled_back)).await.unwrap();
}

#[tokio::test]
async fn what_operators_have_done_is_not_told_as_to_be_tried_again_where_the_log_cannot_be_read_then() {
    let (world, replica) = World::start().await;
    let mut audit = world.calls(&replica, "audit-service");
    let mut operator = world.calls(&replica, "operator");
    let Alarms { forked, rolled_back } = raise_alarms(&mut audit).await;
    let take_away =
        "CREATE FUNCTION take_away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS
            'BEGIN ALTER TABLE signer_losses RENAME TO taken_away; RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER take_away AFTER UPDATE ON signer_heads DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION take_away()";
    let sql = world.sql().await;
    sql.batch_execute(take_away).await.unwrap();
    is_unknown(operator.signer.close_alarm(close(forked)).await);
    sql.batch_execute("ALTER TABLE taken_away RENAME TO signer_losses").await.unwrap();
    is_unknown(operator.signer.declare_loss(explain(rolled_back)).await);
    sql.batch_execute("ALTER TABLE taken_away RENAME TO signer_losses; DROP TRIGGER take_away ON signer_heads")
        .await
        .unwrap();
    let now = head(&mut audit, LOG).await;
    let open = [open_ids(&now, "FORKED"), open_ids(&now, "ROLLED_BACK")].concat();
    assert_eq!(open, Vec::<String>::new(), "both were done");
}

/// The change fails as it does after it was made, by another call for the same request; whether it was cannot be looked up.
#[tokio::test]
async fn a_refusal_is_no_answer_where_the_first_one_cannot_be_looked_up() {
    let (world, replica) = World::start().await;
    let mut operator = world.calls(&replica, "operator");
    let etag = operator.create("k", KeyPurpose::Wrap).await.unwrap().etag;
    operator.rotate("keys/k").await.unwrap();
    let (name, request_id) = ("keys/k".to_owned(), TENANT.to_owned());
    let rotate = RotateKeyRequest { name, etag, request_id, ..Default::default() };
    world.sql().await.batch_execute(LOSE_SECOND_LOOK).await.unwrap();
    is_unknown(operator.keys.rotate_key(rotate.clone()).await);
    let put_back = "DROP VIEW requests; DROP FUNCTION look(); ALTER TABLE kept_requests RENAME TO requests";
    world.sql().await.batch_execute(put_back).await.unwrap();
    let stale = Refused::with(Code::Aborted, "ETAG_MISMATCH", &[]);
    assert_eq!(refused(operator.keys.rotate_key(rotate).await), stale, "the control");
}
