//! The ways in which callers try to exhaust a service.

use std::net::SocketAddr;
use std::time::Duration;

use api::vault::v1::{
    BatchCreateRecordsRequest, BatchRevealRecordsRequest, CreateRecordRequest, ListRecordsRequest, Record,
    RevealRecordRequest, View,
};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use http::Response;
use hyper::body::Incoming;
use prost::Message as _;
use prost_reflect::{Kind, MessageDescriptor};
use rpc::StatusDetails;
use rustls_pki_types::ServerName;
use test_support::frames;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::Code;

use super::callers::{Caller, at_once, flood};
use crate::support::calls::{Records, Values};
use crate::support::eventually;
use crate::support::raw::{RawConnection, code_of, empty, half_sent, prefix, unfinished, whole};
use crate::support::world::{COLLECTION, World};

/// Type of a frame of HTTP/2.
const WINDOW_UPDATE: u8 = 8;
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
    pub(crate) run: for<'a> fn(&'a World, Caller) -> LocalBoxFuture<'a, ()>,
}

pub(crate) const ALL: [Way; 17] = [
    Way { name: "violations", run: |world, caller| Box::pin(violations(world, caller)) },
    Way { name: "nulls", run: |world, caller| Box::pin(nulls(world, caller)) },
    Way { name: "quadratic checks", run: |world, caller| Box::pin(quadratic(world, caller)) },
    Way { name: "batches of reveals", run: |world, caller| Box::pin(batches(world, caller)) },
    Way { name: "slow readers", run: |world, caller| Box::pin(slow_readers(world, caller)) },
    Way { name: "unread refusals", run: |world, caller| Box::pin(unread_refusals(world, caller)) },
    Way { name: "watches", run: |world, caller| Box::pin(watches(world, caller)) },
    Way { name: "reflection", run: |world, caller| Box::pin(reflection(world, caller)) },
    Way { name: "half-sent requests", run: |world, caller| Box::pin(half_sent_requests(world, caller)) },
    Way { name: "claims", run: |world, caller| Box::pin(claims(world, caller)) },
    Way { name: "headers", run: |world, caller| Box::pin(headers(world, caller)) },
    Way { name: "headers at once", run: |world, caller| Box::pin(headers_at_once(world, caller)) },
    Way { name: "requests given up", run: |world, caller| Box::pin(given_up(world, caller)) },
    Way { name: "pages", run: |world, caller| Box::pin(pages(world, caller)) },
    Way { name: "lists", run: |world, caller| Box::pin(lists(world, caller)) },
    Way { name: "handshakes", run: |world, caller| Box::pin(handshakes(world, caller)) },
    Way { name: "connections", run: |world, caller| Box::pin(connections(world, caller)) },
];

