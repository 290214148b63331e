//! The ways in which callers try to exhaust a service.

use std::net::SocketAddr;

use api::vault::v1::{BatchRevealRecordsRequest, CreateRecordRequest, Record, RevealRecordRequest, View};
use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{Kind, MessageDescriptor};
use stack::Stack;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tonic::Code;

use crate::support::calls::{Records, Values};
use crate::support::eventually;
use crate::support::raw::{RawConnection, code_of, empty, half_sent, tls, whole};
use crate::support::world::{COLLECTION, World};

const VAULT: &str = "/strongroom.vault.v1.RecordService/";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const TEST_PERMISSIONS: &str = "/strongroom.vault.v1.AccessService/TestPermissions";
/// Largest message that any method takes.
const LARGEST: usize = 4 << 20;
/// Records of a mebibyte that are there to be revealed.
const RECORDS: usize = 4;

/// One way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// Thousands of violations below a name of 200,000 bytes.
    Violations,
    /// 160,000 names of fields to update, none of which is one of 80,000 fields.
    Quadratic,
    /// Batches of reveals of large records, some with the same one 300 times.
    Batches,
    /// Reveals whose answers nobody reads.
    SlowReaders,
    /// Watches of health, by callers without a role.
    Watches,
    /// Requests of which the last byte never comes.
    HalfSent,
    /// The same to what every certificate may call.
    HalfSentByStrangers,
    /// Prefixes that claim up to 4 GiB, and calls without a body.
    Claims,
    /// As many headers as a call may have.
    Headers,
    /// Large requests that are given up as soon as they are sent.
    GivenUp,
    /// 4 MiB of empty items in every list of every request.
    Lists,
    /// Connections without a certificate that say nothing, half a hello, and nonsense.
    Handshakes,
    /// As many connections as one caller may have, each with calls that wait.
    Connections,
}

pub(crate) fn all() -> [Way; 13] {
    use Way::*;
    [
        Violations,
        Quadratic,
        Batches,
        SlowReaders,
        Watches,
        HalfSent,
        HalfSentByStrangers,
        Claims,
        Headers,
        GivenUp,
        Lists,
        Handshakes,
        Connections,
    ]
}

/// What the ways need to be there.
pub(crate) async fn prepare(world: &World) {
    let records = Records::new(world.channel("honest", "vault").unwrap());
    let values = Values::from([("scan".to_owned(), "x".repeat(1_000_000))]);
    for number in 0..RECORDS {
        // The first one waits until the policy is in force that binds the caller.
        eventually("a record", async || records.create(&record(number), &values, "").await.ok()).await;
    }
}

fn record(number: usize) -> String {
    format!("{COLLECTION}/records/wanted-{number}")
}

fn reveal(number: usize) -> RevealRecordRequest {
    RevealRecordRequest {
        name: record(number),
        view: View::Full.into(),
        purpose: "support".to_owned(),
        ..Default::default()
    }
}

impl Way {
    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }

    pub(crate) async fn run(self, world: &World) {
        match self {
            Self::Violations => violations(world).await,
            Self::Quadratic => quadratic(world).await,
            Self::Batches => batches(world).await,
            Self::SlowReaders => slow_readers(world).await,
            Self::Watches => watches(world).await,
            Self::HalfSent => half_sent_requests(world).await,
            Self::HalfSentByStrangers => half_sent_by_strangers(world).await,
            Self::Claims => claims(world).await,
            Self::Headers => headers(world).await,
            Self::GivenUp => given_up(world).await,
            Self::Lists => lists(world).await,
            Self::Handshakes => handshakes(world).await,
            Self::Connections => connections(world).await,
        }
    }
}

async fn connection(stack: &Stack, caller: &str, instance: &str) -> RawConnection {
    let port = stack.port(instance).unwrap();
    RawConnection::open(&tls(stack, caller), port, None).await.unwrap()
}

/// Makes a call often at the same time; how each ended.
async fn at_once(connection: &RawConnection, path: &str, message: &Bytes, calls: usize) -> Vec<Code> {
    let mut running = JoinSet::new();
    for _ in 0..calls {
        let (mut connection, path, message) = (connection.clone(), path.to_owned(), message.clone());
        running.spawn(async move { code_of(connection.call(&path, whole(message)).await.as_ref()) });
    }
    running.join_all().await
}

