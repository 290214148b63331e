//! What clients that nobody here wrote say when something is wrong with a connection. `./dev interop` runs it.

use std::path::Path;
use std::process::Command;

use stack::binaries::repository;

use crate::support::stacks::on_own_stack;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs grpcurl, grpcio and grpc-js: ./dev interop"]
async fn clients_say_what_the_page_on_connecting_says() {
    let tools = std::env::var_os("STRONGROOM_TOOLS").expect("STRONGROOM_TOOLS has the clients: run ./dev interop");
    on_own_stack(
        |_| (),
        async |world| {
            world.journal().announce(&["refused a connection"]);
            let check = repository().join("tests/interop/connections/connections_check.py");
            let mut python = Command::new(Path::new(&tools).join("bin/python"));
            python.arg(check).arg(world.description_file()).arg(repository().join("docs/connecting.md")).arg(&tools);
            let said = tokio::task::spawn_blocking(move || python.output()).await.unwrap().unwrap();
            assert!(said.status.success(), "{}", String::from_utf8(said.stderr).unwrap());
        },
    )
    .await;
}
