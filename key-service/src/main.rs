//! The key-service process.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;

fn main() -> ExitCode {
    service::run("key-service", key_service::MIGRATIONS, key_service::start)
}