/// What the ways need to be there.
pub(crate) async fn prepare(world: &World) {
    let records = Records::new(world.channel("honest", "vault").unwrap());
    let values = Values::from([("scan".to_owned(), "x".repeat(1_000_000))]);
    for number in 0..RECORDS {
        // The first one waits until the policy is in force that binds the caller.
        eventually("a record", async || records.create(&record(number), &values, "").await.ok()).await;
    }
    let values: Values = (0..256).map(|number| (format!("{number:0>128}"), String::new())).collect();
    let created = (0..PAGE).map(async |number| {
        let name = format!("{COLLECTION}/records/named-{number}");
        records.create(&name, &values, "").await.unwrap();
    });
    futures::future::join_all(created).await;
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
async fn violations(world: &World, caller: Caller) {
    let connection = caller.connect(world, "vault", None).await;
    for (name, values) in [(200_000, 2_000), (200_000, 8_000), (1_000_000, 20_000), (1, 2_000_000)] {
        let list = field(6, &[0x0a, 0].repeat(values));
        let entry = [field(1, "n".repeat(name).as_bytes()), field(2, &list)].concat();
        let ended = at_once(connection.as_ref(), &format!("{VAULT}CreateRecord"), &create(&field(1, &entry)), 32).await;
        caller.was_told(&ended, &[Code::InvalidArgument, Code::ResourceExhausted]);
    }
}

/// Messages that are well-formed, and as large as they may be.
async fn nulls(world: &World, caller: Caller) {
    let connection = caller.connect(world, "vault", None).await;
    let list = field(6, &field(1, &[8, 0]).repeat(LARGEST / 4 - 32));
    let entry = [field(1, b"scan"), field(2, &list)].concat();
    let ended = at_once(connection.as_ref(), &format!("{VAULT}CreateRecord"), &create(&field(1, &entry)), 64).await;
    caller.was_told(&ended, &[Code::InvalidArgument, Code::ResourceExhausted]);
}

/// 200,000 names of fields to update, none of which is one of 180,000 fields.
async fn quadratic(world: &World, caller: Caller) {
    let connection = caller.connect(world, "vault", None).await;
    let fields: Vec<u8> = (0..180_000).flat_map(|n: u32| field(1, &field(1, format!("f{n}").as_bytes()))).collect();
    let names: Vec<u8> = (0..200_000).flat_map(|n: u32| field(2, format!("u{n}").as_bytes())).collect();
    let update = [field(1, &[field(1, record(0).as_bytes()), field(4, &fields)].concat()), names].concat();
    let ended = at_once(connection.as_ref(), &format!("{VAULT}UpdateRecord"), &update.into(), 16).await;
    caller.was_told(&ended, &[Code::InvalidArgument, Code::ResourceExhausted]);
}

/// Batches of reveals of large records, some with the same one 300 times.
async fn batches(world: &World, caller: Caller) {
    let connection = caller.connect(world, "vault", None).await;
    let batch = |numbers: Vec<usize>, max_response_bytes| {
        let requests = numbers.into_iter().map(reveal).collect();
        let parent = COLLECTION.to_owned();
        let batch = BatchRevealRecordsRequest { parent, requests, max_response_bytes, ..Default::default() };
        Bytes::from(batch.encode_to_vec())
    };
    let path = format!("{VAULT}BatchRevealRecords");
    let same = at_once(connection.as_ref(), &path, &batch(vec![0; 300], 0), 64).await;
    caller.was_told(&same, &[Code::InvalidArgument, Code::ResourceExhausted]);
    let all = at_once(connection.as_ref(), &path, &batch((0..RECORDS).collect(), 8 << 20), 64).await;
    caller.was_told(&all, &[Code::Ok, Code::ResourceExhausted]);
    if let Caller::Bound(_) = caller {
        assert!(all.contains(&Code::Ok) && all.contains(&Code::ResourceExhausted), "{all:?}");
    }
}

/// Reveals whose answers nobody reads.
async fn slow_readers(world: &World, caller: Caller) {
    let request = Bytes::from(reveal(0).encode_to_vec());
    let call = |mut connection: RawConnection, _| {
        let request = request.clone();
        async move { connection.begin(&format!("{VAULT}RevealRecord"), whole(request), "5S").await }
    };
    let begun = flood(caller.several(world, 4, Some(1)).await, 250, call).await;
    // Their deadlines and the grace are over when nothing more is there to be read.
    for answer in begun.into_iter().flatten() {
        drop(http_body_util::BodyExt::collect(answer.into_body()).await);
    }
}

/// Refused calls on connections that nobody reads from: for what is wrong with them, each refusal as long as it may be, and
/// for want of a message.
async fn unread_refusals(world: &World, caller: Caller) {
    let port = world.port("vault").unwrap();
    let bad = CreateRecordRequest { parent: "?".to_owned(), record_id: "?".to_owned(), ..Default::default() };
    let bad =
        BatchCreateRecordsRequest { parent: COLLECTION.to_owned(), requests: vec![bad; 64], ..Default::default() };
    let bad = bad.encode_to_vec();
    let mut sending = JoinSet::new();
    // Together far more than the bound, were they kept.
    for number in 0..100 {
        // As many as a connection takes, or more; of large ones as many as may be sent ahead.
        let (path, message, calls) = match number % 8 {
            0 => (format!("{VAULT}RevealRecord"), Vec::new(), 250),
            4 => (format!("{VAULT}RevealRecord"), Vec::new(), 1_000),
            _ => (format!("{VAULT}BatchCreateRecords"), bad.clone(), 250),
        };
        let connector = TlsConnector::from(caller.tls(world));
        sending.spawn(async move {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
            let Ok(mut stream) = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await else {
                return;
            };
            if stream.write_all(&frames::hello()).await.is_err() || !lets_more_come(&mut stream).await {
                return;
            }
            for call in (0..calls).map(|call| 2 * call + 1) {
                let call = [frames::begin(call, &path, "10S"), frames::end(call, &message)].concat();
                if stream.write_all(&call).await.is_err() {
                    return;
                }
            }
            // As long as the service lets it stay.
            let stays = async {
                while stream.write_all(&frames::ping()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            };
            let _stayed = tokio::time::timeout(Duration::from_secs(15), stays).await;
        });
    }
    sending.join_all().await;
}

/// Waits until the server lets more bytes come on the connection than HTTP/2 does at first (RFC 9113, section 6.9); whether it
/// does. Nothing is read from then on.
async fn lets_more_come(stream: &mut TlsStream<TcpStream>) -> bool {
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).await.is_err() {
            return false;
        }
        let [length @ .., kind, _, _, _, _, _] = head;
        let [a, b, c] = length.map(usize::from);
        let mut payload = vec![0; a << 16 | b << 8 | c];
        if stream.read_exact(&mut payload).await.is_err() || kind == WINDOW_UPDATE {
            return kind == WINDOW_UPDATE;
        }
    }
}

