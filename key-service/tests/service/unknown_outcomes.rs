//! Changes whose commit gets no answer: whether they were done is not known, and nobody is told to try again.

use api::key::v1::KeyPurpose;
use rpc::StatusDetails;
use tonic::{Code, Status};

use crate::support::World;

const TENANT: &str = "0190a5a0-7b6c-7def-8123-456789abcdef";

/// Ends the session of whoever commits a change of a key.
const LOSE: &str = "
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER lose AFTER INSERT OR UPDATE ON keys DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION lose()";

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
