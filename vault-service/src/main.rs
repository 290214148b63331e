//! The vault-service process.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;

fn main() -> ExitCode {
    service::run("vault-service", vault_service::MIGRATIONS, vault_service::start)
}
