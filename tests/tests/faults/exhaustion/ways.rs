//! The ways in which callers try to exhaust a service.

use std::net::SocketAddr;
use std::time::Duration;

use api::vault::v1::{
    BatchCreateRecordsRequest, BatchRevealRecordsRequest, CreateRecordRequest, ListRecordsRequest, Record,
    RevealRecordRequest, View,
};
use bytes::Bytes;
use futures::future::BoxFuture;
use prost::Message as _;
use prost_reflect::{Kind, MessageDescriptor};
use rustls_pki_types::ServerName;
use stack::Stack;
use test_support::frames;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tonic::Code;

use crate::support::calls::{Records, Values};
use crate::support::eventually;
use crate::support::raw::{RawConnection, code_of, empty, half_sent, prefix, tls, unfinished, whole};
use crate::support::world::{COLLECTION, World};

const VAULT: &str = "/strongroom.vault.v1.RecordService/";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const TEST_PERMISSIONS: &str = "/strongroom.vault.v1.AccessService/TestPermissions";
/// Largest message that any method takes.
const LARGEST: usize = 4 << 20;
/// Records of a mebibyte that are there to be revealed.
const RECORDS: usize = 4;
/// Records of 32 KiB of names: more than a page has.
const PAGE: usize = 40;

/// One way.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) run: for<'a> fn(&'a World) -> BoxFuture<'a, ()>,
}

pub(crate) const SLOW_READERS: Way = Way { name: "slow readers", run: |world| Box::pin(slow_readers(world)) };
pub(crate) const HALF_SENT: Way = Way { name: "half-sent requests", run: |world| Box::pin(half_sent_requests(world)) };

pub(crate) const ALL: [Way; 18] = [
    Way { name: "violations", run: |world| Box::pin(violations(world)) },
    Way { name: "nulls", run: |world| Box::pin(nulls(world)) },
    Way { name: "quadratic checks", run: |world| Box::pin(quadratic(world)) },
    Way { name: "batches of reveals", run: |world| Box::pin(batches(world)) },
    SLOW_READERS,
    Way { name: "unread refusals", run: |world| Box::pin(unread_refusals(world)) },
    Way { name: "watches", run: |world| Box::pin(watches(world)) },
    Way { name: "reflection", run: |world| Box::pin(reflection(world)) },
    HALF_SENT,
    Way { name: "half-sent requests of strangers", run: |world| Box::pin(half_sent_by_strangers(world)) },
    Way { name: "claims", run: |world| Box::pin(claims(world)) },
    Way { name: "headers", run: |world| Box::pin(headers(world)) },
    Way { name: "headers at once", run: |world| Box::pin(headers_at_once(world)) },
    Way { name: "requests given up", run: |world| Box::pin(given_up(world)) },
    Way { name: "pages", run: |world| Box::pin(pages(world)) },
    Way { name: "lists", run: |world| Box::pin(lists(world)) },
    Way { name: "handshakes", run: |world| Box::pin(handshakes(world)) },
    Way { name: "connections", run: |world| Box::pin(connections(world)) },
];

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

async fn connection(stack: &Stack, caller: &str, instance: &str) -> RawConnection {
    let port = stack.port(instance).unwrap();
    RawConnection::open(&tls(stack, caller), port, None).await.unwrap()
}

/// Makes a call often at the same time; how each ended.
async fn at_once(connection: &RawConnection, path: &str, message: &Bytes, calls: usize) -> Vec<Code> {
    let call = |mut connection: RawConnection, _| {
        let (path, message) = (path.to_owned(), message.clone());
        async move { code_of(connection.call(&path, whole(message)).await.as_ref()) }
    };
    flood([connection.clone()], calls, call).await
}

/// Makes so many calls on each of so many connections of a caller, all at one time; what came of each.
async fn flood<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    connections: impl IntoIterator<Item = RawConnection>,
    calls: usize,
    call: impl Fn(RawConnection, usize) -> F,
) -> Vec<T> {
    let mut running = JoinSet::new();
    for connection in connections {
        (0..calls).for_each(|number| drop(running.spawn(call(connection.clone(), number))));
    }
    running.join_all().await
}

