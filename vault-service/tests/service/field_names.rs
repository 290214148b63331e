//! What fields may be called: given names keep to the rules at any depth, stored ones stay what they are.

use api::vault::v1::{Collection, FieldPolicy, View};
use serde_json::json;
use tonic::Code;

use crate::support::{Refused, World, fields, new_record, refused, reveal_request, update_request};

/// A zero-width space, blanks around, a line separator, letter and accent apart.
const BAD: [&str; 5] = ["cv\u{200b}v", "cvv\u{2028}", " cvv", "cvv\u{a0}", "cafe\u{301}"];

#[tokio::test]
async fn given_names_keep_to_the_rules_at_any_depth() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "good": 1 })).await.unwrap();
    for name in BAD {
        let at = [format!("record.fields.a[0].{name}.b"), format!("record.fields.{name}")];
        let bad = json!({ "a": [{ name: { "b": 1 } }], name: 1 });
        let expected = [at[0].strip_suffix(".b").unwrap(), &at[1]];
        let refusal = || Refused::with(Code::InvalidArgument, "", &expected);
        assert_eq!(refused(app.create("p-2", &bad).await), refusal(), "{}", name.escape_unicode());
        assert_eq!(refused(app.update("p-1", &["*"], &bad).await), refusal(), "{}", name.escape_unicode());
        assert_eq!(refused(app.update("p-1", &["a", name], &bad).await), refusal(), "{}", name.escape_unicode());
        let batch = vec![new_record("p-2", &json!({ "good": 1 })), new_record("p-3", &bad)];
        let below: Vec<String> = expected.iter().map(|path| format!("requests[1].{path}")).collect();
        assert_eq!(refused(app.batch_create(batch).await).fields, below, "{}", name.escape_unicode());
    }
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "good": 1 })));
    assert_eq!(refused(app.get("p-2").await).code, Code::NotFound);
}

#[tokio::test]
async fn policies_name_fields_that_there_may_be() {
    let (world, vault) = World::start().await;
    let policies = BAD.map(|field| FieldPolicy { field: field.to_owned(), ..FieldPolicy::default() });
    let collection = Collection { field_policies: policies.to_vec(), ..Collection::default() };
    let made = world.calls(&vault, "operator").create_collection_with("tenants/acme", "cards", collection).await;
    let expected = [0, 1, 2, 3, 4].map(|index| format!("collection.field_policies[{index}].field"));
    assert_eq!(refused(made).fields, expected);
}

#[tokio::test]
async fn stored_names_are_carried_over_revealed_and_removed_whatever_the_rules_are() {
    let (world, vault) = World::start().await;
    let mut app = world.calls(&vault, "app");
    app.create("p-1", &json!({ "a": 1 })).await.unwrap();
    let old = ["cv\u{200b}v", " cvv", "cafe\u{301}"];
    world.reseal("p-1", &json!({ old[0]: { old[1]: 1 }, old[1]: 2, old[2]: 3 })).await;
    // Another field is changed: they are carried over.
    app.update("p-1", &["b"], &json!({ "b": 4 })).await.unwrap();
    let all = json!({ old[0]: { old[1]: 1 }, old[1]: 2, old[2]: 3, "b": 4 });
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&all));
    let mut one = reveal_request("p-1");
    (one.read_fields, one.view) = (vec![old[1].to_owned()], View::Full.into());
    assert_eq!(app.reveal_record(one).await.unwrap().fields.unwrap(), fields(&json!({ old[1]: 2 })));
    // Given anew it is refused, named alone it is removed.
    let anew = app.update("p-1", &[old[1]], &json!({ old[1]: 5 })).await;
    assert_eq!(refused(anew).fields, [format!("record.fields.{}", old[1])]);
    app.update_record(update_request("p-1", &old, &json!({}))).await.unwrap();
    assert_eq!(app.reveal("p-1").await.unwrap(), fields(&json!({ "b": 4 })));
}
