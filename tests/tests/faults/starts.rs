//! The development stack starts where somebody else has its ports, where the machine died under it, and beside another
//! one: on ports of its own, with its data, and with nothing to be removed by hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use api::vault::v1::tenant_service_client::TenantServiceClient;
use api::vault::v1::{CreateTenantRequest, GetTenantRequest};
use rustix::process::Signal;
use serde_json::{Value as Json, json};
use stack::binaries::Profile;
use stack::processes::{Lifetime, ProcessId};
use stack::stack::{CALLERS, remove};
use stack::{Service, Stack, StackOptions};
use tonic::Code;

use crate::support::world::{chain, turn};

const INSTANCES: [&str; 3] = ["key", "vault", "audit"];

/// A stack as `./dev up` starts it: its processes go on without whoever started them, until this is dropped.
struct Checkout(PathBuf);

impl Checkout {
    fn new() -> Self {
        let name = format!("strongroom-checkout-{}", clock::uuid_v7(&clock::SystemClock));
        Self(std::env::temp_dir().join(name))
    }

    fn options(&self, first_port: Option<u16>) -> StackOptions {
        StackOptions {
            directory: self.0.clone(),
            lifetime: Lifetime::Detached,
            profile: Profile::Debug,
            durable: true,
            first_port,
            extra: BTreeMap::new(),
            dumps: BTreeMap::new(),
        }
    }

    async fn up(&self) -> Stack {
        Stack::start(self.options(None)).await.unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Ok(Some(mut stack)) = Stack::open(self.options(None)) {
            // What cannot be ended cannot be removed, which is told.
            let _ = stack.end();
        }
        if std::thread::panicking() {
            eprintln!("the stack's files are kept in {}", self.0.display());
        } else {
            remove(&self.0).unwrap();
        }
    }
}

/// gRPC and admin ports of all services.
fn ports(stack: &Stack) -> Vec<u16> {
    let number = |address: String| address.rsplit(':').next().unwrap().parse().unwrap();
    INSTANCES
        .into_iter()
        .flat_map(|name| [stack.grpc(name).unwrap(), stack.admin(name).unwrap()])
        .map(number)
        .chain([stack.postgres().unwrap().port])
        .collect()
}

/// The stack does what it is for: keeps a tenant, which takes all three services, and its own callers are known to it.
async fn works(stack: &Stack, tenant: &str) {
    let mut tenants = TenantServiceClient::new(stack.channel("operator", "vault").unwrap());
    let request = CreateTenantRequest { tenant_id: tenant.into(), ..Default::default() };
    tenants.create_tenant(request).await.unwrap();
    let running = stack.describe().unwrap();
    for name in INSTANCES {
        assert!(ProcessId::of(running.services[name].pid).is_some_and(ProcessId::is_alive), "{name}");
    }
}