/// Connections of a caller to the vault that let so many bytes of each answer come until it reads.
async fn several(world: &World, caller: &str, count: usize, window: Option<u32>) -> Vec<RawConnection> {
    let (tls, port) = (tls(world, caller), world.port("vault").unwrap());
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(RawConnection::open(&tls, port, window).await.unwrap());
    }
    open
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

/// Thousands of violations below a name of up to a megabyte.
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

/// Messages that are well-formed, and as large as they may be.
async fn nulls(world: &World) {
    let connection = connection(world, "hostile", "vault").await;
    let list = field(6, &field(1, &[8, 0]).repeat(LARGEST / 4 - 32));
    let entry = [field(1, b"scan"), field(2, &list)].concat();
    let ended = at_once(&connection, &format!("{VAULT}CreateRecord"), &create(&field(1, &entry)), 64).await;
    let expected = [Code::InvalidArgument, Code::ResourceExhausted];
    assert!(ended.iter().all(|code| expected.contains(code)), "{ended:?}");
}

/// 160,000 names of fields to update, none of which is one of 80,000 fields.
async fn quadratic(world: &World) {
    let connection = connection(world, "hostile", "vault").await;
    let fields: Vec<u8> = (0..80_000).flat_map(|n: u32| field(1, &field(1, format!("f{n}").as_bytes()))).collect();
    let names: Vec<u8> = (0..160_000).flat_map(|n: u32| field(2, format!("u{n}").as_bytes())).collect();
    let update = [field(1, &[field(1, record(0).as_bytes()), field(4, &fields)].concat()), names].concat();
    let ended = at_once(&connection, &format!("{VAULT}UpdateRecord"), &update.into(), 16).await;
    let expected = [Code::InvalidArgument, Code::ResourceExhausted];
    assert!(ended.iter().all(|code| expected.contains(code)), "{ended:?}");
}

/// Batches of reveals of large records, some with the same one 300 times.
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

/// Reveals whose answers nobody reads.
async fn slow_readers(world: &World) {
    let request = Bytes::from(reveal(0).encode_to_vec());
    let call = |mut connection: RawConnection, _| {
        let request = request.clone();
        async move { connection.begin(&format!("{VAULT}RevealRecord"), whole(request), "5S").await }
    };
    let begun = flood(several(world, "hostile", 4, Some(1)).await, 250, call).await;
    // Their deadlines and the grace are over when nothing more is there to be read.
    for answer in begun.into_iter().flatten() {
        drop(http_body_util::BodyExt::collect(answer.into_body()).await);
    }
}

/// Refused calls on connections that nobody reads from: of callers with a role for what is wrong with them, each refusal as
/// long as it may be, and of a stranger.
async fn unread_refusals(world: &World) {
    let port = world.port("vault").unwrap();
    let bad = CreateRecordRequest { parent: "?".to_owned(), record_id: "?".to_owned(), ..Default::default() };
    let bad =
        BatchCreateRecordsRequest { parent: COLLECTION.to_owned(), requests: vec![bad; 64], ..Default::default() };
    let (bad, batch, reveal) =
        (bad.encode_to_vec(), format!("{VAULT}BatchCreateRecords"), format!("{VAULT}RevealRecord"));
    let mut sending = JoinSet::new();
    for number in 0..200 {
        let (caller, path, message) = match number % 4 {
            0 => ("stranger", &reveal, Vec::new()),
            _ => ("hostile", &batch, bad.clone()),
        };
        let (tls, path) = (tls(world, caller), path.clone());
        sending.spawn(async move {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
            let connector = TlsConnector::from(tls.client_config());
            let Ok(mut stream) = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await else {
                return;
            };
            let mut sent = stream.write_all(&frames::hello()).await.is_ok();
            for call in 0..1_500 {
                let call = 2 * call + 1;
                let call = [frames::begin(call, &path, "10S"), frames::end(call, &message)].concat();
                sent = sent && stream.write_all(&call).await.is_ok();
            }
            // As long as the service lets it stay, and longer.
            let _over = tokio::time::timeout(Duration::from_secs(15), std::future::pending::<()>()).await;
        });
    }
    sending.join_all().await;
}

