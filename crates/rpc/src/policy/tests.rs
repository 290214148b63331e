use super::*;
use crate::MethodTable;

fn check(text: &str) -> Result<Policy, PolicyError> {
    PolicyFile::parse(text).unwrap().check(&MethodTable::of_api().unwrap())
}

const POLICY: &str = r#"
    denied_identities = ["spiffe://x.dev/shut-out"]
    [[roles]]
    name = "app"
    permissions = ["records.create", "records.get"]
    [[bindings]]
    subject = "spiffe://x.dev/app"
    role = "app"
    scope = "tenants/acme"
    [[bindings]]
    subject = "spiffe://x.dev/shut-out"
    role = "app"
"#;

#[test]
fn every_mistake_is_named_at_once() {
    let error = check(
        r#"
        denied_identities = ["no identity"]
        [[roles]]
        name = "App!"
        permissions = ["records.*", "records.create", "records.create"]
        [[roles]]
        name = "both"
        permissions = ["keys.create", "dataKeys.unwrap"]
        [[roles]]
        name = "both"
        permissions = ["access.self"]
        [[bindings]]
        subject = "https://x.dev/app"
        role = "none"
        scope = "/tenants/acme/"
        [[bindings]]
        subject = "spiffe://x.dev/app"
        role = "both"
        [[bindings]]
        subject = "spiffe://x.dev/app"
        role = "both"
        "#,
    )
    .unwrap_err();
    let PolicyError::Invalid(mistakes) = error else { panic!("{error}") };
    for expected in [
        "\"no identity\" is no SPIFFE ID",
        "role \"App!\": a name is",
        "no permission \"records.*\"",
        "\"records.create\" is listed twice",
        "managing keys and using them",
        "role \"both\" is defined twice",
        "no permission \"access.self\"",
        "binding of \"https://x.dev/app\": the subject",
        "there is no role \"none\"",
        "\"/tenants/acme/\" is no resource name",
        "\"both\" at \"\" is given twice",
    ] {
        assert!(mistakes.iter().any(|mistake| mistake.contains(expected)), "{expected}: {mistakes:#?}");
    }
}

#[test]
fn unknown_fields_are_refused() {
    assert!(matches!(PolicyFile::parse("rolez = []"), Err(PolicyError::Syntax(_))));
    assert!(matches!(PolicyFile::parse("[[roles]]\nname = \"a\""), Err(PolicyError::Syntax(_))));
}

#[test]
fn nothing_is_allowed_without_a_binding() {
    let policy = check(POLICY).unwrap();
    assert!(!policy.allows("spiffe://x.dev/stranger", "records.get", "tenants/acme"));
    assert!(!policy.allows_anywhere("spiffe://x.dev/stranger", "records.get"));
    assert!(policy.allows("spiffe://x.dev/stranger", "access.self", ""));
}

#[test]
fn a_scope_covers_whole_segments_only() {
    let policy = check(POLICY).unwrap();
    let allows = |resource| policy.allows("spiffe://x.dev/app", "records.get", resource);
    assert!(!allows(""));
    assert!(!allows("tenants"));
    assert!(!allows("tenants/acme-2"));
    assert!(!allows("tenants/other/collections/tenants/acme"));
    assert!(allows("tenants/acme"));
    assert!(allows("tenants/acme/collections/c/records/r"));
    assert!(!policy.allows("spiffe://x.dev/app", "records.delete", "tenants/acme"));
}

#[test]
fn a_denied_identity_has_nothing_whatever_its_bindings() {
    let policy = check(POLICY).unwrap();
    assert!(policy.is_denied("spiffe://x.dev/shut-out"));
    assert!(!policy.allows("spiffe://x.dev/shut-out", "records.get", "tenants/acme"));
    assert!(!policy.allows("spiffe://x.dev/shut-out", "access.self", ""));
}
