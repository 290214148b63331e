//! What a policy allows, and which policies are refused.

use std::collections::HashSet;

use names::LogName;

use super::*;
use crate::permission::AccessSelf;
use crate::{MethodTable, Permission as _};

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
        "binding of \"https://x.dev/app\": \"https://x.dev/app\" is no SPIFFE ID",
        "there is no role \"none\"",
        "\"/tenants/acme/\" is no resource name",
        "\"both\" at \"\" is given twice",
    ] {
        assert!(mistakes.iter().any(|mistake| mistake.contains(expected)), "{expected}: {mistakes:#?}");
    }
}

/// Such as one of which an editor has written nothing yet.
#[test]
fn a_policy_that_binds_nobody_is_refused() {
    for cut in ["", POLICY.split("[[bindings]]").next().unwrap()] {
        assert!(check(cut).unwrap_err().to_string().contains("there are no bindings"), "{cut}");
    }
}

#[test]
fn identities_that_no_certificate_can_have_are_refused_wherever_they_stand() {
    let odd = ["spiffe://X.dev/shut-out", "spiffe://x.dev/shut-out/", "x.dev", "dns:X.dev", "dns:spiffe://x.dev/app"];
    for odd in odd {
        for named in ["\"spiffe://x.dev/shut-out\"]", "subject = \"spiffe://x.dev/app\""] {
            let policy = POLICY.replace(named, &named.replace(named.split('"').nth(1).unwrap(), odd));
            assert!(check(&policy).unwrap_err().to_string().contains(odd.trim_start_matches("dns:")), "{policy}");
        }
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

#[test]
fn identities_have_the_limit_of_the_handshake() {
    let denying = |length: usize| {
        let denied = format!("\"{:a<length$}\"", "spiffe://x.dev/");
        check(&POLICY.replace("\"spiffe://x.dev/shut-out\"]", &format!("{denied}]")))
    };
    assert!(denying(2049).is_err());
    assert!(denying(2048).unwrap().is_denied(&format!("{:a<2048}", "spiffe://x.dev/")));
}

const PRODUCERS: &str = r#"
    denied_identities = ["spiffe://x.dev/old"]
    [[roles]]
    name = "app"
    permissions = ["records.get"]
    [[bindings]]
    subject = "spiffe://x.dev/app"
    role = "app"
    [[producers]]
    name = "key-service"
    identities = ["spiffe://x.dev/key", "dns:key.x.dev", "spiffe://x.dev/old"]
    owns = ["keys", "dataKeys"]
    [[producers]]
    name = "vault-service"
    identities = ["spiffe://x.dev/vault"]
"#;

#[test]
fn every_mistake_of_the_producers_is_named_at_once() {
    let long = "a".repeat(2049);
    let error = check(&format!(
        r#"
        [[producers]]
        name = "Key service"
        identities = ["no identity", "dns:x.dev", "spiffe://x.dev/{long}"]
        owns = ["keys", "keys.create", "keys"]
        [[producers]]
        name = "b"
        identities = ["dns:x.dev"]
        owns = ["keys", ""]
        [[producers]]
        name = "b"
        identities = []
        "#
    ))
    .unwrap_err();
    let PolicyError::Invalid(mistakes) = error else { panic!("{error}") };
    for expected in [
        "producer \"Key service\": a name is",
        "\"no identity\" is no SPIFFE ID",
        "an identity is longer than 2048 bytes",
        "\"keys.create\" is no family",
        "\"\" is no family",
        "\"keys\" is owned by \"Key service\" already",
        "producer \"b\": \"dns:x.dev\" speaks for \"Key service\" already",
        "producer \"b\": \"keys\" is owned by \"Key service\" already",
        "producer \"b\" is defined twice",
        "producer \"b\": it has 1 to 64 identities",
    ] {
        assert!(mistakes.iter().any(|mistake| mistake.contains(expected)), "{expected}: {mistakes:#?}");
    }
    let many = (0..65).fold(String::new(), |text, n| {
        text + &format!("[[producers]]\nname = \"p{n}\"\nidentities = [\"dns:x{n}\"]\n")
    });
    assert!(check(&many).unwrap_err().to_string().contains("at most 64"));
}

#[test]
fn whoever_is_in_no_producer_reports_nothing() {
    let policy = check(PRODUCERS).unwrap();
    for caller in ["spiffe://x.dev/other", "spiffe://x.dev/key/x", "vault-service", "", "spiffe://x.dev/old"] {
        assert_eq!(policy.producer(caller), None, "{caller}");
    }
    let name = |caller| policy.producer(caller).unwrap().name();
    assert_eq!([name("spiffe://x.dev/key"), name("dns:key.x.dev")], ["key-service"; 2]);
    assert_eq!(check(POLICY).unwrap().producer("spiffe://x.dev/app"), None);
}

#[test]
fn what_another_producer_owns_is_not_reported_in_the_systems_log() {
    let policy = check(PRODUCERS).unwrap();
    let [key, vault] = ["spiffe://x.dev/key", "spiffe://x.dev/vault"].map(|one| policy.producer(one).unwrap());
    let system = LogName::System;
    let tenant = "logs/acme".parse().unwrap();
    for action in ["keys.rotate", "keys", "dataKeys.unwrap", "keys.made.up"] {
        assert!(!policy.may_report(vault, &system, action), "{action}");
        assert!(policy.may_report(key, &system, action), "{action}");
        assert!(policy.may_report(vault, &tenant, action), "{action}");
    }
    for action in ["records.create", "keysmith.call", "Keys.rotate", "calls.refuse", ""] {
        assert!(policy.may_report(vault, &system, action) && policy.may_report(key, &system, action), "{action}");
    }
}

mod shipped {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../deploy/policy.toml");

    fn allowed(caller: &str) -> Vec<String> {
        let methods = MethodTable::of_api().unwrap();
        let policy = check(SHIPPED).unwrap();
        let caller = format!("spiffe://strongroom.dev/{caller}");
        methods
            .permissions()
            .into_iter()
            .filter(|permission| *permission != "access.self" && policy.allows_anywhere(&caller, permission))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_stranger_may_do_nothing() {
        assert_eq!(allowed("stranger"), Vec::<String>::new());
    }

    #[test]
    fn an_operator_reaches_no_value_and_no_data_key() {
        let operator = allowed("operator");
        for never in [
            "records.reveal",
            "records.revealFull",
            "records.create",
            "records.update",
            "dataKeys.unwrap",
            "dataKeys.generate",
        ] {
            assert!(!operator.iter().any(|permission| permission == never), "{never}");
        }
    }

    #[test]
    fn an_operator_reads_the_systems_log_only() {
        let policy = check(SHIPPED).unwrap();
        let reads = |log| policy.allows("spiffe://strongroom.dev/operator", "entries.list", log);
        assert!(reads("logs/system"));
        assert!(!reads("logs/acme"));
        assert!(!reads(""));
    }

    #[test]
    fn only_services_use_keys_and_append_events() {
        for caller in ["operator", "app", "auditor"] {
            for permission in allowed(caller) {
                assert!(!permission.starts_with("dataKeys."), "{caller} {permission}");
                assert!(!["events.append", "signer.seal"].contains(&permission.as_str()), "{caller} {permission}");
            }
        }
        assert_eq!(allowed("key-service"), ["events.append"]);
    }

    #[test]
    fn whoever_appends_events_is_a_producer_and_every_permission_is_one_producers_to_report() {
        let policy = check(SHIPPED).unwrap();
        let services = ["vault-service", "key-service", "audit-service"];
        let producers = services.map(|name| policy.producer(&format!("spiffe://strongroom.dev/{name}")).unwrap());
        assert_eq!(producers.each_ref().map(|producer| producer.name()), services);
        for caller in ["operator", "app", "auditor", "stranger"] {
            assert_eq!(policy.producer(&format!("spiffe://strongroom.dev/{caller}")), None, "{caller}");
        }
        let methods = MethodTable::of_api().unwrap();
        for (package, owner) in [("key", &producers[1]), ("vault", &producers[0]), ("audit", &producers[2])] {
            let prefix = format!("/strongroom.{package}.");
            for method in methods.iter().filter(|method| method.path().starts_with(&prefix)) {
                let action = method.permission();
                let may: Vec<_> =
                    producers.iter().filter(|one| policy.may_report(one, &LogName::System, action)).collect();
                assert!(
                    may == [owner] || action == AccessSelf::NAME,
                    "{action}: {may:?}; see owns in deploy/policy.toml"
                );
            }
        }
    }

    #[test]
    fn every_permission_is_somebodys() {
        let methods = MethodTable::of_api().unwrap();
        let callers = ["operator", "app", "auditor", "vault-service", "key-service", "audit-service"];
        let given: HashSet<String> = callers.iter().flat_map(|caller| allowed(caller)).collect();
        let missing: Vec<_> =
            methods.permissions().into_iter().filter(|one| *one != "access.self" && !given.contains(*one)).collect();
        assert_eq!(missing, Vec::<&str>::new(), "give them to a role in deploy/policy.toml");
    }
}