/// Watches of health, by callers without a role.
async fn watches(world: &World) {
    let mut open = several(world, "stranger", 16, None).await;
    open.extend(several(world, "auditor", 16, None).await);
    let call =
        |mut connection: RawConnection, _| async move { connection.begin(WATCH, whole(Bytes::new()), "1H").await };
    let begun = flood(open, 256, call).await;
    assert_eq!(begun.len(), 2 * 16 * 256);
    // Meanwhile honest callers are served, and who has a place keeps it until the deadline of all calls.
    drop(begun);
}

/// Questions to reflection, as long as they may be, for the largest files there are: answers repeat them, and nobody reads.
async fn reflection(world: &World) {
    let pool = prost_reflect::DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
    let largest = pool.services().max_by_key(|service| service.parent_file().file_descriptor_proto().encoded_len());
    let largest = largest.unwrap().full_name().to_owned();
    let question = [field(1, "h".repeat(15_000).as_bytes()), field(4, largest.as_bytes())].concat();
    let questions: Vec<Bytes> = (0..3).flat_map(|_| [prefix(question.len()), question.clone().into()]).collect();
    let mut open = several(world, "stranger", 16, Some(1)).await;
    open.extend(several(world, "auditor", 16, Some(1)).await);
    let call = |mut connection: RawConnection, _| {
        let body = unfinished(questions.clone());
        async move { connection.begin(REFLECTION, body, "5S").await }
    };
    let begun = flood(open, 64, call).await;
    for answer in begun.into_iter().flatten() {
        drop(http_body_util::BodyExt::collect(answer.into_body()).await);
    }
}

/// Requests of which the last bytes never come.
async fn half_sent_requests(world: &World) {
    let call = |mut connection: RawConnection, number: usize| async move {
        let method = ["CreateRecord", "UpdateRecord", "BatchCreateRecords"][number % 3];
        connection.begin(&format!("{VAULT}{method}"), half_sent(LARGEST, LARGEST - (16 << 10)), "20S").await
    };
    flood(several(world, "hostile", 8, None).await, 48, call).await;
}

/// The same to what every certificate may call, and to what a stranger may not.
async fn half_sent_by_strangers(world: &World) {
    let call = |mut connection: RawConnection, number: usize| async move {
        let (path, length) = match number % 4 {
            0 => (TEST_PERMISSIONS.to_owned(), LARGEST),
            1 => (TEST_PERMISSIONS.to_owned(), 16 << 10),
            2 => (WATCH.to_owned(), LARGEST),
            _ => (format!("{VAULT}CreateRecord"), LARGEST),
        };
        connection.begin(&path, half_sent(length, length - 1), "20S").await
    };
    flood(several(world, "stranger", 8, None).await, 128, call).await;
}

/// Prefixes that claim up to 4 GiB, and calls without a body.
async fn claims(world: &World) {
    let call = |mut connection: RawConnection, number: usize| async move {
        let body = match number % 4 {
            0 => half_sent(usize::try_from(u32::MAX).unwrap(), 0),
            1 => half_sent(LARGEST, 0),
            2 => half_sent(LARGEST + 1, 1 << 20),
            _ => empty(),
        };
        connection.begin(&format!("{VAULT}CreateRecord"), body, "20S").await
    };
    flood(several(world, "hostile", 8, None).await, 250, call).await;
}

/// As many headers as a call may have.
async fn headers(world: &World) {
    let mut open = several(world, "stranger", 16, None).await;
    open.extend(several(world, "hostile", 20, None).await);
    let call = |mut connection: RawConnection, _| async move {
        connection.begin_with_headers(&format!("{VAULT}CreateRecord"), half_sent(LARGEST, 0), 90).await
    };
    flood(open, 250, call).await;
}

/// As many calls as dozens of connections of two callers take, begun at once, each with as many headers as a call may have, for which
/// a byte stands on the wire.
async fn headers_at_once(world: &World) {
    let port = world.port("vault").unwrap();
    let (path, [first, again]) = (format!("{VAULT}RevealRecord"), frames::many_headers());
    let more = (1..250).flat_map(|number| frames::begin_with(2 * number + 1, &path, "10S", &again));
    let burst: Vec<u8> =
        [frames::hello(), frames::begin_with(1, &path, "10S", &first)].into_iter().flatten().chain(more).collect();
    let mut open = Vec::new();
    for (caller, connections) in [("stranger", 16), ("hostile", 64)] {
        let connector = TlsConnector::from(tls(world, caller).client_config());
        for _ in 0..connections {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            open.push(connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap());
        }
    }
    let mut sending = JoinSet::new();
    for mut stream in open {
        let burst = burst.clone();
        sending.spawn(async move {
            drop(stream.write_all(&burst).await);
            // Until their deadline, or the connection is ended.
            let mut nowhere = tokio::io::sink();
            let read_all = tokio::io::copy(&mut stream, &mut nowhere);
            drop(tokio::time::timeout(Duration::from_secs(5), read_all).await);
        });
    }
    sending.join_all().await;
}

