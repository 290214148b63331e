//! TLS against a peer that nobody here wrote: OpenSSL 3.5, as Node 24 carries it. `./dev interop` runs it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use test_support::certs::Identity;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::World;

/// `tests/interop/node/health.mjs` with these arguments, certificates and groups.
fn node(arguments: &[&str], identity: &Identity, groups: &str) -> Command {
    let program = std::env::var_os("STRONGROOM_NODE").expect("STRONGROOM_NODE names Node 24: run ./dev interop");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/interop/node/health.mjs");
    let mut command = Command::new(program);
    command.arg(script).args(arguments);
    command.args([&identity.cert, &identity.key, &identity.ca].map(|file| file.as_os_str())).arg(OsStr::new(groups));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

/// What Node says of a call to our server.
async fn call(world: &World, groups: &str) -> Value {
    let identity = world.authority.identity("spiffe://test.dev/app").unwrap();
    let address = world.address.to_string();
    let output = node(&["call", &address], &identity, groups).output().await.unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Node as a server and its port. It ends when its input does, which is when this is dropped.
async fn serve(world: &World, groups: &str) -> (Child, u16) {
    let identity = world.authority.identity("spiffe://test.dev/another").unwrap();
    let mut process = node(&["serve"], &identity, groups).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let said: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    let port = said.get("port").and_then(Value::as_u64).unwrap();
    (process, u16::try_from(port).unwrap())
}

/// What comes of our client's call to it.
async fn call_of_ours(world: &World, port: u16) -> Result<i32, Code> {
    let peer = rpc::PeerConfig::new(format!("https://127.0.0.1:{port}"));
    let channel = rpc::Channel::new(&peer, world.tls("app")).unwrap();
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    answer.map(|answer| answer.into_inner().status).map_err(|status| status.code())
}

#[tokio::test]
#[ignore = "needs Node 24: ./dev interop"]
async fn openssl_calls_our_server_with_the_hybrid_group() {
    let world = World::start().await;
    // A frame of two bytes: HealthCheckResponse with status SERVING.
    let called = |group: &str| json!({ "protocol": "TLSv1.3", "group": group, "resumed": false, "status": "0", "body": "00000000020801" });
    // What it would offer by itself, this group alone, and the control: another is another.
    assert_eq!(call(&world, "").await, called("X25519MLKEM768"));
    assert_eq!(call(&world, "X25519MLKEM768").await, called("X25519MLKEM768"));
    assert_eq!(call(&world, "X25519").await, called("X25519"));
    assert!(call(&world, "MLKEM768").await.get("error").is_some());
}

#[tokio::test]
#[ignore = "needs Node 24: ./dev interop"]
async fn our_client_calls_openssl_with_the_hybrid_group() {
    let world = World::start().await;
    for groups in ["", "X25519MLKEM768", "X25519"] {
        let (_process, port) = serve(&world, groups).await;
        assert_eq!(call_of_ours(&world, port).await, Ok(1), "{groups}");
    }
    // The control: who has no group of ours is not called.
    let (_process, port) = serve(&world, "MLKEM768").await;
    assert_eq!(call_of_ours(&world, port).await, Err(Code::Unavailable));
}
