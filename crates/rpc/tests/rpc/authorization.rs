//! Who may do what, and what a refused caller learns: nothing.

use std::sync::Arc;

use api::key::v1::access_service_client::AccessServiceClient;
use api::key::v1::key_service_server::KeyServiceServer;
use api::key::v1::{self as key};
use prost::Message;
use rpc::policy::PolicyHandle;
use rpc::{MethodTable, NotDone, Policy, Server, ServerError, StatusDetails};
use tonic::{Code, Status};

use crate::support::{Misbehaving, World, get};

fn text(status: &Status) -> (Code, String, Vec<u8>) {
    (status.code(), status.message().to_owned(), status.details().to_vec())
}

#[tokio::test]
async fn a_refusal_says_the_same_whether_the_resource_exists_or_not() {
    let world = World::start().await;
    let mut app = world.keys("app");
    let elsewhere = app.get_key(get("keys/other")).await.unwrap_err();
    let missing = app.get_key(get("keys/other/missing")).await.unwrap_err();
    let nonsense = world.keys("stranger").get_key(get("")).await.unwrap_err();
    let method = app.rotate_key(key::RotateKeyRequest::default()).await.unwrap_err();
    let expected = (Code::PermissionDenied, "permission denied".to_owned(), Vec::new());
    for refusal in [elsewhere, missing, nonsense, method] {
        assert_eq!(text(&refusal), expected);
    }
    app.get_key(get("keys/allowed")).await.unwrap();
    assert_eq!(app.get_key(get("keys/allowed/missing")).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_caller_without_a_binding_reaches_no_handler() {
    let world = World::start().await;
    let mut stranger = world.keys("stranger");
    // CreateKey's handler panics when it is reached: that would be INTERNAL.
    let error = stranger.create_key(key::CreateKeyRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_handler_that_asks_for_an_undeclared_permission_is_refused() {
    let world = World::start().await;
    let error = world.keys("everywhere").get_key(get("keys/wrong-permission")).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::Internal, "internal error"));
}

#[tokio::test]
async fn a_service_with_an_undeclared_method_does_not_start() {
    let world = World::start().await;
    // prost drops custom options when it encodes again: no method is declared any more.
    let bare = prost_types::FileDescriptorSet::decode(api::FILE_DESCRIPTOR_SET).unwrap().encode_to_vec();
    let methods = Arc::new(MethodTable::from_descriptor_set(&bare).unwrap());
    let policy = PolicyHandle::fixed(Policy::default(), methods);
    let server = Server::builder(world.server_tls.clone(), policy)
        .service(KeyServiceServer::new(Misbehaving::default()))
        .build();
    let Err(ServerError::Undeclared(paths)) = server else { panic!("{server:?}") };
    assert!(paths.contains(&"/strongroom.key.v1.KeyService/GetKey".to_owned()), "{paths:?}");
}

#[tokio::test]
async fn what_is_not_served_is_unimplemented() {
    let world = World::start().await;
    let mut seal = key::seal_service_client::SealServiceClient::new(world.channel("everywhere"));
    let error = seal.get_seal_status(key::GetSealStatusRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
}

#[tokio::test]
async fn refused_and_malformed_calls_are_reported_with_their_resource() {
    let world = World::start().await;
    let mut app = world.keys("app");
    app.get_key(get("keys/other")).await.unwrap_err();
    app.get_key(get("keys/allowed/invalid")).await.unwrap_err();
    app.get_key(get("keys/allowed/missing")).await.unwrap_err();
    app.get_key(get("keys/allowed")).await.unwrap();
    world.keys("stranger").list_keys(key::ListKeysRequest::default()).await.unwrap_err();
    let reported: Vec<_> = world
        .denials
        .all()
        .into_iter()
        .map(|denial| {
            let resource = denial.resource.map(|resource| resource.to_string());
            (denial.caller.to_string(), denial.method.permission().to_owned(), denial.outcome, denial.reason, resource)
        })
        .collect();
    let reported: Vec<_> = reported
        .iter()
        .map(|(caller, action, outcome, reason, resource)| {
            let caller = caller.strip_prefix("spiffe://test.dev/").unwrap();
            (caller, action.as_str(), *outcome, reason.as_str(), resource.as_deref())
        })
        .collect();
    assert_eq!(
        reported,
        [
            ("app", "keys.get", NotDone::Denied, "NOT_ALLOWED", Some("keys/other")),
            ("app", "keys.get", NotDone::Refused, "MALFORMED", Some("keys/allowed/invalid")),
            ("app", "keys.get", NotDone::Refused, "NOT_FOUND", Some("keys/allowed/missing")),
            ("stranger", "keys.list", NotDone::Denied, "NOT_ALLOWED", None),
        ]
    );
}

/// What may be done later was not refused for what it is.
#[tokio::test]
async fn a_call_that_may_come_again_is_reported_as_failed() {
    let world = World::start().await;
    let mut app = world.keys("app");
    for name in ["busy", "contended", "stale"] {
        app.get_key(get(&format!("keys/allowed/{name}"))).await.unwrap_err();
    }
    let too_large = get(&format!("keys/allowed/{}", "x".repeat(rpc::Bounds::default().request)));
    assert_eq!(app.get_key(too_large).await.unwrap_err().code(), Code::ResourceExhausted);
    let reported: Vec<_> = world.denials.all().into_iter().map(|denial| (denial.outcome, denial.reason)).collect();
    let expected = [
        (NotDone::Failed, "RESOURCE_EXHAUSTED"),
        (NotDone::Failed, "CONTENDED"),
        (NotDone::Refused, "ETAG_MISMATCH"),
        (NotDone::Refused, "MESSAGE_TOO_LARGE"),
    ];
    assert_eq!(reported, expected.map(|(outcome, reason)| (outcome, reason.to_owned())));
}

#[tokio::test]
async fn a_caller_may_ask_about_itself() {
    let world = World::start().await;
    let mut access = AccessServiceClient::new(world.channel("app"));
    let answer = access.who_am_i(key::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!(answer.identity, "spiffe://test.dev/app");
    let bindings: Vec<_> = answer.bindings.iter().map(|one| (one.role.as_str(), one.scope.as_str())).collect();
    assert_eq!(bindings, [("reader", "keys/allowed")]);

    let permissions = vec!["keys.get".to_owned(), "keys.create".to_owned(), "no.such".to_owned()];
    let request = |resource: &str| key::TestPermissionsRequest {
        resource: resource.to_owned(),
        permissions: permissions.clone(),
    };
    let held = access.test_permissions(request("keys/allowed")).await.unwrap().into_inner().permissions;
    assert_eq!(held, ["keys.get"]);
    let held = access.test_permissions(request("keys/other")).await.unwrap().into_inner().permissions;
    assert_eq!(held, Vec::<String>::new());

    for malformed in ["keys/allowed/", "keys/../allowed", "tenants/acme/../beta", "tenants/acme/", "\0", "nothing/a"] {
        let error = StatusDetails::of(&access.test_permissions(request(malformed)).await.unwrap_err());
        assert_eq!((error.code, error.violations[0].0.as_str()), (Code::InvalidArgument, "resource"), "{malformed}");
    }
    for resource in ["", "tenants/a/collections/c/records/R_1", "logs/system", "keys/allowed/versions/1"] {
        access.test_permissions(request(resource)).await.unwrap();
    }
    let many = key::TestPermissionsRequest { resource: String::new(), permissions: vec![String::new(); 101] };
    let error = StatusDetails::of(&access.test_permissions(many).await.unwrap_err());
    assert_eq!((error.code, error.violations[0].0.as_str()), (Code::InvalidArgument, "permissions"));
}

#[tokio::test]
async fn health_and_reflection_are_open_to_every_accepted_certificate() {
    use tokio_stream::StreamExt;
    use tonic_reflection::pb::{v1, v1alpha};

    let world = World::start().await;
    let channel = world.channel("stranger");
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel.clone());
    let answer = health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(answer.status(), tonic_health::pb::health_check_response::ServingStatus::Serving);

    let request = v1::ServerReflectionRequest {
        message_request: Some(v1::server_reflection_request::MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut reflection = v1::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let mut answers = reflection.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let v1::server_reflection_response::MessageResponse::ListServicesResponse(listed) = answer else {
        panic!("{answer:?}")
    };
    let names: Vec<_> = listed.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"strongroom.key.v1.KeyService") && names.contains(&"grpc.health.v1.Health"), "{names:?}");
    assert!(!names.contains(&"strongroom.vault.v1.RecordService"), "not served here: {names:?}");

    let request = v1alpha::ServerReflectionRequest {
        message_request: Some(v1alpha::server_reflection_request::MessageRequest::FileContainingSymbol(
            "google.rpc.ErrorInfo".to_owned(),
        )),
        ..Default::default()
    };
    let mut reflection = v1alpha::server_reflection_client::ServerReflectionClient::new(channel);
    let mut answers = reflection.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    assert!(matches!(answer, v1alpha::server_reflection_response::MessageResponse::FileDescriptorResponse(_)));
}
