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
use crate::outcome::Outcome;
use crate::screen;
use graph::Graph;

/// Prints and checks all of it, or the crates whose path contains `only`.
pub(crate) fn run(only: Option<&str>) -> Outcome {
    let sources = files::load(repository())?;
    let graphs = Graph::of_each_crate(&sources);
    let mut findings = Vec::new();
    for graph in graphs.iter().filter(|graph| only.is_none_or(|only| graph.root.contains(only))) {
        print(graph);
        findings.extend(
            graph.circles().into_iter().map(|circle| format!("{}: a circle: {}", graph.root, circle.join(" → "))),
        );
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