/// Watches of health.
async fn watches(world: &World, caller: Caller) {
    let open = caller.several(world, 16, None).await;
    let wanted = 256 * open.len();
    let call =
        |mut connection: RawConnection, _| async move { connection.begin(WATCH, whole(Bytes::new()), "1H").await };
    let begun = flood(open, 256, call).await;
    assert_eq!(begun.len(), wanted);
    // Meanwhile honest callers are served, and who has a place keeps it until the deadline of all calls.
    let is_watching = |answer: &&Response<Incoming>| !answer.headers().contains_key("grpc-status");
    let watching = begun.iter().flatten().filter(is_watching).count();
    caller.must_hold(watching <= caller.open_calls(), format_args!("{watching} watches"));
}

/// Questions to reflection, as long as they may be, for the largest files there are: answers repeat them, and nobody reads.
async fn reflection(world: &World, caller: Caller) {
    let pool = prost_reflect::DescriptorPool::decode(api::FILE_DESCRIPTOR_SET).unwrap();
    let largest = pool.services().max_by_key(|service| service.parent_file().file_descriptor_proto().encoded_len());
    let largest = largest.unwrap().full_name().to_owned();
    let question = [field(1, "h".repeat(15_000).as_bytes()), field(4, largest.as_bytes())].concat();
    let questions: Vec<Bytes> = (0..3).flat_map(|_| [prefix(question.len()), question.clone().into()]).collect();
    let open = caller.several(world, 16, Some(1)).await;
    let call = |mut connection: RawConnection, _| {
        let body = unfinished(questions.clone());
        async move { connection.begin(REFLECTION, body, "5S").await }
    };
    let begun = flood(open, 64, call).await;
    for answer in begun.into_iter().flatten() {
        drop(http_body_util::BodyExt::collect(answer.into_body()).await);
    }
}

/// Requests of which the last bytes never come, to methods that take large ones and to what every certificate may call.
async fn half_sent_requests(world: &World, caller: Caller) {
    let call = |mut connection: RawConnection, number: usize| async move {
        let create = format!("{VAULT}CreateRecord");
        let (path, length) = match number % 6 {
            0 => (create, LARGEST),
            1 => (format!("{VAULT}UpdateRecord"), LARGEST),
            2 => (format!("{VAULT}BatchCreateRecords"), LARGEST),
            3 => (TEST_PERMISSIONS.to_owned(), LARGEST),
            4 => (TEST_PERMISSIONS.to_owned(), 16 << 10),
            _ => (WATCH.to_owned(), LARGEST),
        };
        connection.begin(&path, half_sent(length, length - (1 << 10)), "20S").await
    };
    flood(caller.several(world, 8, None).await, 96, call).await;
}

/// Prefixes that claim up to 4 GiB, and calls without a body.
async fn claims(world: &World, caller: Caller) {
    let call = |mut connection: RawConnection, number: usize| async move {
        let body = match number % 4 {
            0 => half_sent(usize::try_from(u32::MAX).unwrap(), 0),
            1 => half_sent(LARGEST, 0),
            2 => half_sent(LARGEST + 1, 1 << 20),
            _ => empty(),
        };
        connection.begin(&format!("{VAULT}CreateRecord"), body, "20S").await
    };
    flood(caller.several(world, 8, None).await, 250, call).await;
}

