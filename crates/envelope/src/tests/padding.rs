//! What a value's length still tells once it is sealed, and what readers accept.

use proptest::prelude::*;

use super::{data_key, manifest, name, place};
use crate::padding::{padded_length, remove};
use crate::record::{Selection, open, seal};

const P1: &str = "tenants/acme/collections/patients/records/p1";

fn sealed_length(json: &[u8]) -> usize {
    seal(data_key(5), &place(&name(P1)), &manifest(), &[("field", json)]).unwrap().len()
}

#[test]
fn values_of_short_enumerations_have_one_length() {
    let values = [
        "true",
        "false",
        "null",
        "\"\"",
        "0",
        "7",
        "104",
        "-1.5",
        "\"m\"",
        "\"f\"",
        "\"male\"",
        "\"female\"",
        "\"diverse\"",
        "\"A+\"",
        "\"AB-\"",
        "\"0\"",
        "[]",
        "{}",
        "\"1815-12-10\"",
        "\"078-05-1120\"",
    ];
    let lengths: Vec<usize> = values.iter().map(|value| sealed_length(value.as_bytes())).collect();
    assert!(lengths.iter().all(|length| length == &lengths[0]), "{lengths:?}");
}

#[test]
fn an_overlong_length_is_refused() {
    assert!(padded_length(usize::MAX).is_err());
}

#[test]
fn any_number_of_spaces_is_taken_off_and_nothing_else() {
    for (padded, value) in
        [("1", "1"), ("1 ", "1"), ("\" a \"     ", "\" a \""), ("    ", ""), ("", ""), ("1\n ", "1\n")]
    {
        let mut bytes = padded.as_bytes().to_vec();
        remove(&mut bytes);
        assert_eq!(bytes, value.as_bytes());
    }
}

#[test]
fn padding_adds_less_than_a_step_or_an_eighth() {
    let mut last = 0;
    for length in 0..20_000 {
        let padded = padded_length(length).unwrap();
        assert!(padded >= length.max(32) && padded.is_multiple_of(32), "{length}");
        assert!(padded - length < 32 || length == 0 || (padded - length) * 8 < length + 8, "{length}");
        assert!(padded >= last, "{length}");
        assert_eq!(padded_length(padded).unwrap(), padded, "{length}");
        last = padded;
    }
}

proptest! {
    #[test]
    fn a_padded_value_comes_back_as_it_was(text in ".{0,600}") {
        let json = serde_json::to_vec(&text).unwrap();
        let p1 = name(P1);
        let sealed = seal(data_key(5), &place(&p1), &manifest(), &[("field", &json)]).unwrap();
        let opened = open(data_key(5), &place(&p1), &manifest(), &sealed, Selection::All).unwrap();
        prop_assert_eq!(opened[0].1.expose(), &json[..]);
    }
}
