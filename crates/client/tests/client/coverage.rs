//! The client against the API's descriptors.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, MethodDescriptor};

/// What neither reads nor has a request id, and may be repeated all the same: it changes nothing but counters and
/// entries, or doing it again finds it done.
const REPEATABLE: [&str; 12] = [
    "AppendEvents",
    "Acknowledge",
    "BatchGenerateDataKeys",
    "BatchRevealRecords",
    "BatchRewrapDataKeys",
    "BatchUnwrapDataKeys",
    "GenerateDataKey",
    "ProvisionTenantKey",
    "RevealRecord",
    "RewrapDataKey",
    "SealBatch",
    "UnwrapDataKey",
];

#[test]
fn every_rpc_has_a_method_with_the_retry_rule_of_its_request() {
    let source = include_str!("../../src/services.rs").lines().map(str::trim);
    let written: BTreeSet<String> =
        source.filter(|line| line.contains("Request) -> ") && line.ends_with(';')).map(str::to_owned).collect();
    let pool = DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
    let ours = pool.services().filter(|service| service.full_name().starts_with("strongroom."));
    let methods: Vec<MethodDescriptor> = ours.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    let expected: BTreeSet<String> = methods.iter().map(line).collect();
    let wrong: Vec<&String> = expected.symmetric_difference(&written).collect();
    assert_eq!(wrong, [""; 0], "crates/client/src/services.rs says one thing, proto/ another");
}

/// The line of a method in the client.
fn line(method: &MethodDescriptor) -> String {
    let (name, message) = (method.name(), method.input());
    let package = message.package_name().split('.').nth(1).unwrap();
    let (mut response, rule) = (format!("{package}::{name}Response"), rule(method));
    if method.is_server_streaming() {
        response = format!("Streaming<{response}>");
    }
    format!("{}({package}::{name}Request) -> {response}, {rule};", snake_case(name))
}

fn rule(method: &MethodDescriptor) -> &'static str {
    let reads = ["Get", "List", "TestPermissions", "VerifyMacs", "WhoAmI"];
    if method.is_server_streaming() {
        "stream"
    } else if method.input().get_field_by_name("request_id").is_some() {
        "change"
    } else if reads.iter().any(|read| method.name().starts_with(read)) || REPEATABLE.contains(&method.name()) {
        "safe"
    } else {
        "once"
    }
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
