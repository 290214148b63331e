//! `./dev bench`: throughput, latency, memory and start, each beside its floor from the same run.
//!
//! # Layout
//! - `plan`: what to measure; `run`: all of it in order; `lab`: the stack under measurement
//! - `load`: closed-loop clients; `wire`: calls that cost them little; `rounds`: value and floor side by side;
//!   `report`: the table and the JSON
//! - `floor`: the least work that could do the same
//! - `keys`, `records`, `log`, `process`: the figures

use anyhow::Result;
use clap::Parser;

mod floor;
mod keys;
mod lab;
mod load;
mod log;
mod plan;
mod process;
mod records;
mod report;
mod rounds;
mod run;
mod wire;

use plan::{Arguments, Plan};

/// As the services have it: clients and the bare server are not to lose by theirs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.serve_empty.as_deref() {
        Some([cert, key, ca]) => floor::empty::serve(cert, key, ca).await,
        _ => run::run(&arguments.into()).await,
    }
}
