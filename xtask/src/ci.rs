//! What CI runs, one step after the other, and the two commands that are steps of it.

use std::time::Instant;

use crate::outcome::Outcome;
use crate::{command, deploy, deps, fuzz, interop, lints, migrations, proto, screen, setup, structure, system};

/// A step: what it is called, what it does, and how to run it alone.
struct Step {
    name: &'static str,
    run: fn() -> Outcome,
    alone: &'static str,
}

const STEPS: [Step; 14] = [
    Step { name: "system packages", run: setup::run, alone: "./dev setup" },
    Step { name: "format", run: format, alone: "cargo fmt --check" },
    Step { name: "rules of the repository", run: lints::run, alone: "./dev lints" },
    Step { name: "structure", run: structure::check, alone: "./dev structure" },
    Step { name: "API definitions", run: proto::run, alone: "./dev proto" },
    Step { name: "dependencies", run: deps::run, alone: "./dev deps" },
    Step { name: "migrations", run: check_migrations, alone: "./dev migrations" },
    Step { name: "deployment", run: deploy::run_all, alone: "./dev deploy" },
    Step { name: "clippy", run: clippy, alone: "cargo clippy --workspace --all-targets -- -D warnings" },
    Step {
        name: "documentation",
        run: documentation,
        alone: "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps",
    },
    Step { name: "tests", run: all_tests, alone: "./dev test" },
    Step {
        name: "controls",
        run: controls,
        alone: "cargo test -p strongroom-envelope --test residue --features secret/no-scrub; \
                cargo test -p strongroom-tests --test system --features no-scrub,unbounded memory::; \
                cargo test -p strongroom-tests --test faults --features no-scrub,unbounded without_its_bounds",
    },
    Step { name: "independent implementations", run: interop::run, alone: "./dev interop" },
    Step { name: "fuzz targets", run: fuzz::run_all, alone: "./dev fuzz" },
];

const ALL_TESTS: [&str; 4] = ["test", "--locked", "--workspace", "--no-fail-fast"];

/// All steps; the first failure ends it.
pub(crate) fn run() -> Outcome {
    let started = Instant::now();
    let mut took = Vec::new();
    for step in &STEPS {
        screen::heading(step.name);
        let begun = Instant::now();
        if let Err(error) = (step.run)() {
            screen::bad(format_args!("{} failed; alone: {}", step.name, step.alone));
            return Err(error);
        }
        took.push((step.name, begun.elapsed()));
    }
    screen::heading("all steps passed");
    for (name, duration) in took {
        screen::line(format_args!("  {name:<28} {:>7.1} s", duration.as_secs_f64()));
    }
    screen::line(format_args!("  {:<28} {:>7.1} s", "together", started.elapsed().as_secs_f64()));
    Ok(())
}

fn format() -> Outcome {
    command::run(command::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(command::run(command::cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?)
}

fn check_migrations() -> Outcome {
    migrations::run(false)
}

fn clippy() -> Outcome {
    let arguments = ["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    Ok(command::run(command::cargo().args(arguments))?)
}

/// Private items are documented as well, for those who work on them, so links to them resolve.
fn documentation() -> Outcome {
    let mut cargo = command::cargo();
    cargo.args(["doc", "--quiet", "--locked", "--workspace", "--no-deps", "--document-private-items"]);
    Ok(command::run(cargo.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"))?)
}

/// All tests; one that cannot look at what it is about fails here instead of being skipped.
fn all_tests() -> Outcome {
    system::postgres_for_tests()?;
    Ok(command::run(command::cargo().args(ALL_TESTS).env("STRONGROOM_REQUIRE", "memory,power"))?)
}

/// What a test finds in a build without the measures that it is about.
fn controls() -> Outcome {
    let residue =
        ["test", "--locked", "-p", "strongroom-envelope", "--test", "residue", "--features", "secret/no-scrub"];
    command::run(command::cargo().args(residue))?;
    // Both at once, so that the services are built once more and not twice.
    let without = ["test", "--locked", "-p", "strongroom-tests", "--features", "no-scrub,unbounded", "--test"];
    for tests in [["system", "memory::"], ["faults", "without_its_bounds"]] {
        command::run(command::cargo().args(without).args(tests).env("STRONGROOM_REQUIRE", "memory"))?;
    }
    Ok(())
}

/// All tests, or those that the arguments name.
pub(crate) fn test(arguments: &[String]) -> Outcome {
    system::postgres_for_tests()?;
    Ok(command::run(command::cargo().args(ALL_TESTS).args(arguments))?)
}

/// The benchmarks, optimized.
pub(crate) fn bench(arguments: &[String]) -> Outcome {
    system::postgres()?;
    command::run(command::cargo().args(["build", "--quiet", "--locked", "--release", "--workspace", "--bins"]))?;
    let target = system::target_directory().join("release/strongroom-bench");
    Ok(command::run(std::process::Command::new(target).args(arguments))?)
}
