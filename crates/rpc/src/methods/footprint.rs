//! What a request takes in memory once it is decoded, known before it is.
//!
//! Two bytes on the wire can name an empty item of a list, which takes hundreds in memory: the length of a message says little
//! about that, its parts do. They are passed over as they came, once, and nothing is made of them
//! (<https://protobuf.dev/programming-guides/encoding/>).

use std::collections::HashMap;

use api::{Part, next_part};
use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};

/// Bytes of a number, of a text or a list's head, and of an entry of a map that grows: the largest that prost makes of any.
const NUMBER: usize = 16;
const HEAD: usize = 32;
const MAP_ENTRY: usize = 128;
/// A list that grows has room for twice what it holds, the first time for four.
const GROWTH: usize = 2;
/// What the first entry of a map takes on top: a node has room for eleven.
const MAP_NODE: usize = 512;
/// Levels of messages; prost goes no deeper either.
const DEPTH: usize = 100;

/// The messages that a request is made of; the first is the request itself.
#[derive(Debug)]
pub(super) struct Footprint(Vec<Shape>);

#[derive(Debug, Default)]
struct Shape {
    /// Bytes of an empty message, those inside it included.
    own: usize,
    /// By their numbers, which are small.
    fields: Vec<Option<Field>>,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    holds: Holds,
    /// Bytes that each occurrence takes beside what it holds.
    each: usize,
    /// Bytes that the first in a message takes on top.
    first: usize,
}

#[derive(Debug, Clone, Copy)]
enum Holds {
    Number,
    /// Texts and bytes, entries of maps, and what is decoded only by who needs it.
    Bytes,
    /// The message at this place of the list.
    Message(usize),
}

impl Field {
    /// A list of items of `one` bytes each.
    fn list(holds: Holds, one: usize) -> Self {
        let each = one.saturating_mul(GROWTH);
        Self { holds, each, first: each }
    }
}

impl Footprint {
    pub(super) fn of(request: &MessageDescriptor) -> Self {
        let mut shapes = Vec::new();
        shape(request, &mut HashMap::new(), &mut shapes);
        Self(shapes)
    }

    /// Bytes that `message` takes when decoded: at least those that it will. None if it is no such message. So it is where a part
    /// is longer than what it is a part of: prost goes on beyond the end of a part, and says only then that it is none.
    pub(super) fn measure(&self, message: &[u8]) -> Option<usize> {
        self.parts(0, message, DEPTH)?.checked_add(self.0.first()?.own)
    }

    fn parts(&self, shape: usize, mut message: &[u8], depth: usize) -> Option<usize> {
        let (shape, depth) = (self.0.get(shape)?, depth.checked_sub(1)?);
        let mut bytes = 0_usize;
        // One bit for each field that was there. Those above 63 have none, and count as the first each time.
        let mut seen = 0_u64;
        while !message.is_empty() {
            let (number, part) = next_part(&mut message)?;
            let Some(field) = shape.field(number) else { continue };
            let held = match (field.holds, part) {
                (Holds::Bytes, Part::Delimited(content)) => content.len(),
                (Holds::Message(shape), Part::Delimited(content)) => self.parts(shape, content, depth)?,
                // Packed: each takes a byte at least.
                (Holds::Number, Part::Delimited(content)) => content.len().saturating_mul(field.each),
                (Holds::Number, _) => 0,
                // prost reads the entries of a map whatever wire type they say: then its fields are not those seen here.
                (Holds::Bytes | Holds::Message(_), _) => return None,
            };
            let bit = 1_u64.checked_shl(number).unwrap_or(0);
            let first = if seen & bit == 0 { field.first } else { 0 };
            seen |= bit;
            bytes = bytes.saturating_add(first).saturating_add(field.each).saturating_add(held);
        }
        Some(bytes)
    }
}

impl Shape {
    fn field(&self, number: u32) -> Option<Field> {
        self.fields.get(usize::try_from(number).ok()?).copied().flatten()
    }

