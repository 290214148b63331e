//! The development stack: `up`, `down` and `cert`. Its state lives under `.dev/`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use stack::binaries::Profile;
use stack::processes::Lifetime;
use stack::stack::Made;
use stack::{Service, Stack, StackOptions};

use crate::{Outcome, block_on, screen, system};

/// First of the ports that the development stack prefers.
const FIRST_PORT: u16 = 7101;

/// Arguments of `up`.
#[derive(Args, Debug)]
pub(crate) struct Up {
    /// Leave the stack running and return
    #[arg(long)]
    detach: bool,
    /// Build optimized services
    #[arg(long)]
    release: bool,
    /// End a running stack, remove its data, and start empty
    #[arg(long)]
    fresh: bool,
}

/// Arguments of `cert`.
#[derive(Args, Debug)]
pub(crate) struct Cert {
    /// Last part of the identity, after `spiffe://strongroom.dev/`
    name: String,
    /// Role that it gets: one of those in .dev/policy.toml
    #[arg(long)]
    role: String,
    /// Resource at and below which it has the role, such as `tenants/acme`; may be given more than once. Without one, it has
    /// the role where the shipped policy gives it
    #[arg(long = "scope", value_name = "RESOURCE")]
    scopes: Vec<String>,
}

/// Where the development stack's state lives.
pub(crate) fn directory() -> PathBuf {
    crate::root().join(".dev")
}

/// Who tries out what happens without audit-service does not want to wait for minutes.
const OUTBOX: &str = "\n[outbox]\nmax_backlog_age = \"10s\"\n";

/// The development stack's options.
pub(crate) fn options(profile: Profile) -> StackOptions {
    StackOptions {
        directory: directory(),
        lifetime: Lifetime::Detached,
        profile,
        durable: true,
        first_port: Some(FIRST_PORT),
        extra: [Service::Key, Service::Vault].map(|service| (service, OUTBOX.to_owned())).into(),
        dumps: BTreeMap::new(),
    }
}

/// Starts whatever does not run.
pub(crate) fn up(arguments: &Up) -> Outcome {
    system::postgres()?;
    let profile = if arguments.release { Profile::Release } else { Profile::Debug };
    let guard = lock()?;
    if arguments.fresh {
        end()?;
        stack::stack::remove(&directory())?;
    }
    let stack = block_on(Stack::start(options(profile)))??;
    print_how_to_call(&stack)?;
    if arguments.detach {
        return Ok(());
    }
    screen::line("\nCtrl-C ends it.");
    // Other commands are welcome meanwhile.
    drop((stack, guard));
    block_on(tokio::signal::ctrl_c())??;
    let _guard = lock()?;
    end().map(|_ended| ())
}

/// Ends exactly what `up` started.
pub(crate) fn down() -> Outcome {
    let _guard = lock()?;
    if end()? {
        screen::line("The stack is down; its data stay in .dev/.");
    } else {
        screen::line("There is no stack.");
    }
    Ok(())
}

/// Makes an identity and binds it.
pub(crate) fn cert(arguments: &Cert) -> Outcome {
    let _guard = lock()?;
    let mut stack = open()?;
    let Made { identity, bindings } = stack.make_caller(&arguments.name, &arguments.role, &arguments.scopes)?;
    screen::line(format_args!("certificate  {}", identity.cert.display()));
    screen::line(format_args!("private key  {}", identity.key.display()));
    screen::line(format_args!("authority    {}", stack.certificates().ca().display()));
    for (role, scope) in bindings {
        let place = if scope.is_empty() { "everywhere".to_owned() } else { format!("at and below {scope}") };
        screen::line(format_args!("role         {role}, {place}"));
    }
    screen::line("The services take the policy up within a second.");
    Ok(())
}

/// The stack that was started before.
fn open() -> Result<Stack, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Stack::open(options(Profile::Debug))?.ok_or("there is no stack: run `./dev up --detach` first")?)
}

/// Ends the stack. Whether there was one.
fn end() -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let Some(mut stack) = Stack::open(options(Profile::Debug))? else { return Ok(false) };
    stack.end()?;
    Ok(true)
}

/// One command at a time changes the stack; released when the file is closed.
fn lock() -> Result<File, Box<dyn std::error::Error + Send + Sync>> {
    let path = crate::root().join(".dev.lock");
    let file = File::create(&path)?;
    file.lock()?;
    Ok(file)
}

fn print_how_to_call(stack: &Stack) -> Outcome {
    let grpcurl = system::tool("grpcurl")?;
    let root = crate::root();
    let short =
        |path: PathBuf| path.strip_prefix(&root).map_or_else(|_| path.clone(), PathBuf::from).display().to_string();
    screen::heading("The stack is up");
    for service in Service::ALL {
        let (grpc, admin) = (stack.grpc(service.short())?, stack.admin(service.short())?);
        screen::line(format_args!("  {:<14} grpc {grpc}   http://{admin}/readyz", service.binary()));
    }
    let postgres = stack.postgres()?;
    screen::line(format_args!("  {:<14} {}:{}", "PostgreSQL", postgres.host, postgres.port));
    screen::line(format_args!("  {:<14} {}", "everything", short(stack.description_file())));
    let call = |caller: &str, service: Service, method: &str, body: &str| -> Result<String, stack::Error> {
        let identity = stack.identity(caller)?;
        let (ca, cert, key) = (short(stack.certificates().ca()), short(identity.cert), short(identity.key));
        let (program, address) = (short(grpcurl.clone()), stack.grpc(service.short())?);
        Ok(format!("{program} -cacert {ca} -cert {cert} -key {key} \\\n  -d '{body}' {address} {method}"))
    };
    screen::heading("Paste, from the root of the repository");
    let vault = "strongroom.vault.v1";
    for (caller, service, method, body) in [
        ("operator", Service::Vault, format!("{vault}.TenantService/CreateTenant"), r#"{"tenant_id":"acme"}"#),
        (
            "operator",
            Service::Vault,
            format!("{vault}.CollectionService/CreateCollection"),
            r#"{"parent":"tenants/acme","collection_id":"patients"}"#,
        ),
        (
            "app",
            Service::Vault,
            format!("{vault}.RecordService/CreateRecord"),
            r#"{"parent":"tenants/acme/collections/patients","record_id":"ada","record":{"fields":{"name":"Ada Lovelace","ssn":"078-05-1120"}}}"#,
        ),
        (
            "app",
            Service::Vault,
            format!("{vault}.RecordService/RevealRecord"),
            r#"{"name":"tenants/acme/collections/patients/records/ada","view":"VIEW_FULL","purpose":"treatment"}"#,
        ),
        (
            "auditor",
            Service::Audit,
            "strongroom.audit.v1.LogService/ListEntries".to_owned(),
            r#"{"parent":"logs/acme"}"#,
        ),
        ("auditor", Service::Audit, "strongroom.audit.v1.LogService/VerifyLog".to_owned(), r#"{"name":"logs/acme"}"#),
    ] {
        screen::line(format_args!("\n{}", call(caller, service, &method, body)?));
    }
    Ok(())
}
