//! What the golden databases hold, as `expected.json` says it, and the files beside it.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use api::audit::v1::Report;
use api::vault::v1::Record;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use stack::Service;
use tlog::hash::to_hex;

use crate::support::json::json as json_of;

/// What opening them must show.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Expected {
    /// Records by name, as [`shown`] says them.
    pub(super) records: BTreeMap<String, Json>,
    /// Names of records that were deleted.
    pub(super) deleted: Vec<String>,
    /// Requests whose answers are remembered.
    pub(super) remembered: Vec<Remembered>,
    /// Events in the outboxes.
    pub(super) waiting: Vec<Waiting>,
    /// Rows that were set aside, by service.
    pub(super) refused: BTreeMap<String, i64>,
    /// Logs by name.
    pub(super) logs: BTreeMap<String, KeptLog>,
}

/// A request that was done, and its answer.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Remembered {
    /// Path of the RPC.
    pub(super) path: String,
    /// The message, encoded.
    #[serde(with = "hex")]
    pub(super) request: Vec<u8>,
    /// The answer, encoded.
    #[serde(with = "hex")]
    pub(super) answer: Vec<u8>,
}

/// An event that was not delivered yet.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Waiting {
    pub(super) log: String,
    pub(super) event_id: String,
}

/// A log as it was.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct KeptLog {
    /// Entries; none where it was never sealed.
    pub(super) size: Option<u64>,
    /// Head after them, 32 bytes.
    #[serde(with = "hex")]
    pub(super) head: Vec<u8>,
    /// What verification says, as [`said`] puts it.
    pub(super) report: Json,
}

impl Expected {
    pub(super) fn read() -> Self {
        serde_json::from_str(&read("expected.json")).unwrap()
    }

    /// The logs but one.
    pub(super) fn without(&self, log: &str) -> BTreeMap<String, KeptLog> {
        let others = self.logs.iter().filter(|(name, _)| *name != log);
        others.map(|(name, log)| (name.clone(), log.clone())).collect()
    }
}

/// Everything that a reveal says of a record.
pub(super) fn shown(record: &Record) -> Json {
    let time =
        |time: &Option<prost_types::Timestamp>| time.as_ref().map(|at| format!("{}.{:09}", at.seconds, at.nanos));
    json!({
        "uid": record.uid,
        "subject": record.subject,
        "fields": json_of(record.fields.as_ref()),
        "revision": record.revision,
        "key_version": record.key_version,
        "etag": record.etag,
        "create_time": time(&record.create_time),
        "update_time": time(&record.update_time),
        "expire_time": time(&record.expire_time),
    })
}

/// What a report says that stays when its log grows.
pub(super) fn said(report: &Report) -> Json {
    let mut findings: Vec<_> = report.findings.iter().map(|finding| finding.kind().as_str_name()).collect();
    findings.sort_unstable();
    findings.dedup();
    let state = |closed: bool| if closed { "closed" } else { "open" };
    let mut alarms: Vec<_> =
        report.alarms.iter().map(|alarm| [alarm.kind.as_str(), state(alarm.close_time.is_some())]).collect();
    alarms.sort_unstable();
    let losses: Vec<_> = report.losses.iter().map(|loss| [loss.first_index, loss.last_index]).collect();
    json!({"verdict": report.verdict().as_str_name(), "findings": findings, "alarms": alarms, "losses": losses})
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/databases")
}

fn read(name: &str) -> String {
    let path = directory().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn file_of(service: Service) -> String {
    format!("{}.sql", service.short())
}

/// The dumps.
pub(super) fn dumps() -> BTreeMap<Service, String> {
    Service::ALL.map(|service| (service, read(&file_of(service)))).into()
}

fn seal_file(stack: &Path) -> PathBuf {
    stack.join("secrets/INSECURE-DEV-ONLY-root-secret")
}

/// Lays the dumps' seal where a stack that is not started yet looks for its own.
pub(super) fn lay_seal(stack: &Path) {
    let file = seal_file(stack);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, read("seal")).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Fails where there are golden databases already.
pub(super) fn nothing_is_there() {
    assert!(!directory().exists(), "{} is there: it is never made anew", directory().display());
}

/// Writes all files, once; `dumps` as `pg_dump` wrote them.
pub(super) fn write(stack: &Path, dumps: &BTreeMap<Service, String>, expected: &Expected) {
    nothing_is_there();
    std::fs::create_dir(directory()).unwrap();
    for (service, dump) in dumps {
        // Commands of psql, which nobody runs here.
        let lines = dump.lines().filter(|line| !line.starts_with('\\'));
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        std::fs::write(directory().join(file_of(*service)), text).unwrap();
    }
    std::fs::copy(seal_file(stack), directory().join("seal")).unwrap();
    std::fs::write(directory().join("expected.json"), serde_json::to_string_pretty(expected).unwrap() + "\n").unwrap();
}

/// Bytes as hex digits.
mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::to_hex;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&to_hex(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
        bytes.ok_or_else(|| serde::de::Error::custom("no hex digits"))
    }
}
