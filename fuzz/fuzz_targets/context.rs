//! Entries of maps: what is read as one means what prost reads, and is refused only where prost has to choose.
#![no_main]

use api::{EncodedField, Part, context_entries, context_pair, next_part};
use libfuzzer_sys::fuzz_target;
use prost::Message;

/// An entry of `map<string, string>`, as prost has it.
#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// An entry whose value is not looked at.
#[derive(Clone, PartialEq, Message)]
struct Field {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

fuzz_target!(|encoded: &[u8]| {
    match (context_pair(encoded), Pair::decode(encoded)) {
        (Some((key, value)), Ok(pair)) => {
            assert_eq!((key, value), (pair.key.as_str(), pair.value.as_str()));
            let written = context_entries([(key, value)]);
            assert_eq!(context_pair(&written[0]), Some((key, value)));
            assert_eq!(Pair::decode(written[0].clone()), Ok(pair));
        }
        (Some(pair), Err(error)) => panic!("{pair:?} was read, but {error}"),
        (None, Ok(pair)) => assert!(has_one_twice(encoded), "{pair:?} was refused"),
        (None, Err(_)) => {}
    }
    match (EncodedField::read(encoded), Field::decode(encoded)) {
        (Some(read), Ok(field)) => {
            assert_eq!((read.name, read.value), (field.name.as_str(), field.value.as_slice()));
            assert_eq!(Field::decode(EncodedField::write(read.name, read.value)), Ok(field));
        }
        (Some(read), Err(error)) => panic!("{:?} was read, but {error}", (read.name, read.value)),
        (None, Ok(field)) => assert!(has_one_twice(encoded), "{field:?} was refused"),
        (None, Err(_)) => {}
    }
});

fn has_one_twice(mut entry: &[u8]) -> bool {
    let mut counts = [0; 3];
    while let Some((number, part)) = next_part(&mut entry) {
        if let (1 | 2, Part::Delimited(_)) = (number, part) {
            counts[number as usize] += 1;
        }
    }
    counts.into_iter().any(|count| count > 1)
}