/// As many headers as a call may have, and on other connections far more.
async fn headers(world: &World, caller: Caller) {
    for (headers, connections) in [(90, 16), (1_000, 8)] {
        let call = move |mut connection: RawConnection, _| async move {
            connection.begin_with_headers(&format!("{VAULT}CreateRecord"), half_sent(LARGEST, 0), headers).await
        };
        flood(caller.several(world, connections, None).await, 250, call).await;
    }
}

/// As many calls as connections take, begun at once, and twice as many that are given up in the same breath, each with as many
/// headers as a call may have, for which a byte stands on the wire.
async fn headers_at_once(world: &World, caller: Caller) {
    let port = world.port("vault").unwrap();
    let (path, [first, again]) = (format!("{VAULT}RevealRecord"), frames::many_headers());
    let more = (1..750).flat_map(|number| {
        let stream = 2 * number + 1;
        let given_up = if number % 3 == 0 { Vec::new() } else { frames::reset(stream) };
        [frames::begin_with(stream, &path, "10S", &again), given_up].concat()
    });
    let burst: Vec<u8> =
        [frames::hello(), frames::begin_with(1, &path, "10S", &first)].into_iter().flatten().chain(more).collect();
    let mut open = Vec::new();
    let connector = TlsConnector::from(caller.tls(world));
    // Of more a build that is not optimized takes longer to read the headers than honest calls can wait.
    for _ in 0..32 {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // Who has too many is refused, or hears of it afterwards.
        open.extend(connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.ok());
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

/// Large requests that are given up: soon after they were begun, and as many at once as connections take, later.
async fn given_up(world: &World, caller: Caller) {
    let list = field(3, "x".repeat(900_000).as_bytes());
    let fields = field(1, &[field(1, b"scan"), field(2, &list)].concat());
    let update: Bytes = field(1, &[field(1, record(1).as_bytes()), field(4, &fields)].concat()).into();
    let created = create(&fields);
    let given_up = |connection: RawConnection, rounds: u32, patience: fn(u32) -> Duration| {
        let (update, created) = (update.clone(), created.clone());
        async move {
            for round in 0..rounds {
                let mut connection = connection.clone();
                let (path, message) = match round % 3 {
                    0 => ("UpdateRecord", &update),
                    1 => ("CreateRecord", &created),
                    _ => ("RevealRecord", &Bytes::from(reveal(2).encode_to_vec())),
                };
                let path = format!("{VAULT}{path}");
                let call = connection.begin(&path, whole(message.clone()), "10S");
                drop(tokio::time::timeout(patience(round), call).await);
            }
        }
    };
    let connections = caller.several(world, 8, None).await;
    // Until about when the work has begun.
    flood(connections.clone(), 1, |one, _| given_up(one, 100, |round| Duration::from_millis(u64::from(round % 25))))
        .await;
    flood(connections, 64, |one, _| given_up(one, 3, |_round| Duration::from_millis(1_500))).await;
}

/// Pages of records with as many and as long names of fields as they may have.
async fn pages(world: &World, caller: Caller) {
    let list = ListRecordsRequest { parent: COLLECTION.to_owned(), page_size: 1_000, ..Default::default() };
    let list = Bytes::from(list.encode_to_vec());
    let call = |mut connection: RawConnection, _| {
        let list = list.clone();
        async move { connection.call(&format!("{VAULT}ListRecords"), whole(list)).await }
    };
    let answers = flood(caller.several(world, 8, None).await, 64, call).await;
    let starved = |answer: &StatusDetails| answer.reason == "DATABASE_UNAVAILABLE";
    caller.must_hold(!answers.iter().flatten().any(starved), "no connection to the database is left to others");
    let ended: Vec<Code> = answers.iter().map(|answer| code_of(answer.as_ref())).collect();
    // Those whose turn does not come within their deadline are told so.
    caller.was_told(&ended, &[Code::Ok, Code::ResourceExhausted, Code::DeadlineExceeded]);
    assert!(ended.contains(&Code::Ok) || !matches!(caller, Caller::Bound(_)), "{ended:?}");
}

/// 4 MiB of empty items in every list of every request to the vault.
async fn lists(world: &World, caller: Caller) {
    lists_to(world, "vault", caller).await;
}

/// 4 MiB of empty items in every list of every request to an instance.
pub(crate) async fn lists_to(world: &World, instance: &str, caller: Caller) {
    let connection = caller.connect(world, instance, None).await;
    for (path, message) in lists_of(instance) {
        let ended = at_once(connection.as_ref(), &path, &message, 4).await;
        caller.was_told(&ended, &[Code::InvalidArgument, Code::ResourceExhausted, Code::PermissionDenied]);
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

/// Connections from several sources, the honest callers' own among them: of nobody ones that say nothing, half a hello, and
/// nonsense; of others ones that shake hands, and say nothing after it or end. No more of them are held than may be.
async fn handshakes(world: &World, caller: Caller) {
    let port = world.port("vault").unwrap();
    let process = world.process("vault").unwrap().unwrap();
    let before = process.open_files().unwrap();
    let (mut silent, mut known) = (Vec::new(), Vec::new());
    let connector = TlsConnector::from(caller.tls(world));
    for number in 0..if caller == Caller::Nobody { 2_000_u16 } else { 500 } {
        let socket = TcpSocket::new_v4().unwrap();
        let [high, low] = (number % 20 + 1).to_be_bytes();
        socket.bind(SocketAddr::from(([127, 0, high, low], 0))).unwrap();
        let Ok(mut stream) = socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await else { continue };
        if caller != Caller::Nobody {
            let shaken = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.ok();
            known.extend(shaken.filter(|_| number % 3 > 0));
            continue;
        }
        let said: &[u8] = match number % 3 {
            0 => &[],
            // The beginning of a hello that is as long as a record may be.
            1 => &[22, 3, 1, 64, 0, 1, 0, 63, 252, 3, 3],
            _ => b"GET / HTTP/1.1\r\n\r\n",
        };
        if stream.write_all(said).await.is_ok() {
            silent.push(stream);
        }
    }
    // Honest callers connect meanwhile.
    for _ in 0..10 {
        let records = Records::new(world.channel("honest", "vault").unwrap());
        records.reveal(&record(3)).await.unwrap();
    }
    let held = process.open_files().unwrap().saturating_sub(before);
    let may_be_held = if caller == Caller::Nobody { 256 } else { caller.connections() };
    // Beside those of honest callers, and to the database.
    caller.must_hold(held <= may_be_held + 32, format_args!("{held} connections"));
    drop((silent, known));
}

/// As many connections as one caller may have, each with a call that waits.
async fn connections(world: &World, caller: Caller) {
    let (tls, port) = (caller.tls(world), world.port("vault").unwrap());
    let process = world.process("vault").unwrap().unwrap();
    let before = process.resident_bytes().unwrap();
    let mut open = Vec::new();
    let mut answered = 0_usize;
    let allowed = caller.connections();
    for _ in 0..allowed + 20 {
        let Some(mut connection) = RawConnection::open(&tls, port, None).await else { continue };
        // Which shows whether it is served.
        if connection.call(&format!("{VAULT}GetRecord"), whole(Bytes::new())).await.is_some() {
            answered += 1;
            open.push(connection);
        }
    }
    let each = process.resident_bytes().unwrap().saturating_sub(before) / answered.max(1);
    println!("{answered} connections of {}, {each} bytes each", caller.name());
    assert!(answered >= allowed, "{answered} connections of {}", caller.name());
    caller.must_hold(answered <= allowed, format_args!("{answered} connections are served"));
    let busy = |mut connection: RawConnection, _| async move {
        connection.call(&format!("{VAULT}GetRecord"), whole(Bytes::new())).await
    };
    drop(flood(open.clone(), 32, busy).await);
    let each = process.resident_bytes().unwrap().saturating_sub(before) / answered.max(1);
    println!("after 32 calls at once on each of them, {each} bytes each");
    let length = CreateRecordRequest { record: Some(Record::default()), ..Default::default() }.encoded_len() + 1;
    let call = |mut connection: RawConnection, _| async move {
        connection.begin(&format!("{VAULT}CreateRecord"), half_sent(length, 0), "20S").await
    };
    flood(open, 1, call).await;
}