/// A field of a message, as it is encoded.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(content.len() + 16);
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut encoded);
    prost::encoding::encode_varint(u64::try_from(content.len()).unwrap(), &mut encoded);
    encoded.extend_from_slice(content);
    encoded
}

/// A request to create a record whose fields are these bytes.
fn create(fields: &[u8]) -> Bytes {
    let record = field(4, fields);
    [field(1, COLLECTION.as_bytes()), field(3, &record)].concat().into()
}

async fn violations(world: &World) {
    let connection = connection(world, "hostile", "vault").await;
    for (name, values) in [(200_000, 2_000), (200_000, 8_000), (1_000_000, 20_000), (1, 2_000_000)] {
        let list = field(6, &[0x0a, 0].repeat(values));
        let entry = [field(1, "n".repeat(name).as_bytes()), field(2, &list)].concat();
        let ended = at_once(&connection, &format!("{VAULT}CreateRecord"), &create(&field(1, &entry)), 32).await;
        let expected = [Code::InvalidArgument, Code::ResourceExhausted];
        assert!(ended.iter().all(|code| expected.contains(code)), "{ended:?}");
    }
}

async fn quadratic(world: &World) {
    let connection = connection(world, "hostile", "vault").await;
    let fields: Vec<u8> = (0..80_000).flat_map(|n: u32| field(1, &field(1, format!("f{n}").as_bytes()))).collect();
    let names: Vec<u8> = (0..160_000).flat_map(|n: u32| field(2, format!("u{n}").as_bytes())).collect();
    let update = [field(1, &[field(1, record(0).as_bytes()), field(4, &fields)].concat()), names].concat();
    let ended = at_once(&connection, &format!("{VAULT}UpdateRecord"), &update.into(), 16).await;
    let expected = [Code::InvalidArgument, Code::ResourceExhausted];
    assert!(ended.iter().all(|code| expected.contains(code)), "{ended:?}");
}

async fn batches(world: &World) {
    let connection = connection(world, "hostile", "vault").await;
    let batch = |numbers: Vec<usize>, max_response_bytes| {
        let requests = numbers.into_iter().map(reveal).collect();
        let parent = COLLECTION.to_owned();
        let batch = BatchRevealRecordsRequest { parent, requests, max_response_bytes, ..Default::default() };
        Bytes::from(batch.encode_to_vec())
    };
    let path = format!("{VAULT}BatchRevealRecords");
    let same = at_once(&connection, &path, &batch(vec![0; 300], 0), 64).await;
    assert!(same.iter().all(|code| [Code::InvalidArgument, Code::ResourceExhausted].contains(code)), "{same:?}");
    let all = at_once(&connection, &path, &batch((0..RECORDS).collect(), 8 << 20), 64).await;
    assert!(all.iter().all(|code| [Code::Ok, Code::ResourceExhausted].contains(code)), "{all:?}");
    assert!(all.contains(&Code::Ok) && all.contains(&Code::ResourceExhausted), "{all:?}");
}

async fn slow_readers(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let request = Bytes::from(reveal(0).encode_to_vec());
    let mut unread = JoinSet::new();
    for _ in 0..4 {
        let connection = RawConnection::open(&tls, port, Some(1)).await.unwrap();
        for _ in 0..250 {
            let (mut connection, request) = (connection.clone(), request.clone());
            unread.spawn(async move { connection.begin(&format!("{VAULT}RevealRecord"), whole(request), "5S").await });
        }
    }
    // Their deadlines and the grace are over when nothing more is there to be read.
    let begun: Vec<_> = unread.join_all().await.into_iter().flatten().collect();
    for answer in begun {
        let ended = http_body_util::BodyExt::collect(answer.into_body()).await;
        drop(ended);
    }
}

