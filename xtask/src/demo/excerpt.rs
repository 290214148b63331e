//! Records as a person looks at them.

use serde_json::{Map, Value as Json};

/// Some of a record, for a person to look at.
pub(crate) fn excerpt(fields: &Map<String, Json>) -> String {
    let mut parts = vec![person(fields.get("name").unwrap_or(&Json::Null))];
    parts.extend(["ssn", "birth_date", "birthDate", "gender"].iter().filter_map(|name| fields.get(*name)).map(words));
    parts.extend(fields.get("diagnoses").and_then(|list| list.get(0)?.get("text")).map(words));
    parts.extend(fields.get("notes").map(|notes| format!("“{}”", words(notes))));
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { fields.keys().cloned().collect::<Vec<_>>().join(", ") } else { parts.join(" · ") }
}

/// A name in either form: `{given, family}`, or FHIR's list of `HumanName`.
fn person(name: &Json) -> String {
    let name = name.get(0).unwrap_or(name);
    let given = name.get("given").map(|given| words(given.get(0).unwrap_or(given)));
    [given, name.get("family").map(words)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn words(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
