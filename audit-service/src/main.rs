//! The audit-service process.

use std::process::ExitCode;

use audit_service::{MIGRATIONS, advance_command, start, verify_command};
use service::Program;

#[global_allocator]
static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;

fn main() -> ExitCode {
    Program::new("audit-service", MIGRATIONS)
        .command(verify_command::command(), verify_command::run)
        .command(advance_command::command(), advance_command::run)
        .run(start)
}
