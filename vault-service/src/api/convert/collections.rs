//! Collections and their policies of fields, from messages and to them.

use api::vault::v1 as proto;
use names::Etag;

use super::timestamp;
use crate::places::Collection;
use crate::policy::{Classification, FieldPolicy, Treatment, WantedType};
use crate::problems::Problems;

pub(in crate::api) fn collection_message(collection: &Collection) -> proto::Collection {
    proto::Collection {
        name: collection.name.to_string(),
        uid: collection.uid.to_string(),
        field_policies: collection.policies.iter().map(policy_message).collect(),
        purposes: collection.purposes.clone(),
        create_time: Some(timestamp(collection.create_time)),
        etag: Etag::new(collection.uid.as_uuid(), collection.revision).to_string(),
    }
}

pub(in crate::api) fn field_policies(policies: Vec<proto::FieldPolicy>, problems: &mut Problems) -> Vec<FieldPolicy> {
    policies
        .into_iter()
        .enumerate()
        .map(|(index, policy)| {
            let mut of_policy = Problems::default();
            let policy = field_policy(policy, &mut of_policy);
            problems.extend(&format!("collection.field_policies[{index}]"), of_policy);
            policy
        })
        .collect()
}

fn field_policy(policy: proto::FieldPolicy, problems: &mut Problems) -> FieldPolicy {
    let classification = match proto::Classification::try_from(policy.classification) {
        Ok(proto::Classification::Unspecified) => Classification::Unspecified,
        Ok(proto::Classification::None) => Classification::None,
        Ok(proto::Classification::Pii) => Classification::Pii,
        Ok(proto::Classification::Phi) => Classification::Phi,
        Ok(proto::Classification::Pci) => Classification::Pci,
        Ok(proto::Classification::Credential) => Classification::Credential,
        Err(_) => {
            problems.add("classification", "is no classification of this version");
            Classification::Unspecified
        }
    };
    let treatment = match proto::Treatment::try_from(policy.treatment) {
        Ok(proto::Treatment::Unspecified | proto::Treatment::Encrypt) => Treatment::Encrypt,
        Ok(proto::Treatment::NeverStore) => Treatment::NeverStore,
        Err(_) => {
            problems.add("treatment", "is no treatment of this version");
            Treatment::NeverStore
        }
    };
    let json_type = match proto::JsonType::try_from(policy.json_type) {
        Ok(proto::JsonType::Unspecified) => None,
        Ok(proto::JsonType::String) => Some(WantedType::String),
        Ok(proto::JsonType::Number) => Some(WantedType::Number),
        Ok(proto::JsonType::Bool) => Some(WantedType::Bool),
        Ok(proto::JsonType::Object) => Some(WantedType::Object),
        Ok(proto::JsonType::Array) => Some(WantedType::Array),
        Err(_) => {
            problems.add("json_type", "is no type of this version");
            None
        }
    };
    let max_size = u32::try_from(policy.max_size).unwrap_or_else(|_| {
        problems.add("max_size", "must not be negative");
        0
    });
    FieldPolicy { field: policy.field, classification, treatment, json_type, required: policy.required, max_size }
}

fn policy_message(policy: &FieldPolicy) -> proto::FieldPolicy {
    let classification = match policy.classification {
        Classification::Unspecified | Classification::Unknown(_) => proto::Classification::Unspecified,
        Classification::None => proto::Classification::None,
        Classification::Pii => proto::Classification::Pii,
        Classification::Phi => proto::Classification::Phi,
        Classification::Pci => proto::Classification::Pci,
        Classification::Credential => proto::Classification::Credential,
    };
    let treatment = match policy.treatment {
        Treatment::Encrypt => proto::Treatment::Encrypt,
        Treatment::NeverStore | Treatment::Unknown(_) => proto::Treatment::NeverStore,
    };
    let json_type = match policy.json_type {
        None | Some(WantedType::Unknown(_)) => proto::JsonType::Unspecified,
        Some(WantedType::String) => proto::JsonType::String,
        Some(WantedType::Number) => proto::JsonType::Number,
        Some(WantedType::Bool) => proto::JsonType::Bool,
        Some(WantedType::Object) => proto::JsonType::Object,
        Some(WantedType::Array) => proto::JsonType::Array,
    };
    proto::FieldPolicy {
        field: policy.field.clone(),
        classification: classification.into(),
        treatment: treatment.into(),
        required: policy.required,
        max_size: i32::try_from(policy.max_size).unwrap_or(i32::MAX),
        json_type: json_type.into(),
    }
}
