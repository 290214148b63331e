//! Fields of any message by their path, such as `requests[0].name`: bad input is put in there whatever the message is.

use std::sync::OnceLock;

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};

/// The API's descriptors.
pub(crate) fn descriptors() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap())
}

/// Every method of the API with its path, in the order of the paths.
pub(crate) fn methods() -> Vec<(String, MethodDescriptor)> {
    let services = descriptors().services();
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let mut all: Vec<_> =
        methods.map(|method| (format!("/{}/{}", method.parent_service().full_name(), method.name()), method)).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

/// The message of `path`'s request with these bytes.
pub(crate) fn request(path: &str, bytes: &[u8]) -> DynamicMessage {
    let (_, method) = methods().into_iter().find(|(known, _)| known == path).unwrap();
    DynamicMessage::decode(method.input(), bytes).unwrap()
}

/// Puts `value` at `path`.
pub(crate) fn set(message: &mut DynamicMessage, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        return message.set_field_by_name(path, value);
    };
    let (name, index) = element(first);
    let field = message.get_field_by_name_mut(name).unwrap_or_else(|| panic!("no field {name}"));
    let inner = match (field, index) {
        (Value::List(list), Some(index)) => &mut list[index],
        (field, None) => field,
        _ => panic!("{first} is no list"),
    };
    match inner {
        Value::Message(inner) => set(inner, rest, value),
        _ => panic!("{first} is no message"),
    }
}

/// The text at `path`.
pub(crate) fn text(message: &DynamicMessage, path: &str) -> String {
    let Some((first, rest)) = path.split_once('.') else {
        return message.get_field_by_name(path).unwrap().as_str().unwrap().to_owned();
    };
    let (name, index) = element(first);
    let field = message.get_field_by_name(name).unwrap();
    let inner = index.map_or(field.as_ref(), |index| &field.as_list().unwrap()[index]);
    text(inner.as_message().unwrap(), rest)
}

fn element(part: &str) -> (&str, Option<usize>) {
    match part.split_once('[') {
        Some((name, index)) => (name, Some(index.trim_end_matches(']').parse().unwrap())),
        None => (part, None),
    }
}