/// Large requests that are given up as soon as they are sent.
async fn given_up(world: &World) {
    let list = field(3, "x".repeat(900_000).as_bytes());
    let fields = field(1, &[field(1, b"scan"), field(2, &list)].concat());
    let update: Bytes = field(1, &[field(1, record(1).as_bytes()), field(4, &fields)].concat()).into();
    let created = create(&fields);
    let call = |connection: RawConnection, _| {
        let (update, created) = (update.clone(), created.clone());
        async move {
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
                drop(tokio::time::timeout(Duration::from_millis(round % 25), call).await);
            }
        }
    };
    flood(several(world, "hostile", 8, None).await, 1, call).await;
}

/// Pages of records with as many and as long names of fields as they may have.
async fn pages(world: &World) {
    let records = Records::new(world.channel("hostile", "vault").unwrap());
    let values: Values = (0..256).map(|number| (format!("{number:0>128}"), String::new())).collect();
    let created = (0..PAGE).map(async |number| {
        let name = format!("{COLLECTION}/records/named-{number}");
        records.create(&name, &values, "").await.unwrap();
    });
    futures::future::join_all(created).await;
    let list = ListRecordsRequest { parent: COLLECTION.to_owned(), page_size: 1_000, ..Default::default() };
    let list = Bytes::from(list.encode_to_vec());
    let call = |mut connection: RawConnection, _| {
        let list = list.clone();
        async move { code_of(connection.call(&format!("{VAULT}ListRecords"), whole(list)).await.as_ref()) }
    };
    let ended = flood(several(world, "hostile", 8, None).await, 64, call).await;
    // Those whose turn does not come within their deadline are told so.
    let expected = [Code::Ok, Code::ResourceExhausted, Code::DeadlineExceeded];
    assert!(ended.iter().all(|code| expected.contains(code)), "{ended:?}");
    assert!(ended.contains(&Code::Ok), "{ended:?}");
}

/// 4 MiB of empty items in every list of every request to the vault.
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

/// Connections without a certificate that say nothing, half a hello, and nonsense.
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

/// As many connections as one caller may have, each with a call that waits.
async fn connections(world: &World) {
    let (tls, port) = (tls(world, "hostile"), world.port("vault").unwrap());
    let process = world.process("vault").unwrap().unwrap();
    let before = process.resident_bytes().unwrap();
    let mut open = Vec::new();
    let mut answered = 0_usize;
    for _ in 0..270 {
        let Some(mut connection) = RawConnection::open(&tls, port, None).await else { continue };
        // Which shows whether it is served.
        if connection.call(&format!("{VAULT}GetRecord"), whole(Bytes::new())).await.is_some() {
            answered += 1;
            open.push(connection);
        }
    }
    let each = process.resident_bytes().unwrap().saturating_sub(before) / answered.max(1);
    println!("{answered} connections of one caller, {each} bytes each");
    assert_eq!(answered, 250, "as many as a caller may have");
    let busy = |mut connection: RawConnection, _| async move {
        connection.call(&format!("{VAULT}GetRecord"), whole(Bytes::new())).await
    };
    drop(flood(open.clone(), 64, busy).await);
    let each = process.resident_bytes().unwrap().saturating_sub(before) / answered;
    println!("after 64 calls at once on each of them, {each} bytes each");
    let length = CreateRecordRequest { record: Some(Record::default()), ..Default::default() }.encoded_len() + 1;
    let call = |mut connection: RawConnection, _| async move {
        connection.begin(&format!("{VAULT}CreateRecord"), half_sent(length, 0), "20S").await
    };
    flood(open, 1, call).await;
}
