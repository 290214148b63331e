//! The main job from end to end: store, reveal and account for regulated records, with tampering being found.
//!
//! # Layout
//! - `input`: the records to store, from a file or generated
//! - `patients`: patients that do not exist
//! - `excerpt`: records as a person looks at them
//! - `values`: JSON and `google.protobuf.Struct`
//! - `story`: what is told, and whether all of it held
//! - `cast`: the callers and their clients
//! - `records`: a tenant, its records, reveals, updates, a rotation
//! - `tamper`: ciphertexts moved, swapped and emptied by SQL
//! - `evidence`: the audit log, and copies of it that were tampered with

mod cast;
mod evidence;
mod excerpt;
mod input;
mod patients;
mod records;
mod story;
mod tamper;
mod values;

use std::path::PathBuf;

use clap::Args;
use stack::Stack;
use stack::binaries::Profile;

use crate::outcome::{Failure, Outcome};
use crate::runtime::block_on;
use crate::{screen, system, up};
use cast::Cast;
use records::Scene;
use story::Story;

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// JSON objects, one a line, instead of generated patients; `id` becomes the record id where it fits
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// How many patients are generated
    #[arg(long, default_value_t = 200)]
    patients: u32,
}

/// Runs it on the development stack, which is started if it does not run. Fails if anything did not hold.
pub(crate) fn run(arguments: &Demo) -> Outcome {
    let records = match &arguments.input {
        Some(path) => input::read(path)?,
        None => patients::generate(arguments.patients),
    };
    if records.len() < 10 {
        return Err(format!("{} records are too few to show anything: give at least 10", records.len()).into());
    }
    system::postgres()?;
    let mut story = Story::begin();
    block_on(tell(&mut story, records))??;
    story.end()
}

async fn tell(story: &mut Story, records: Vec<input::Given>) -> Result<(), Failure> {
    story.chapter("The stack");
    screen::note("services are built first where they are not up to date");
    let guard = up::lock()?;
    let stack = Stack::start(up::options(Profile::Debug)).await?;
    drop(guard);
    story.holds("key-service, vault-service and audit-service run, each with its own database and role");
    screen::note("mutual TLS 1.3 between all of them; PostgreSQL is private to this stack");
    let mut cast = Cast::assemble(&stack)?;
    let mut scene = Scene::open(story, &mut cast, records).await?;
    scene.store(story, &mut cast, &stack).await?;
    scene.reveal(story, &mut cast).await?;
    scene.refuse(story, &mut cast).await?;
    scene.update(story, &mut cast).await?;
    tamper::tell(story, &mut cast, &stack, &mut scene).await?;
    scene.rotate(story, &mut cast).await?;
    evidence::read(story, &mut cast, &stack, &scene).await?;
    evidence::tamper(story, &stack, &scene).await
}
