//! `./dev structure`: the files of each crate and service with their lines and arrows; a circle or a forbidden arrow fails it.
//!
//! An arrow is a path that begins in the crate, with `crate::`, `self::` or `super::`, in a child module, or with a name that the file
//! imports. A declaration (`mod x;`) is none, and tests are left out.
//!
//! # Layout
//! - `paths`: the paths that a file names
//! - `graph`: files, arrows, and circles among them
//! - `arrows`: which arrows there must not be

mod arrows;
mod graph;
mod paths;

use stack::binaries::repository;

use crate::lints::files;
use crate::outcome::{Failure, Outcome};
use crate::screen;
use graph::Graph;

/// Prints and checks all of it, or the crates whose path contains `only`.
pub(crate) fn run(only: Option<&str>) -> Outcome {
    let mut graphs = graphs()?;
    graphs.retain(|graph| only.is_none_or(|only| graph.root.contains(only)));
    graphs.iter().for_each(print);
    judge(&graphs)
}

/// Checks all of it.
pub(crate) fn check() -> Outcome {
    judge(&graphs()?)
}

fn graphs() -> Result<Vec<Graph>, Failure> {
    Ok(Graph::of_each_crate(&files::load(repository())?))
}

fn judge(graphs: &[Graph]) -> Outcome {
    let mut findings = Vec::new();
    for graph in graphs {
        let circles = graph.circles().into_iter();
        findings.extend(circles.map(|circle| format!("{}: a circle: {}", graph.root, circle.join(" → "))));
        findings.extend(arrows::forbidden(graph));
    }
    findings.iter().for_each(screen::bad);
    if findings.is_empty() { Ok(()) } else { Err(format!("{} findings", findings.len()).into()) }
}

fn print(graph: &Graph) {
    let lines: usize = graph.files.iter().map(|file| file.lines).sum();
    screen::heading(format_args!("{}: {} lines", graph.root, screen::number(lines)));
    for file in &graph.files {
        let arrows: Vec<&str> = graph.arrows_of(file).map(|other| other.name.as_str()).collect();
        let arrows = if arrows.is_empty() { String::new() } else { format!(" → {}", arrows.join(", ")) };
        screen::line(format_args!("  {:<36}{:>5}{arrows}", file.name, file.lines));
    }
}