async fn has(stack: &Stack, tenant: &str) -> Result<(), Code> {
    let mut tenants = TenantServiceClient::new(stack.channel("operator", "vault").unwrap());
    let request = GetTenantRequest { name: format!("tenants/{tenant}"), ..Default::default() };
    tenants.get_tenant(request).await.map(drop).map_err(|status| status.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stack_whose_ports_another_one_has_takes_others() {
    let _turn = turn().await;
    let (one, other) = (Checkout::new(), Checkout::new());
    let first = one.up().await;
    works(&first, "first").await;

    // The other remembers just the ports of the first, as a checkout does whose stack was down meanwhile.
    let mut state: Json = serde_json::from_slice(&fs::read(one.file("state.json")).unwrap()).unwrap();
    state["cluster"] = json!(other.file("postgres"));
    state["postgres"] = Json::Null;
    for name in INSTANCES {
        state["instances"][name]["process"] = Json::Null;
    }
    fs::create_dir(&other.0).unwrap();
    fs::write(other.file("state.json"), state.to_string()).unwrap();
    let second = other.up().await;

    let taken = ports(&first);
    assert!(ports(&second).iter().all(|port| !taken.contains(port)), "{taken:?}, {:?}", ports(&second));
    works(&second, "second").await;
    assert_eq!((has(&first, "first").await, has(&first, "second").await), (Ok(()), Err(Code::NotFound)));
    assert_eq!((has(&second, "second").await, has(&second, "first").await), (Ok(()), Err(Code::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_service_that_moves_is_found_by_those_that_ran_on() {
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    works(&stack, "before").await;
    let before = ports(&stack);
    let audit = stack.process("audit").unwrap();
    stack.kill("key").unwrap();
    let _somebody = TcpListener::bind(stack.grpc("key").unwrap()).unwrap();

    let again = checkout.up().await;
    let after = ports(&again);
    let moved = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert_eq!(moved, 1, "{before:?}, {after:?}");
    assert_ne!(again.process("audit").unwrap(), audit, "it has to be told the new address");
    works(&again, "after").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_moves_is_found_by_services_that_ran_on() {
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    works(&stack, "before").await;
    stack.stop_postgres().unwrap();
    let _somebody = TcpListener::bind(("127.0.0.1", stack.postgres().unwrap().port)).unwrap();

    let again = checkout.up().await;
    assert_ne!(again.postgres().unwrap().port, stack.postgres().unwrap().port);
    assert_eq!(has(&again, "before").await, Ok(()));
    works(&again, "after").await;
}

/// Ends everything at once, as the end of a machine does.
fn kill_all(stack: &Stack) {
    let postgres = ProcessId::of(stack.describe().unwrap().postgres.pid.unwrap()).unwrap();
    // No further ones are made.
    assert!(postgres.signal(Signal::STOP));
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", postgres.pid)).unwrap();
    let children = children.split_whitespace().filter_map(|pid| ProcessId::of(pid.parse().unwrap()));
    let services = INSTANCES.into_iter().map(|name| stack.process(name).unwrap().unwrap());
    let all: Vec<ProcessId> = services.chain([postgres]).chain(children).collect();
    for process in &all {
        process.signal(Signal::KILL);
    }
    for process in all {
        assert!(process.wait(std::time::Duration::from_secs(20)), "{process:?}");
    }
}

fn cut_short(paths: impl IntoIterator<Item = PathBuf>) {
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }
}

fn files_of(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let found = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = found.filter(|path| path.extension().is_some_and(|of| of == extension)).collect();
    assert!(!found.is_empty(), "no {extension} in {}", directory.display());
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stack_whose_machine_died_starts_with_what_it_had() {
    type Damage = fn(&Checkout);
    let damages: [(&str, Damage); 6] = [
        ("nothing but the processes", |_| ()),
        ("the authority's key", |checkout| cut_short([checkout.file("pki/ca.key")])),
        ("all certificates and keys", |checkout| {
            for extension in ["pem", "key"] {
                cut_short(files_of(&checkout.file("pki"), extension));
            }
        }),
        ("the state and what describes it", |checkout| {
            cut_short(["state.json", "stack.json"].map(|name| checkout.file(name)));
        }),
        ("what each start makes", |checkout| {
            cut_short(files_of(&checkout.file("config"), "toml"));
            for path in files_of(&checkout.file("secrets"), "password") {
                fs::write(path, "").unwrap();
            }
        }),
        ("PostgreSQL's lock file", |checkout| {
            fs::write(checkout.file("postgres/data/postmaster.pid"), "").unwrap();
        }),
    ];
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    stack.make_caller("clinic", "operator", &[]).unwrap();
    works(&stack, "before").await;
    for (number, (what, damage)) in damages.into_iter().enumerate() {
        kill_all(&stack);
        damage(&checkout);
        stack = Stack::start(checkout.options(None)).await.unwrap_or_else(|error| panic!("{what}: {}", chain(&error)));
        assert_eq!(has(&stack, "before").await, Ok(()), "{what}: the data are gone");
        works(&stack, &format!("after-{number}")).await;
        let callers = stack.describe().unwrap().callers;
        assert!(CALLERS.iter().all(|name| callers.contains_key(*name)), "{what}: {callers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_were_made_are_known_after_their_files_were_cut_short() {
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    stack.make_caller("clinic", "operator", &[]).unwrap();
    kill_all(&stack);
    cut_short(["state.json", "pki/clinic.pem"].map(|name| checkout.file(name)));
    let again = checkout.up().await;
    assert!(again.describe().unwrap().callers.contains_key("clinic"));
    let mut tenants = TenantServiceClient::new(again.channel("clinic", "vault").unwrap());
    tenants.create_tenant(CreateTenantRequest { tenant_id: "made".into(), ..Default::default() }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_caller_takes_the_place_of_the_authority_or_of_a_service() {
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    let files = || {
        let pki = ["pem", "key"].into_iter().flat_map(|extension| files_of(&checkout.file("pki"), extension));
        let read = |path: PathBuf| (fs::read(&path).unwrap(), path);
        pki.chain([checkout.file("policy.toml")]).map(read).collect::<Vec<_>>()
    };
    let before = files();
    for name in ["ca", "key-service", "vault-service", "audit-service"] {
        let refused = chain(&stack.make_caller(name, "app", &[]).unwrap_err());
        assert!(refused.contains("take another name"), "{refused}");
        assert!(files() == before, "{name}: files have changed");
    }
    // The control: another name changes both.
    stack.make_caller("clinic", "app", &[]).unwrap();
    assert!(files() != before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn process_ids_of_a_run_of_the_machine_before_are_nobodys() {
    let _turn = turn().await;
    let checkout = Checkout::new();
    let mut stack = checkout.up().await;
    stack.end().unwrap();
    // A process that is somebody else's by now: this one.
    let mut state: Json = serde_json::from_slice(&fs::read(checkout.file("state.json")).unwrap()).unwrap();
    let own = serde_json::to_value(ProcessId::of(std::process::id()).unwrap()).unwrap();
    state["boot"] = json!("another");
    state["postgres"] = own.clone();
    for name in INSTANCES {
        state["instances"][name]["process"] = own.clone();
    }
    fs::write(checkout.file("state.json"), state.to_string()).unwrap();
    let again = checkout.up().await;
    works(&again, "after").await;
    assert!(Service::ALL.iter().all(|service| {
        again.process(service.short()).unwrap().is_some_and(|process| process.pid != std::process::id())
    }));
}

/// Set for a child process that starts a stack and waits to be told to end: its directory and its first port.
const CHILD: &str = "STRONGROOM_TEST_STARTS";

/// The child's own first line of output.
const UP: &str = "up";

fn start_in_a_process_of_its_own(checkout: &Checkout, first_port: u16) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "starts::two_stacks_that_start_at_once_have_ports_of_their_own", "--nocapture"])
        .env(CHILD, format!("{}:{first_port}", checkout.0.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stacks_that_start_at_once_have_ports_of_their_own() {
    if let Ok(wanted) = std::env::var(CHILD) {
        let (directory, first_port) = wanted.rsplit_once(':').unwrap();
        // Ended and removed by the process that asked for it.
        let checkout = std::mem::ManuallyDrop::new(Checkout(directory.into()));
        let started = Stack::start(checkout.options(Some(first_port.parse().unwrap()))).await;
        return match started {
            Ok(_) => println!("\n{UP}"),
            Err(error) => println!("\n{}", chain(&error)),
        };
    }
    let _turn = turn().await;
    stack::binaries::build(Profile::Debug).await.unwrap();
    let first_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let checkouts = [(); 3].map(|()| Checkout::new());
    let children: Vec<Child> =
        checkouts.iter().map(|checkout| start_in_a_process_of_its_own(checkout, first_port)).collect();
    for mut child in children {
        let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
        assert!(child.wait().unwrap().success() && lines.iter().any(|line| line == UP), "{}", lines.join("\n"));
    }
    let mut seen = Vec::new();
    for (number, checkout) in checkouts.iter().enumerate() {
        let stack = Stack::open(checkout.options(None)).unwrap().unwrap();
        works(&stack, &format!("own-{number}")).await;
        seen.extend(ports(&stack));
    }
    let (count, distinct) = (seen.len(), seen.iter().collect::<std::collections::BTreeSet<_>>().len());
    assert_eq!(distinct, count, "{seen:?}");
}