async fn watches(world: &World) {
    let port = world.port("vault").unwrap();
    let mut watching = JoinSet::new();
    for caller in ["stranger", "auditor"] {
        let tls = tls(world, caller);
        for _ in 0..16 {
            let connection = RawConnection::open(&tls, port, None).await.unwrap();
            for _ in 0..256 {
                let mut connection = connection.clone();
                watching.spawn(async move { connection.begin(WATCH, whole(Bytes::new()), "1H").await });
            }
        }
    }
    let begun = watching.join_all().await;
    assert_eq!(begun.len(), 2 * 16 * 256);
    // Meanwhile honest callers are served, and who has a place keeps it until the deadline of all calls.
    drop(begun);
}

async fn half_sent_requests(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        let connection = RawConnection::open(&tls, port, None).await.unwrap();
        for method in ["CreateRecord", "UpdateRecord", "BatchCreateRecords"].iter().cycle().take(48) {
            let (mut connection, path) = (connection.clone(), format!("{VAULT}{method}"));
            waiting
                .spawn(async move { connection.begin(&path, half_sent(LARGEST, LARGEST - (16 << 10)), "20S").await });
        }
    }
    waiting.join_all().await;
}

async fn half_sent_by_strangers(world: &World) {
    let (tls, port) = (tls(world, "stranger"), world.port("vault").unwrap());
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        let connection = RawConnection::open(&tls, port, None).await.unwrap();
        for number in 0..128 {
            let mut connection = connection.clone();
            let (path, length) = match number % 4 {
                0 => (TEST_PERMISSIONS.to_owned(), LARGEST),
                1 => (TEST_PERMISSIONS.to_owned(), 16 << 10),
                2 => (WATCH.to_owned(), LARGEST),
                _ => (format!("{VAULT}CreateRecord"), LARGEST),
            };
            waiting.spawn(async move { connection.begin(&path, half_sent(length, length - 1), "20S").await });
        }
    }
    waiting.join_all().await;
}

async fn claims(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let mut waiting = JoinSet::new();
    for _ in 0..8 {
        let connection = RawConnection::open(&tls, port, None).await.unwrap();
        for number in 0..250 {
            let mut connection = connection.clone();
            let body = match number % 4 {
                0 => half_sent(usize::try_from(u32::MAX).unwrap(), 0),
                1 => half_sent(LARGEST, 0),
                2 => half_sent(LARGEST + 1, 1 << 20),
                _ => empty(),
            };
            waiting.spawn(async move { connection.begin(&format!("{VAULT}CreateRecord"), body, "20S").await });
        }
    }
    waiting.join_all().await;
}

async fn headers(world: &World) {
    let port = world.port("vault").unwrap();
    let mut waiting = JoinSet::new();
    for caller in ["stranger", "hostile"] {
        let tls = tls(world, caller);
        for _ in 0..20 {
            let connection = RawConnection::open(&tls, port, None).await.unwrap();
            for _ in 0..250 {
                let (mut connection, path) = (connection.clone(), format!("{VAULT}CreateRecord"));
                waiting.spawn(async move { connection.begin_with_headers(&path, half_sent(LARGEST, 0), 90).await });
            }
        }
    }
    waiting.join_all().await;
}

async fn given_up(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let list = field(3, "x".repeat(900_000).as_bytes());
    let fields = field(1, &[field(1, b"scan"), field(2, &list)].concat());
    let update: Bytes = field(1, &[field(1, record(1).as_bytes()), field(4, &fields)].concat()).into();
    let created = create(&fields);
    let mut giving_up = JoinSet::new();
    for _ in 0..8 {
        let connection = RawConnection::open(&tls, port, None).await.unwrap();
        let (update, created) = (update.clone(), created.clone());
        giving_up.spawn(async move {
            for round in 0..100_u64 {
                let mut connection = connection.clone();
                let (path, message) = match round % 3 {
                    0 => ("UpdateRecord", &update),
                    1 => ("CreateRecord", &created),
                    _ => ("RevealRecord", &Bytes::from(reveal(2).encode_to_vec())),
                };
                let path = format!("{VAULT}{path}");
                let call = connection.begin(&path, whole(message.clone()), "10S");
                // Until about when the work has begun.
                drop(tokio::time::timeout(std::time::Duration::from_millis(round % 25), call).await);
            }
        });
    }
    giving_up.join_all().await;
}

