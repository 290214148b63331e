//! Several vaults on one database.

use serde_json::json;

use crate::support::{World, fields};

#[tokio::test]
async fn vaults_that_start_at_once_share_one_set_of_own_keys() {
    let world = World::new().await;
    let vaults = futures::future::join_all((0..4).map(|_| world.replica())).await;
    let made = vaults.iter().enumerate().map(|(number, vault)| {
        let mut operator = world.calls(vault, "operator");
        async move { operator.create_tenant(&format!("t-{number}")).await.unwrap() }
    });
    futures::future::join_all(made).await;
    let keys: i64 = world.sql().await.query_one("SELECT count(*) FROM derived_keys", &[]).await.unwrap().get(0);
    assert_eq!(keys, 3);
    for vault in &vaults {
        let mut operator = world.calls(vault, "operator");
        for number in 0..4 {
            operator.create_collection(&format!("tenants/t-{number}"), "").await.unwrap();
        }
    }
    world.audit.count(4, |event| event.action == "tenants.create" && event.outcome == 1).await;
}

#[tokio::test]
async fn what_one_vault_seals_another_reveals() {
    let (world, vault) = World::start().await;
    let other = world.replica().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    let mut app = world.calls(&other, "app");
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
    app.update("p-1", &["b"], &json!({ "b": 2 })).await.unwrap();
    assert_eq!(world.calls(&vault, "app").reveal("p-1").await.unwrap(), fields(&json!({ "a": 1, "b": 2 })));
}

#[tokio::test]
async fn a_vault_that_is_stopped_ends_all_its_tasks() {
    let (world, vault) = World::start().await;
    world.calls(&vault, "app").create("p-1", &json!({ "a": 1 })).await.unwrap();
    tokio::time::timeout(crate::support::LIMIT, vault.stop()).await.expect("tasks are left");
    let again = world.replica().await;
    assert_eq!(world.calls(&again, "app").reveal("p-1").await.unwrap(), fields(&json!({ "a": 1 })));
}
