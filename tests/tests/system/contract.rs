//! What callers outside of this repository rely on: the list "fixed for outside callers" of the API's design, held against
//! the descriptors, `stack.json`, the tables, reflection and health.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};
use rpc::Channel;
use serde_json::Value as Json;
use stack::Service;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::golden;
use crate::support::message::{descriptors, methods};
use crate::support::stacks::on_shared_stack;

/// What `grpc.health.v1` says of a process as a whole; 1 is SERVING.
pub(crate) async fn health(channel: &Channel) -> i32 {
    health_of(channel, "").await.unwrap()
}

/// The same of one service, by its full name.
async fn health_of(channel: &Channel, service: &str) -> Result<i32, Code> {
    let check = HealthCheckRequest { service: service.to_owned() };
    let answer = HealthClient::new(channel.clone()).check(check).await.map_err(|refused| refused.code())?;
    Ok(answer.into_inner().status)
}

#[test]
fn the_api_is_the_golden_one() {
    let mut text =
        String::from("# Every RPC with its fields, every message, every enum value, as callers see them in JSON.\n");
    for (path, method) in methods() {
        let stream = if method.is_server_streaming() { "stream " } else { "" };
        writeln!(text, "rpc {} ({}) returns ({stream}{})", &path[1..], method.input().name(), method.output().name())
            .unwrap();
    }
    let own = |name: &str| name.starts_with("strongroom.") && !name.starts_with("strongroom.options.");
    let mut messages: Vec<_> = descriptors().all_messages().filter(|message| own(message.full_name())).collect();
    messages.sort_by(|one, other| one.full_name().cmp(other.full_name()));
    for message in messages.iter().filter(|message| !message.is_map_entry()) {
        let fields: Vec<String> = message.fields().map(|field| field_text(&field)).collect();
        writeln!(text, "message {} {{ {} }}", message.full_name(), fields.join("; ")).unwrap();
    }
    let mut enums: Vec<_> = descriptors().all_enums().filter(|one| own(one.full_name())).collect();
    enums.sort_by(|one, other| one.full_name().cmp(other.full_name()));
    for one in &enums {
        let values: Vec<String> = one.values().map(|value| format!("{} {}", value.number(), value.name())).collect();
        writeln!(text, "enum {} {{ {} }}", one.full_name(), values.join("; ")).unwrap();
    }
    golden::compare("api_contract.txt", &text);
}

fn field_text(field: &FieldDescriptor) -> String {
    let label = match field.cardinality() {
        Cardinality::Repeated if field.is_map() => "map ",
        Cardinality::Repeated => "repeated ",
        _ if field.field_descriptor_proto().proto3_optional() => "optional ",
        _ if field.containing_oneof().is_some() => "oneof ",
        _ => "",
    };
    let kind = match field.kind() {
        Kind::Message(message) => message.full_name().trim_start_matches("strongroom.").to_owned(),
        Kind::Enum(one) => one.full_name().trim_start_matches("strongroom.").to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    format!("{} {label}{kind} {}", field.number(), field.json_name())
}

#[test]
fn requests_and_answers_have_the_fields_that_outside_callers_rely_on() {
    for (path, method) in methods() {
        let Some(fixed) = Fixed::of(&method) else { continue };
        println!("{path}: {fixed:?}");
        for field in &fixed.request {
            assert!(has(&method.input(), field), "{path}: the request lacks {field}");
        }
        for field in &fixed.response {
            assert!(has(&method.output(), field), "{path}: the answer lacks {field}");
        }
    }
}

/// The fields that a method of a known form must have.
#[derive(Debug)]
struct Fixed {
    request: Vec<String>,
    response: Vec<String>,
}

impl Fixed {
    /// `None` for methods of no known form.
    fn of(method: &MethodDescriptor) -> Option<Self> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
        let (verb, noun) =
            ["BatchCreate", "BatchReveal", "Create", "Get", "List", "Update", "Delete", "Reveal", "Rotate"]
                .iter()
                .find_map(|verb| method.name().strip_prefix(verb).map(|noun| (*verb, snake(noun))))?;
        let is_root = matches!(noun.as_str(), "tenant" | "key");
        let (request, response) = match verb {
            "Create" if is_root => (owned(&[&format!("{noun}_id"), &noun, "request_id"]), owned(&[&noun])),
            "Create" => (owned(&["parent", &format!("{noun}_id"), &noun, "request_id"]), owned(&[&noun])),
            "BatchCreate" => (owned(&["parent", "requests", "request_id"]), owned(&[&noun])),
            "BatchReveal" => (owned(&["parent", "requests"]), owned(&["results"])),
            "Get" if noun == "head" => (owned(&["log"]), owned(&[&noun])),
            "Get" if noun == "seal_status" => (Vec::new(), owned(&["kind", "sealed", "initialized"])),
            "Get" => (owned(&["name"]), owned(&[&noun])),
            // No page of a list: what changed since.
            "List" if noun == "key_changes" => (owned(&["after_generation"]), owned(&["changes", "generation"])),
            "List" => {
                let has_parent = matches!(noun.as_str(), "collections" | "records" | "entries" | "key_versions");
                let parent = if has_parent { owned(&["parent"]) } else { Vec::new() };
                let paging = owned(&["page_size", "page_token"]);
                ([parent, paging].concat(), owned(&[&noun, "next_page_token"]))
            }
            "Update" => (owned(&[&noun, "update_fields", "request_id"]), owned(&[&noun])),
            "Delete" => (owned(&["name", "etag", "request_id"]), Vec::new()),
            "Reveal" => (owned(&["name", "etag", "read_fields", "view", "purpose", "reference"]), owned(&[&noun])),
            "Rotate" => (owned(&["name", "etag", "request_id"]), owned(&["key_version"])),
            _ => return None,
        };
        Some(Self { request, response })
    }
}

