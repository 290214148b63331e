//! Every name round-trips, and nothing that is not in its one spelling is taken.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::prelude::*;
use uuid::Uuid;

use crate::*;

const ID: &str = "[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?";
const ITEM_ID: &str = "[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?";

fn refused<T: FromStr<Err = NameError> + Debug>(input: &str) -> NameError {
    input.parse::<T>().expect_err(input)
}

fn round_trip<T: FromStr<Err = NameError> + Display + PartialEq + Debug>(text: &str) {
    let value: T = text.parse().expect(text);
    assert_eq!(value.to_string(), text);
    assert_eq!(value.to_string().parse::<T>().unwrap(), value);
}

#[test]
fn ids_outside_the_rule_are_refused() {
    for id in ["", "-a", "a-", ".a", "a.", "_a", "a_", "a/b", "a b", "ä", "a\0", "a\n", "système"] {
        refused::<CollectionId>(id);
        refused::<RecordId>(id);
    }
    for id in ["a", "0", "a.b-c", "a--b", "a..b", &"a".repeat(63)] {
        round_trip::<CollectionId>(id);
        round_trip::<RecordId>(id);
    }
    for id in ["a_b", "Patient-1", "A", "Xyz.9_-Z", &"Z".repeat(64)] {
        refused::<KeyId>(id);
        round_trip::<RecordId>(id);
        round_trip::<UserId>(id);
    }
    refused::<RecordId>(&"a".repeat(65));
    assert_ne!("Patient-1".parse::<RecordId>().unwrap(), "patient-1".parse().unwrap());
}

