//! The development stack: `up`, `down`, `env` and `cert`. Its state lives under `.dev/`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use stack::binaries::{Profile, repository};
use stack::description::Description;
use stack::processes::Lifetime;
use stack::stack::Made;
use stack::{Service, Stack, StackOptions};

use crate::outcome::{Failure, Outcome};
use crate::runtime::block_on;
use crate::{screen, system};

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
    repository().join(".dev")
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

/// Prints what a shell exports to call the stack that runs.
pub(crate) fn env() -> Outcome {
    let _guard = lock()?;
    let stack = open()?;
    stack.require_running()?;
    let grpcurl = system::tools_directory().join("bin/grpcurl");
    for (name, value) in variables(&stack.describe()?, &grpcurl) {
        screen::line(format_args!("export {name}={}", quoted(&value)));
    }
    Ok(())
}

/// What callers of a stack need, by the names that README and runbooks use: addresses, admin addresses and databases of the
/// services, the directory of the certificates, grpcurl.
fn variables(stack: &Description, grpcurl: &Path) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    for (service, description) in &stack.services {
        let name = service.to_uppercase().replace('-', "_");
        variables.push((name.clone(), description.grpc.clone()));
        variables.push((format!("{name}_ADMIN"), description.admin.clone()));
    }
    for (service, url) in &stack.databases {
        variables.push((format!("{}_URL", service.to_uppercase()), url.clone()));
    }
    let pki = stack.ca.parent().unwrap_or(&stack.ca);
    variables.push(("PKI".to_owned(), pki.display().to_string()));
    variables.push(("GRPCURL".to_owned(), grpcurl.display().to_string()));
    variables
}

/// A word of a POSIX shell that means `value`, whatever stands in it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// The stack that was started before.
fn open() -> Result<Stack, Failure> {
    Ok(Stack::open(options(Profile::Debug))?.ok_or("there is no stack: run `./dev up --detach` first")?)
}

/// Ends the stack. Whether there was one.
fn end() -> Result<bool, Failure> {
    let Some(mut stack) = Stack::open(options(Profile::Debug))? else { return Ok(false) };
    stack.end()?;
    Ok(true)
}

/// One command at a time changes the stack; released when the file is closed.
pub(crate) fn lock() -> Result<File, Failure> {
    let path = repository().join(".dev.lock");
    let file = File::create(&path)?;
    file.lock()?;
    Ok(file)
}

fn print_how_to_call(stack: &Stack) -> Outcome {
    let grpcurl = system::tool("grpcurl")?;
    let root = repository();
    let short =
        |path: PathBuf| path.strip_prefix(root).map_or_else(|_| path.clone(), PathBuf::from).display().to_string();
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
    screen::line(format_args!("  {:<14} eval \"$(./dev env)\"", "for a shell"));
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

#[cfg(test)]
mod tests {
    use stack::description::{PostgresDescription, ServiceDescription};

    use super::*;

    #[test]
    fn a_value_of_a_shell_is_itself_whatever_stands_in_it() {
        for value in ["127.0.0.1:7102", "/with blank/$HOME", "it's", "`date`", ""] {
            let script = format!("printf %s {}", quoted(value));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), value);
        }
    }

    #[test]
    fn the_variables_have_what_a_caller_needs() {
        let service = ServiceDescription { grpc: "127.0.0.1:1".into(), admin: "127.0.0.1:2".into(), pid: 3 };
        let stack = Description {
            services: [("key".into(), service.clone()), ("audit-2".into(), service)].into(),
            ca: "/pki/ca.pem".into(),
            callers: BTreeMap::new(),
            databases: [("vault".into(), "postgres://…".into())].into(),
            postgres: PostgresDescription::default(),
        };
        let names: Vec<String> = variables(&stack, Path::new("grpcurl")).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["AUDIT_2", "AUDIT_2_ADMIN", "KEY", "KEY_ADMIN", "VAULT_URL", "PKI", "GRPCURL"]);
    }
}
