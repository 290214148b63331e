//! The client against the API's descriptors.

use rpc::MethodTable;

#[test]
fn every_rpc_has_a_method() {
    let source = include_str!("../../src/services.rs");
    let missing: Vec<_> = MethodTable::of_api()
        .unwrap()
        .iter()
        .filter(|method| {
            let (_, name) = method.path().rsplit_once('/').unwrap();
            let package = method.service().split('.').nth(1).unwrap();
            !source.contains(&format!("{}({package}::{name}Request)", snake_case(name)))
        })
        .map(|method| method.path().to_owned())
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "add them to crates/client/src/services.rs with a retry rule");
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
