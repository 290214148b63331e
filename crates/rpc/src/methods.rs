//! What the API declares about its methods, read from the descriptor set.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, MethodDescriptor, Value};

mod footprint;
use footprint::Footprint;

use crate::bound::at_most;

/// When the use of a method leaves an audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditClass {
    /// Never, not even when it is refused.
    None,
    /// Only when it is refused or malformed.
    Refusals,
    /// Counted in one entry for each caller and commit group.
    Grouped,
    /// One durable event before the answer leaves.
    BeforeAnswer,
    /// The event commits with the change.
    WithChange,
}

/// Bytes of a request or an answer where the method does not say more.
const MESSAGE_BYTES: usize = 16 * 1024;
/// Bytes of memory for each byte of a request where the method does not say more.
const DECODING_FACTOR: usize = 4;

/// How large the messages of a method may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The largest request, as it is encoded.
    pub request: usize,
    /// The largest answer, of a stream each message.
    pub response: usize,
    /// Bytes of memory that are set aside for each byte of a request.
    pub decoding_factor: usize,
}

impl Bounds {
    /// Memory that the largest request may take when it is decoded.
    pub(crate) fn decoded(&self) -> usize {
        self.request.saturating_mul(self.decoding_factor)
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { request: MESSAGE_BYTES, response: MESSAGE_BYTES, decoding_factor: DECODING_FACTOR }
    }
}

/// One method of the API.
#[derive(Debug)]
pub struct MethodInfo {
    path: String,
    service: String,
    permission: String,
    further_permissions: Vec<String>,
    audit: AuditClass,
    server_streaming: bool,
    reads_in_bulk: bool,
    bounds: Bounds,
    footprint: Footprint,
}

impl MethodInfo {
    /// Path of its requests, `/strongroom.key.v1.KeyService/GetKey`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Full name of its service, `strongroom.key.v1.KeyService`.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The permission that it needs.
    pub fn permission(&self) -> &str {
        &self.permission
    }

    /// Permissions that some of its calls need on top.
    pub(crate) fn further_permissions(&self) -> impl Iterator<Item = &str> {
        self.further_permissions.iter().map(String::as_str)
    }

    /// Whether its handler may ask for `permission`.
    pub(crate) fn declares(&self, permission: &str) -> bool {
        self.permission == permission || self.further_permissions().any(|further| further == permission)
    }

    /// When its use leaves an entry.
    pub fn audit(&self) -> AuditClass {
        self.audit
    }

    /// Whether it reads many rows: a caller has few such calls worked on at one time.
    pub(crate) fn reads_in_bulk(&self) -> bool {
        self.reads_in_bulk
    }

    /// How large its messages may be.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Bytes that a request takes when decoded, from its encoding; none where that is none.
    pub(crate) fn footprint(&self, request: &[u8]) -> Option<usize> {
        self.footprint.measure(request)
    }

    /// Whether its answer is a stream.
    pub fn is_server_streaming(&self) -> bool {
        self.server_streaming
    }
}

/// Every method of the API with its permission and audit class.
#[derive(Debug)]
pub struct MethodTable {
    methods: BTreeMap<String, Arc<MethodInfo>>,
    undeclared: BTreeSet<String>,
}

/// Why a descriptor set is no method table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MethodTableError {
    /// Not an encoded descriptor set.
    #[error("the descriptor set cannot be read")]
    Descriptors(#[source] prost_reflect::DescriptorError),
    /// The options' declaration is not part of it.
    #[error("the descriptor set lacks the option {0}")]
    Option(&'static str),
}

const PERMISSION: &str = "strongroom.options.v1.permission";
const AUDIT: &str = "strongroom.options.v1.audit";
const FURTHER: &str = "strongroom.options.v1.further_permissions";
const REQUEST: &str = "strongroom.options.v1.max_request_bytes";
const RESPONSE: &str = "strongroom.options.v1.max_response_bytes";
const FACTOR: &str = "strongroom.options.v1.decoding_factor";
const BULK: &str = "strongroom.options.v1.reads_in_bulk";

impl MethodTable {
    /// The table of this build's API.
    pub fn of_api() -> Result<Self, MethodTableError> {
        Self::from_descriptor_set(api::FILE_DESCRIPTOR_SET)
    }

    /// Reads an encoded `FileDescriptorSet` that still has its custom options.
    pub fn from_descriptor_set(encoded: &[u8]) -> Result<Self, MethodTableError> {
        let pool = DescriptorPool::decode(encoded).map_err(MethodTableError::Descriptors)?;
        let option = |name| pool.get_extension_by_name(name).ok_or(MethodTableError::Option(name));
        let (permission, audit, further) = (option(PERMISSION)?, option(AUDIT)?, option(FURTHER)?);
        let sizes = [option(REQUEST)?, option(RESPONSE)?, option(FACTOR)?];
        let bulk = option(BULK)?;
        let mut table = Self { methods: BTreeMap::new(), undeclared: BTreeSet::new() };
        for service in pool.services() {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                match declared(&method, &permission, &audit) {
                    Some((permission, audit)) => {
                        let info = MethodInfo {
                            path: path.clone(),
                            service: service.full_name().to_owned(),
                            permission,
                            further_permissions: texts(method.options().get_extension(&further).as_ref()),
                            audit,
                            server_streaming: method.is_server_streaming(),
                            reads_in_bulk: method.options().get_extension(&bulk).as_bool().unwrap_or_default(),
                            bounds: bounds(&method.options(), &sizes),
                            footprint: Footprint::of(&method.input()),
                        };
                        table.methods.insert(path, Arc::new(info));
                    }
                    None => {
                        table.undeclared.insert(path);
                    }
                }
            }
        }
        Ok(table)
    }

    /// The method at a path.
    pub fn get(&self, path: &str) -> Option<&Arc<MethodInfo>> {
        self.methods.get(path)
    }

    /// All declared methods, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<MethodInfo>> {
        self.methods.values()
    }

    /// The declared methods of one service.
    pub(crate) fn of_service<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Arc<MethodInfo>> {
        self.methods.values().filter(move |method| method.service == service)
    }

    /// Paths of methods without a permission or an audit class: refused to everybody.
    pub(crate) fn undeclared(&self) -> impl Iterator<Item = &str> {
        self.undeclared.iter().map(String::as_str)
    }

    /// Every permission, sorted.
    pub fn permissions(&self) -> BTreeSet<&str> {
        self.methods
            .values()
            .flat_map(|method| [method.permission()].into_iter().chain(method.further_permissions()))
            .collect()
    }
}

