//! Changes whose commit gets no answer: whether they were done is not known, and nobody is told to try again.

use api::key::v1::{KeyPurpose, RotateKeyRequest};
use rpc::StatusDetails;
use tonic::{Code, Status};

use crate::support::{Refused, World, refused};

const TENANT: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";

/// Ends the session of whoever commits a change of a key.
const LOSE: &str = "
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER lose AFTER INSERT OR UPDATE ON keys DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION lose()";

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
    world.sql().await.batch_execute(LOSE).await.unwrap();
    is_unknown(operator.create("other", KeyPurpose::Wrap).await);
    is_unknown(operator.rotate("keys/k").await);
    is_unknown(vault.provision(TENANT).await);
    world.sql().await.batch_execute("DROP TRIGGER lose ON keys").await.unwrap();
    vault.provision(TENANT).await.unwrap();
    operator.create("other", KeyPurpose::Wrap).await.unwrap();
    assert_eq!(operator.rotate("keys/k").await.unwrap().name, "keys/k/versions/2");
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