#[test]
fn an_id_with_a_mark_at_its_end_is_refused_with_what_is_left_as_a_hint() {
    assert!(refused::<RecordId>("-Patient-1.").hint().ends_with(r#"try "Patient-1""#));
    assert!(refused::<TenantId>(".acme").hint().ends_with(r#"try "acme""#));
}

#[test]
fn upper_case_ids_are_refused_with_the_lower_case_one_as_a_hint() {
    let error = refused::<TenantId>("Acme");
    assert_eq!(error.to_string(), r#""Acme" is not an id: ids are lower case, try "acme""#);
    assert!(!refused::<TenantId>("Ac me").hint().contains("lower case"));
}

#[test]
fn errors_never_repeat_more_than_64_characters() {
    let long = "ä".repeat(1000);
    for error in
        [refused::<TenantId>(&long), refused::<RecordName>(&long), refused::<Etag>(&long), refused::<KeyUid>(&long)]
    {
        assert_eq!(error.input().chars().count(), 64);
        assert!(error.to_string().chars().filter(|c| *c == 'ä').count() <= 64);
    }
}

#[test]
fn errors_escape_control_characters() {
    assert!(!refused::<TenantId>("a\r\nb\u{1b}[2J").to_string().contains(['\r', '\n', '\u{1b}']));
}

#[test]
fn the_tenant_id_system_is_reserved_for_creation_only() {
    assert!(TenantId::new_for_create("system").is_err());
    assert!(TenantId::new_for_create("Acme").is_err());
    assert!(TenantId::new_for_create("systems").is_ok());
}

#[test]
fn a_key_is_known_by_its_whole_name() {
    let key: KeyName = "keys/k-1".parse().unwrap();
    assert!(key.is("keys/k-1"));
    for other in ["", "k-1", "keys/", "keys/k-10", "keys/k-1/versions/1", "Keys/k-1"] {
        assert!(!key.is(other), "{other}");
    }
}

#[test]
fn names_of_another_form_are_refused() {
    for name in
        ["", "tenants", "tenants/", "tenants/a/", "/tenants/a", "Tenants/a", "tenants/a/b", "tenants/a/collections/b"]
    {
        refused::<TenantName>(name);
    }
    for name in [
        "tenants/a/collections/b",
        "tenants/a/collections/b/records/",
        "tenants/a//records/c",
        "tenants/a/records/b/collections/c",
    ] {
        refused::<RecordName>(name);
    }
    refused::<UserName>("tenants/a/collections/b");
    refused::<CollectionName>("tenants/a/users/b");
    refused::<KeyName>("keys/a/versions/1");
    assert_eq!(refused::<TenantName>("tenant/a").kind(), Kind::Tenant);
    assert_eq!(refused::<TenantName>("tenants/A").kind(), Kind::Id);
}

#[test]
fn numbers_have_one_spelling() {
    for version in ["", "0", "01", "+1", "-1", "1.0", "1 ", "４", "4294967296"] {
        refused::<KeyVersionName>(&format!("keys/a/versions/{version}"));
    }
    round_trip::<KeyVersionName>("keys/a/versions/4294967295");
    for index in ["", "00", "01", "+1", "-0", "18446744073709551616"] {
        refused::<EntryName>(&format!("logs/system/entries/{index}"));
    }
    round_trip::<EntryName>("logs/system/entries/0");
    round_trip::<EntryName>("logs/acme/entries/18446744073709551615");
}

#[test]
fn the_system_log_is_not_a_tenant_s() {
    assert_eq!("logs/system".parse(), Ok(LogName::System));
    assert_eq!("logs/acme".parse(), Ok(LogName::of_tenant(&TenantId::new("acme").unwrap())));
    refused::<LogName>("logs/System");
    refused::<LogName>("logs/");
}

#[test]
fn uids_are_taken_in_one_spelling_only() {
    round_trip::<RecordUid>("018f2e5a-7c3b-7def-8123-456789abcdef");
    for text in [
        "018F2E5A-7C3B-7DEF-8123-456789ABCDEF",
        "018f2e5a7c3b7def8123456789abcdef",
        "{018f2e5a-7c3b-7def-8123-456789abcdef}",
        "urn:uuid:018f2e5a-7c3b-7def-8123-456789abcdef",
        "018f2e5a-7c3b-7def-8123-456789abcdef ",
        "",
    ] {
        refused::<RecordUid>(text);
    }
}

#[test]
fn parents_and_children_fit() {
    let record: RecordName = "tenants/acme/collections/patients/records/p1".parse().unwrap();
    assert_eq!(record.parent().to_string(), "tenants/acme/collections/patients");
    assert_eq!(record.parent().parent().to_string(), "tenants/acme");
    assert_eq!(record.parent().record(record.record().clone()), record);
    let key: KeyName = "keys/a".parse().unwrap();
    assert_eq!(key.version(3).to_string(), "keys/a/versions/3");
    assert_eq!(key.version(3).parent(), key);
}

#[test]
fn etags_of_other_lengths_and_alphabets_are_refused() {
    let etag = Etag::new(Uuid::from_u128(u128::MAX), u64::MAX).to_string();
    assert_eq!(etag, "_".repeat(32));
    for text in ["", &etag[1..], &format!("{etag}_"), &"/".repeat(32), &"=".repeat(32), &"ä".repeat(16)] {
        refused::<Etag>(text);
    }
}

#[test]
fn whoever_is_neither_a_user_nor_a_reference_is_refused() {
    let user = |tenant: &str, user: &str| format!("tenants/{tenant}/users/{user}");
    let long = "a".repeat(60);
    for text in [
        "ada@example.com",
        "user:ada@example.com",
        "ada lovelace",
        "ada\n",
        "ada\0",
        "ädä",
        &"a".repeat(65),
        &user(&long, "ada@example.com"),
        &user(&long, "-ada"),
        &user(&long, "ada."),
        &user(&long, &"u".repeat(65)),
        &user(&long.to_uppercase(), "ada"),
        &format!("{}/records", user(&long, "ada")),
        &"a".repeat(1 << 20),
    ] {
        let error = refused::<OnBehalfOf>(text);
        assert_eq!(
            error.to_string(),
            "this is not a user or a reference to one: expected tenants/{tenant}/users/{user} or \
             [A-Za-z0-9._:/-]{1,64}, never an e-mail address"
        );
    }
    refused::<OnBehalfOf>("");
}

#[test]
fn users_and_references_are_taken_as_they_are_given() {
    assert_eq!(OnBehalfOf::parse_optional(""), Ok(None));
    for text in ["Practitioner/4711", "urn:uuid:1-2_3.4", "tenants/acme/users/Ada_L", &"a".repeat(64)] {
        round_trip::<OnBehalfOf>(text);
    }
    let longest = format!("tenants/{}/users/{}", "t".repeat(63), "U".repeat(64));
    assert_eq!(OnBehalfOf::parse_optional(&longest).unwrap().unwrap().as_str(), longest);
}

proptest! {
    #[test]
    fn nobody_is_named_by_an_address(text in "[a-z./:]{0,40}@[a-z.]{0,40}") {
        refused::<OnBehalfOf>(&text);
    }

    #[test]
    fn every_name_round_trips(a in ID, b in ID, c in ITEM_ID, version in 1u32.., index: u64) {
        round_trip::<TenantName>(&format!("tenants/{a}"));
        round_trip::<UserName>(&format!("tenants/{a}/users/{c}"));
        round_trip::<CollectionName>(&format!("tenants/{a}/collections/{b}"));
        round_trip::<RecordName>(&format!("tenants/{a}/collections/{b}/records/{c}"));
        round_trip::<KeyName>(&format!("keys/{a}"));
        round_trip::<KeyVersionName>(&format!("keys/{a}/versions/{version}"));
        round_trip::<LogName>(&format!("logs/{a}"));
        round_trip::<EntryName>(&format!("logs/{a}/entries/{index}"));
    }

    #[test]
    fn etags_and_uids_round_trip(uid: u128, revision: u64) {
        let etag = Etag::new(Uuid::from_u128(uid), revision);
        prop_assert_eq!(etag.to_string().parse::<Etag>().unwrap(), etag);
        round_trip::<KeyUid>(&Uuid::from_u128(uid).to_string());
    }

    #[test]
    fn whatever_is_taken_is_spelled_the_same(text in "[a-zA-Z0-9/._ +-]{0,40}|(tenants|logs|keys|entries|versions|/|a|0|1|-){0,8}") {
        if let Ok(name) = text.parse::<TenantName>() { prop_assert_eq!(name.to_string(), &text[..]); }
        if let Ok(name) = text.parse::<KeyVersionName>() { prop_assert_eq!(name.to_string(), &text[..]); }
        if let Ok(name) = text.parse::<EntryName>() { prop_assert_eq!(name.to_string(), &text[..]); }
        if let Ok(name) = text.parse::<LogName>() { prop_assert_eq!(name.to_string(), &text[..]); }
        if let Ok(etag) = text.parse::<Etag>() { prop_assert_eq!(etag.to_string(), &text[..]); }
    }
}
