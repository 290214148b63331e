//! What may stand in an event's fields: identities, resource names, ids and codes, and nothing that a caller typed freely.
//!
//! The sets are wider than what the services send today and narrower than text: no blank, no quote, no control byte.

/// Longest identity, in bytes: that of a SPIFFE ID.
const MAX_IDENTITY: usize = 2_048;
/// Longest resource name, in bytes.
const MAX_RESOURCE: usize = 512;
/// Longest attribute, in bytes.
const MAX_ATTRIBUTE: usize = 1_024;
/// Longest action, purpose or reference, in bytes.
const MAX_CODE: usize = 64;

/// Identity of a caller, as its certificate has it.
pub(crate) fn is_identity(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_IDENTITY && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Permission that names what was done, e.g. `records.reveal`.
pub(crate) fn is_action(text: &str) -> bool {
    let mut parts = text.split('.');
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= MAX_CODE && parts.clone().count() == 2 && parts.all(word)
}

/// Full resource name; empty where the call named none that parses.
pub(crate) fn is_resource(text: &str) -> bool {
    is_of(text, MAX_RESOURCE, b"._/-")
}

/// Purpose from a collection's list, or none.
pub(crate) fn is_purpose(text: &str) -> bool {
    is_of(text, MAX_CODE, b"._-")
}

/// Reference of the caller's own system, e.g. a ticket number, or none.
pub(crate) fn is_reference(text: &str) -> bool {
    is_of(text, MAX_CODE, b"._:/-")
}

/// Value of an attribute: ids, codes, counts, digests, names.
pub(crate) fn is_attribute(text: &str) -> bool {
    is_of(text, MAX_ATTRIBUTE, b"._:/-,=+@")
}

fn is_of(text: &str, longest: usize, besides: &[u8]) -> bool {
    text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || besides.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_is_refused_everywhere() {
        for text in ["John Smith", "a\nb", "naïve", "\0"] {
            assert!(!is_identity(text), "{text:?}");
        }
        for text in ["John Smith", "a\nb", "\"x\"", "naïve", "<b>", "a;b", "\0"] {
            assert!(!is_action(text) && !is_resource(text), "{text:?}");
            assert!(!is_purpose(text) && !is_reference(text) && !is_attribute(text), "{text:?}");
        }
    }

    #[test]
    fn too_long_values_are_refused() {
        assert!(is_reference(&"r".repeat(64)) && !is_reference(&"r".repeat(65)));
        assert!(is_resource(&"r".repeat(512)) && !is_resource(&"r".repeat(513)));
        assert!(!is_identity("") && !is_identity(&"r".repeat(2_049)));
    }

    #[test]
    fn what_the_services_send_is_accepted() {
        assert!(is_identity("spiffe://strongroom.dev/vault-service") && is_identity("app.example.com"));
        assert!(is_action("records.reveal") && is_action("publicKeys.list"));
        assert!(!is_action("records") && !is_action("records.") && !is_action("a.b.c"));
        assert!(is_resource("tenants/acme/collections/patients/records/p-1.2") && is_resource(""));
        assert!(is_reference("JIRA-12:3/4") && is_reference("") && is_purpose("treatment"));
        assert!(is_attribute("/strongroom.vault.v1.RecordService/GetRecord") && is_attribute("AAD_MISMATCH"));
    }
}