/// What a method declares, and the defaults for what it leaves out.
fn bounds(options: &DynamicMessage, sizes: &[ExtensionDescriptor; 3]) -> Bounds {
    let declared = |option| match options.get_extension(option).as_ref() {
        Value::U32(size) if *size > 0 => usize::try_from(*size).ok(),
        _ => None,
    };
    let [request, response, factor] = sizes.each_ref().map(declared);
    let default = Bounds::default();
    Bounds {
        request: at_most(request.unwrap_or(default.request)),
        response: at_most(response.unwrap_or(default.response)),
        decoding_factor: factor.unwrap_or(default.decoding_factor),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_list().unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn declared(
    method: &MethodDescriptor,
    permission: &ExtensionDescriptor,
    audit: &ExtensionDescriptor,
) -> Option<(String, AuditClass)> {
    let options = method.options();
    // An option that is not set reads as its default: has_extension tells them apart.
    if !options.has_extension(permission) || !options.has_extension(audit) {
        return None;
    }
    let permission = match options.get_extension(permission).as_ref() {
        Value::String(name) if !name.is_empty() => name.clone(),
        _ => return None,
    };
    let audit = match options.get_extension(audit).as_ref() {
        Value::EnumNumber(1) => AuditClass::None,
        Value::EnumNumber(2) => AuditClass::Refusals,
        Value::EnumNumber(3) => AuditClass::Grouped,
        Value::EnumNumber(4) => AuditClass::BeforeAnswer,
        Value::EnumNumber(5) => AuditClass::WithChange,
        _ => return None,
    };
    Some((permission, audit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_api_is_declared() {
        let table = MethodTable::of_api().unwrap();
        assert_eq!(table.undeclared().collect::<Vec<_>>(), Vec::<&str>::new(), "give them both method options");
        assert!(table.iter().count() > 30);
    }

    #[test]
    fn a_method_carries_what_its_comment_says() {
        let table = MethodTable::of_api().unwrap();
        let method = table.get("/strongroom.vault.v1.RecordService/CreateRecord").unwrap();
        assert_eq!((method.permission(), method.audit()), ("records.create", AuditClass::WithChange));
        assert!(table.get("/strongroom.audit.v1.LogService/VerifyLog").unwrap().is_server_streaming());
        let reveal = table.get("/strongroom.vault.v1.RecordService/RevealRecord").unwrap();
        assert!(reveal.declares("records.reveal") && reveal.declares("records.revealFull"));
        assert!(!reveal.declares("records.update") && !method.declares("records.revealFull"));
        assert!(table.permissions().contains("records.revealFull"));
        assert!(table.get("/strongroom.vault.v1.RecordService/ListRecords").unwrap().reads_in_bulk());
        assert!(!reveal.reads_in_bulk());
    }

    #[test]
    fn the_page_of_limits_has_what_the_methods_declare() {
        let page = include_str!("../../../docs/limits.md");
        let number = |cell: &str| cell.trim().replace(',', "").parse::<usize>().ok();
        let listed: BTreeMap<String, Bounds> = page
            .lines()
            .filter_map(|line| {
                let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
                let [method, request, response, factor] = cells.try_into().ok()?;
                let (request, response, decoding_factor) = (number(request)?, number(response)?, number(factor)?);
                Some((method.trim().to_owned(), Bounds { request, response, decoding_factor }))
            })
            .collect();
        let of_api = MethodTable::of_api().unwrap();
        let short = |path: &str| path.replace("/strongroom.", "").replace(".v1.", ".").replace('/', ".");
        let declared = of_api.iter().map(|method| (short(method.path()), *method.bounds()));
        let declared: BTreeMap<_, _> = declared.filter(|(_, bounds)| *bounds != Bounds::default()).collect();
        assert_eq!(listed, declared);
    }

    #[test]
    fn bytes_that_are_no_descriptor_set_are_refused() {
        assert!(MethodTable::from_descriptor_set(b"\xff\xff").is_err());
        assert!(matches!(MethodTable::from_descriptor_set(b""), Err(MethodTableError::Option(PERMISSION))));
    }
}
