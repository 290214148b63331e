//! Every developer command behind `./dev`.
//!
//! # Layout
//! - `commands`: the list of them
//! - `up`: the development stack: up, down, env, cert
//! - `demo`: the main job from end to end, with tampering being found
//! - `ci`: what CI runs, one step after the other
//! - `lints`: rules of this repository that no other tool knows
//! - `structure`: files and arrows, and which must not be
//! - `migrations`: names, numbers, frozen files, golden schemas
//! - `deploy`: the image, Compose and Kubernetes
//! - `deps`: what may enter the dependency graph, by deny.toml
//! - `fuzz`: the targets in `fuzz/`, for a while
//! - `interop`: formats and TLS held against implementations that share no code with ours
//! - `proto`: buf lint
//! - `system`: programs that are installed where that is allowed, and named where not
//! - `setup`: all of them at once
//! - `screen`: what is printed, and in which colours
//! - `command`: runs programs
//! - `runtime`: runs what talks to the stack
//! - `outcome`: what a command ends with

mod ci;
mod command;
mod commands;
mod demo;
mod deploy;
mod deps;
mod fuzz;
mod interop;
mod lints;
mod migrations;
mod outcome;
mod proto;
mod runtime;
mod screen;
mod setup;
mod structure;
mod system;
mod up;

use std::process::ExitCode;

use clap::Parser;

use commands::Arguments;

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}