    fn insert(&mut self, number: u32, field: Field) {
        let Ok(place) = usize::try_from(number) else { return };
        if self.fields.len() <= place {
            self.fields.resize(place.saturating_add(1), None);
        }
        if let Some(slot) = self.fields.get_mut(place) {
            *slot = Some(field);
        }
    }
}

/// The place of a message's shape, which is made where it is not there.
fn shape(message: &MessageDescriptor, known: &mut HashMap<String, usize>, shapes: &mut Vec<Shape>) -> usize {
    if let Some(place) = known.get(message.full_name()) {
        return *place;
    }
    let place = shapes.len();
    known.insert(message.full_name().to_owned(), place);
    shapes.push(Shape::default());
    let mut made = Shape::default();
    for field in message.fields() {
        let (own, of_field) = of_field(&field, known, shapes);
        made.own = made.own.saturating_add(own);
        made.insert(field.number(), of_field);
    }
    if let Some(shape) = shapes.get_mut(place) {
        *shape = made;
    }
    place
}

/// Bytes of an empty field in its message, and what it holds.
fn of_field(field: &FieldDescriptor, known: &mut HashMap<String, usize>, shapes: &mut Vec<Shape>) -> (usize, Field) {
    let (holds, one) = match field.kind() {
        Kind::Message(_) if field.is_map() => {
            return (HEAD, Field { holds: Holds::Bytes, each: MAP_ENTRY, first: MAP_NODE });
        }
        // As `api::EncodedStruct` has it: a list of bytes.
        Kind::Message(message) if message.full_name() == "google.protobuf.Struct" => {
            let place = shapes.len();
            let members = Field::list(Holds::Bytes, HEAD);
            shapes.push(Shape { own: HEAD, fields: vec![None, Some(members)] });
            (Holds::Message(place), HEAD)
        }
        Kind::Message(message) => {
            let place = shape(&message, known, shapes);
            (Holds::Message(place), NUMBER + shapes.get(place).map_or(0, |shape| shape.own))
        }
        Kind::String | Kind::Bytes => (Holds::Bytes, HEAD),
        _ => (Holds::Number, NUMBER),
    };
    if field.cardinality() == Cardinality::Repeated {
        (HEAD, Field::list(holds, one))
    } else {
        (one, Field { holds, each: 0, first: 0 })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use api::vault::v1::{BatchRevealRecordsRequest, RevealRecordRequest};
    use prost::Message as _;
    use prost_reflect::DescriptorPool;

    use super::*;

    fn footprint(name: &str) -> impl Fn(&[u8]) -> usize {
        let footprint = shapes(name);
        move |encoded| footprint.measure(encoded).unwrap()
    }

    fn shapes(name: &str) -> Footprint {
        let pool = DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
        Footprint::of(&pool.get_message_by_name(name).unwrap())
    }

    #[test]
    fn empty_items_weigh_what_they_take() {
        let batch = footprint("strongroom.vault.v1.BatchRevealRecordsRequest");
        let request =
            BatchRevealRecordsRequest { requests: vec![RevealRecordRequest::default(); 1000], ..Default::default() };
        let encoded = request.encode_to_vec();
        let decoded = BatchRevealRecordsRequest::decode(&encoded[..]).unwrap();
        let taken = decoded.requests.capacity() * size_of::<RevealRecordRequest>();
        assert_eq!(encoded.len(), 2000);
        assert!(taken > 100_000 && batch(&encoded) >= taken, "{taken} {}", batch(&encoded));
    }

    #[test]
    fn no_list_of_any_request_takes_more_than_is_measured() {
        let batch = footprint("strongroom.vault.v1.BatchRevealRecordsRequest");
        let mut request = RevealRecordRequest { read_fields: vec![String::new(); 5000], ..Default::default() };
        let one =
            batch(&BatchRevealRecordsRequest { requests: vec![request.clone()], ..Default::default() }.encode_to_vec());
        assert!(one >= 5000 * size_of::<String>());
        request.read_fields = vec!["x".repeat(100_000)];
        let long = batch(&BatchRevealRecordsRequest { requests: vec![request], ..Default::default() }.encode_to_vec());
        assert!((100_000..110_000).contains(&long), "a long text weighs its length: {long}");
        let create = footprint("strongroom.vault.v1.CreateRecordRequest");
        let fields = api::EncodedStruct { fields: vec![bytes::Bytes::new(); 5000] };
        let record = Some(api::vault::v1::Record { fields: Some(fields), ..Default::default() });
        let request = api::vault::v1::CreateRecordRequest { record, ..Default::default() };
        assert!(create(&request.encode_to_vec()) >= 5000 * size_of::<bytes::Bytes>());
        let macs = footprint("strongroom.key.v1.VerifyMacsRequest");
        let request = api::key::v1::VerifyMacsRequest { indices: vec![1; 5000], ..Default::default() };
        assert!(macs(&request.encode_to_vec()) >= 5000 * size_of::<u64>(), "packed numbers");
        let append = footprint("strongroom.audit.v1.AppendEventsRequest");
        let attributes = (0..500).map(|n| (n.to_string(), String::new())).collect();
        let event = api::audit::v1::Event { attributes, ..Default::default() };
        let request = api::audit::v1::AppendEventsRequest { events: vec![event] };
        assert!(append(&request.encode_to_vec()) >= 500 * 2 * size_of::<String>(), "entries of maps");
    }

    #[test]
    fn lists_and_maps_of_one_have_room_for_more() {
        let batch = footprint("strongroom.vault.v1.BatchRevealRecordsRequest");
        let request =
            BatchRevealRecordsRequest { requests: vec![RevealRecordRequest::default()], ..Default::default() };
        let decoded = BatchRevealRecordsRequest::decode(&request.encode_to_vec()[..]).unwrap();
        let taken =
            size_of::<BatchRevealRecordsRequest>() + decoded.requests.capacity() * size_of::<RevealRecordRequest>();
        assert!(batch(&request.encode_to_vec()) >= taken, "{taken}");
        let labels = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        let key = Some(api::key::v1::Key { labels, ..Default::default() });
        let request = api::key::v1::CreateKeyRequest { key, ..Default::default() };
        // A leaf has room for eleven entries.
        let taken = size_of::<api::key::v1::CreateKeyRequest>() + 11 * 2 * size_of::<String>();
        assert!(footprint("strongroom.key.v1.CreateKeyRequest")(&request.encode_to_vec()) >= taken, "{taken}");
    }

    #[test]
    fn what_is_no_message_has_no_footprint() {
        let batch = shapes("strongroom.vault.v1.BatchRevealRecordsRequest");
        for wrong in [&b"\x12\xff"[..], b"\x00", b"\x12\x00\x12\xff", b"\x10\x00", b"\x13\x14", b"\x12\x02\x1a\x05"] {
            assert_eq!(batch.measure(wrong), None, "{wrong:?}");
            assert!(BatchRevealRecordsRequest::decode(wrong).is_err());
        }
        // A request of two bytes, in which a list begins that goes on far behind it.
        let beyond = [&[0x12, 2, 0x1a, 100][..], &[0; 100]].concat();
        assert_eq!(batch.measure(&beyond), None);
    }

    /// One entry that claims to be a number would hide all that comes behind it.
    #[test]
    fn maps_of_another_wire_type_are_refused_although_prost_reads_them() {
        let append = shapes("strongroom.audit.v1.AppendEventsRequest");
        let entry = b"\x0a\x01\x00";
        let wire_types = [(0, false), (1, false), (2, true), (3, false), (5, false)];
        for (wire_type, is_taken) in wire_types {
            let event = [&[13 << 3 | wire_type, 3], &entry[..]].concat();
            let request = [&[0x0a, 5], &event[..]].concat();
            assert!(api::audit::v1::AppendEventsRequest::decode(&request[..]).is_ok());
            assert_eq!(append.measure(&request).is_some(), is_taken, "{wire_type}");
        }
    }
}