fn has(message: &MessageDescriptor, field: &str) -> bool {
    message.get_field_by_name(field).is_some()
}

fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[test]
fn enum_values_carry_the_name_of_their_enum() {
    let all = descriptors().all_enums().filter(|one| one.full_name().starts_with("strongroom."));
    for one in all {
        let prefix = format!("{}_", snake(one.name()).to_uppercase());
        for value in one.values() {
            assert!(value.name().starts_with(&prefix), "{}", value.full_name());
        }
    }
    let values: BTreeSet<String> = descriptors()
        .all_enums()
        .flat_map(|one| one.values().map(|value| value.name().to_owned()).collect::<Vec<_>>())
        .collect();
    for fixed in [
        "VIEW_MASKED",
        "VIEW_FULL",
        "KEY_PURPOSE_WRAP",
        "KEY_VERSION_STATE_ENABLED",
        "TREATMENT_ENCRYPT",
        "TREATMENT_NEVER_STORE",
        "VERDICT_INTACT",
        "FINDING_KIND_TRUNCATED",
    ] {
        assert!(values.contains(fixed), "{fixed} is gone");
    }
}

#[test]
fn counts_and_indices_that_may_be_zero_are_optional_so_that_json_keeps_them() {
    let fixed = ["index", "first_index", "last_index", "size", "entries", "recovered", "revision"];
    let mut checked = 0;
    for message in descriptors().all_messages().filter(|message| message.full_name().starts_with("strongroom.")) {
        for field in message.fields().filter(|field| fixed.contains(&field.name())) {
            let is_number = matches!(field.kind(), Kind::Int64 | Kind::Uint64);
            if !is_number || field.is_list() {
                continue;
            }
            assert!(field.field_descriptor_proto().proto3_optional(), "{} must be optional", field.full_name());
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} fields were looked at");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_is_described_as_outside_callers_expect() {
    on_shared_stack(async |world| {
        let path = world.description_file();
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let json: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for service in ["key", "vault", "audit"] {
            let described = &json["services"][service];
            for port in ["grpc", "admin"] {
                assert!(described[port].as_str().unwrap().starts_with("127.0.0.1:"), "{described}");
            }
            let pid = described["pid"].as_u64().unwrap();
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
            assert_eq!(name.trim(), format!("{service}-service"));
            let url = json["databases"][service].as_str().unwrap();
            assert!(url.starts_with("postgres://") && url.contains("@127.0.0.1:"), "{url}");
        }
        for caller in ["operator", "app", "auditor", "stranger"] {
            for file in ["cert", "key"] {
                assert!(std::fs::exists(json["callers"][caller][file].as_str().unwrap()).unwrap());
            }
        }
        assert!(std::fs::exists(json["ca"].as_str().unwrap()).unwrap());
        assert!(std::fs::exists(json["postgres"]["data"].as_str().unwrap()).unwrap());
        assert!(json["postgres"]["pid"].as_u64().unwrap() > 0);
    })
    .await;
}

/// Tables and columns that outside checks touch with SQL.
const TABLES: [(Service, &str, &str); 11] = [
    (Service::Vault, "tenants", "tenant_uid uuid, tenant_id text"),
    (Service::Vault, "collections", "tenant_uid uuid, collection_uid uuid, collection_id text"),
    (
        Service::Vault,
        "records",
        "tenant_uid uuid, tenant_id text, collection_uid uuid, collection_id text, record_uid uuid, record_id text, \
         revision bigint, wrapped_key bytea, sealed_fields bytea",
    ),
    (Service::Vault, "audit_outbox", "log_name text, events bytea, mac bytea"),
    (Service::Audit, "logs", "log_id uuid, name text, size bigint, head bytea, state text"),
    (
        Service::Audit,
        "entries",
        "log_id uuid, entry_index bigint, event_id uuid, entry bytea, mac bytea, logged_at timestamp with time zone, \
         producer text, actor text, action text, resource text, outcome smallint",
    ),
    (Service::Key, "keys", "key_uid uuid"),
    (Service::Key, "key_versions", "key_uid uuid"),
    (Service::Key, "subject_keys", "key_uid uuid"),
    (Service::Key, "signer_heads", "log_id uuid"),
    (Service::Key, "signer_segments", "log_id uuid"),
];

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_outside_checks_touch_have_their_columns_and_only_ordinary_triggers() {
    on_shared_stack(async |world| {
        for (service, table, columns) in TABLES.into_iter().chain([(Service::Key, "signer_alarms", "log_id uuid")]) {
            let sql = world.sql(service).await;
            let query = "SELECT column_name || ' ' || data_type FROM information_schema.columns \
                         WHERE table_schema = 'public' AND table_name = $1";
            let rows = sql.rows(query, &[&table]).await;
            let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
            println!("{}.{table}: {there:?}", service.short());
            for column in columns.split(", ") {
                assert!(there.contains(column.trim()), "{table} lacks {column}: {there:?}");
            }
            let always = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'";
            assert_eq!(sql.row(always, &[]).await.get::<_, i64>(0), 0, "a trigger that replicas cannot pass");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_in_both_versions_lists_every_service_and_health_says_serving() {
    on_shared_stack(async |world| {
        let stranger = world.caller("stranger");
        for (package, channel) in [("key", &stranger.key), ("vault", &stranger.vault), ("audit", &stranger.audit)] {
            let services = descriptors().services().map(|service| service.full_name().to_owned());
            let mut wanted: BTreeSet<String> =
                services.filter(|name| name.starts_with(&format!("strongroom.{package}."))).collect();
            wanted.insert("grpc.health.v1.Health".into());
            for listed in [reflected_v1(channel).await, reflected_v1alpha(channel).await] {
                assert!(wanted.is_subset(&listed), "{package} does not list {:?}", wanted.difference(&listed));
                let foreign = listed.iter().find(|name| name.starts_with("strongroom.") && !wanted.contains(*name));
                assert_eq!(foreign, None, "{package} lists what it does not serve");
            }
            assert_eq!(health(channel).await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_answers_by_the_name_of_each_service_that_is_served_and_knows_no_other() {
    on_shared_stack(async |world| {
        let stranger = world.caller("stranger");
        for (package, channel) in [("key", &stranger.key), ("vault", &stranger.vault), ("audit", &stranger.audit)] {
            for service in reflected_v1(channel).await {
                assert_eq!(health_of(channel, &service).await, Ok(1), "{package}: {service}");
            }
            let another = if package == "key" { "vault" } else { "key" };
            for unknown in [format!("strongroom.{another}.v1.AccessService"), format!("strongroom.{package}.v1.None")] {
                assert_eq!(health_of(channel, &unknown).await, Err(Code::NotFound), "{package}: {unknown}");
            }
        }
    })
    .await;
}

async fn reflected_v1(channel: &Channel) -> BTreeSet<String> {
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;
    let list = MessageRequest::ListServices(String::new());
    let request = v1::ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    match answers.next().await.unwrap().unwrap().message_response.unwrap() {
        MessageResponse::ListServicesResponse(list) => list.service.into_iter().map(|service| service.name).collect(),
        other => panic!("{other:?}"),
    }
}

async fn reflected_v1alpha(channel: &Channel) -> BTreeSet<String> {
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;
    let list = MessageRequest::ListServices(String::new());
    let request = v1alpha::ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
    match answers.next().await.unwrap().unwrap().message_response.unwrap() {
        MessageResponse::ListServicesResponse(list) => list.service.into_iter().map(|service| service.name).collect(),
        other => panic!("{other:?}"),
    }
}
