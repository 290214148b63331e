//! The key-service process.

use std::process::ExitCode;

use key_service::{MIGRATIONS, restored_command, start};
use service::Program;

#[global_allocator]
static ALLOCATOR: secret::ZeroAlloc = secret::ZeroAlloc;

fn main() -> ExitCode {
    Program::new("key-service", MIGRATIONS).command(restored_command::command(), restored_command::run).run(start)
}