async fn lists(world: &World) {
    for caller in ["hostile", "operator"] {
        lists_as(world, caller, "vault").await;
    }
}

/// 4 MiB of empty items in every list of every request to an instance.
pub(crate) async fn lists_as(world: &World, caller: &str, instance: &str) {
    let connection = connection(world, caller, instance).await;
    for (path, message) in lists_of(instance) {
        let ended = at_once(&connection, &path, &message, 4).await;
        let expected = [Code::InvalidArgument, Code::ResourceExhausted, Code::PermissionDenied];
        assert!(ended.iter().all(|code| expected.contains(code)), "{path} as {caller}: {ended:?}");
    }
}

/// Every list in every request to an instance, full of empty items.
fn lists_of(instance: &str) -> Vec<(String, Bytes)> {
    let pool = prost_reflect::DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
    let package = format!("strongroom.{instance}.v1");
    let services = pool.services().filter(|service| service.full_name().starts_with(&package));
    let mut all = Vec::new();
    for service in services.collect::<Vec<_>>() {
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            for places in places_of(&method.input(), 4) {
                let (last, around) = places.split_last().unwrap();
                let items: Vec<u8> = field(*last, &[]).repeat(LARGEST / 4);
                let message = around.iter().rev().fold(items, |inner, number| field(*number, &inner));
                all.push((path.clone(), message.into()));
            }
        }
    }
    all
}

/// Numbers of fields that lead to each list of a message.
fn places_of(message: &MessageDescriptor, depth: usize) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    for field in message.fields().filter(|_| depth > 0) {
        if field.is_list() || field.is_map() {
            all.push(vec![field.number()]);
        }
        if let Kind::Message(inner) = field.kind()
            && !field.is_map()
        {
            let below = places_of(&inner, depth - 1).into_iter();
            all.extend(below.map(|place| [vec![field.number()], place].concat()));
        }
    }
    all
}

async fn handshakes(world: &World) {
    let port = world.port("vault").unwrap();
    let mut open = Vec::new();
    for number in 0..2_000_u16 {
        // From several sources, the honest callers' own among them.
        let socket = TcpSocket::new_v4().unwrap();
        let [high, low] = (number % 20 + 1).to_be_bytes();
        socket.bind(SocketAddr::from(([127, 0, high, low], 0))).unwrap();
        let Ok(mut stream) = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await else { continue };
        let said: &[u8] = match number % 3 {
            0 => &[],
            // The beginning of a hello that is as long as a record may be.
            1 => &[22, 3, 1, 64, 0, 1, 0, 63, 252, 3, 3],
            _ => b"GET / HTTP/1.1\r\n\r\n",
        };
        if stream.write_all(said).await.is_ok() {
            open.push(stream);
        }
    }
    // Honest callers connect meanwhile.
    for _ in 0..10 {
        let records = Records::new(world.channel("honest", "vault").unwrap());
        records.reveal(&record(3)).await.unwrap();
    }
    drop(open);
}

async fn connections(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let process = world.process("vault").unwrap().unwrap();
    let before = process.resident_bytes().unwrap();
    let mut open = Vec::new();
    let mut answered = 0_usize;
    for _ in 0..520 {
        let Some(mut connection) = RawConnection::open(&tls, port, None).await else { continue };
        // Which shows whether it is served.
        if connection.call(&format!("{VAULT}GetRecord"), whole(Bytes::new())).await.is_some() {
            answered += 1;
            open.push(connection);
        }
    }
    let each = process.resident_bytes().unwrap().saturating_sub(before) / answered.max(1);
    println!("{answered} connections of one caller, {each} bytes each");
    assert_eq!(answered, 500, "as many as a caller may have");
    let waiting =
        Bytes::from(CreateRecordRequest { record: Some(Record::default()), ..Default::default() }.encode_to_vec());
    let mut calls = JoinSet::new();
    for mut connection in open {
        let waiting = waiting.clone();
        calls.spawn(async move {
            connection.begin(&format!("{VAULT}CreateRecord"), half_sent(waiting.len() + 1, 0), "20S").await
        });
    }
    calls.join_all().await;
}
