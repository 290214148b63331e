//! The records to store: JSON objects, one a line, from a file.

use std::collections::BTreeSet;
use std::path::Path;

use names::RecordId;
use serde_json::{Map, Value};

use crate::outcome::Failure;

/// A record as it was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Id that it asks for; the service makes one where there is none.
    pub(crate) id: Option<String>,
    /// Its fields.
    pub(crate) fields: Map<String, Value>,
    /// Where it stands, for whoever is to mend it: the file and the line.
    pub(crate) place: String,
}

impl Given {
    /// Length as JSON, in bytes.
    pub(crate) fn size(&self) -> usize {
        serde_json::to_vec(&self.fields).map_or(0, |json| json.len())
    }
}

/// Reads a file; `id` becomes the record id where it fits and is the first of its kind.
pub(crate) fn read(path: &Path) -> Result<Vec<Given>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut records = Vec::new();
    let mut taken = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("{}:{number}", path.display());
        let fields: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| format!("{place}: not a JSON object: {error}"))?;
        let id = fields.get("id").and_then(Value::as_str);
        let fits = id.filter(|id| id.parse::<RecordId>().is_ok() && taken.insert((*id).to_owned()));
        records.push(Given { id: fits.map(str::to_owned), fields, place });
    }
    Ok(records)
}
