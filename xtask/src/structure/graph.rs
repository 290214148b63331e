//! Files of a crate, the arrows between them, and circles.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{self, Path, Paths};
use crate::lints::files::Source;

/// A crate or a service.
#[derive(Debug)]
pub(super) struct Graph {
    /// Path of its folder.
    pub(super) root: String,
    /// Sorted by name.
    pub(super) files: Vec<File>,
}

/// A file without its tests.
#[derive(Debug)]
pub(super) struct File {
    /// Path below `src/`, without `.rs`; a `mod.rs` has that of its folder.
    pub(super) name: String,
    /// Number of its lines.
    pub(super) lines: usize,
    /// Indices of the files that it names.
    pub(super) arrows: BTreeSet<usize>,
    /// The paths that it names.
    pub(super) named: BTreeSet<Path>,
}

impl Graph {
    /// All crates of the workspace.
    pub(super) fn of_each_crate(sources: &[Source]) -> Vec<Self> {
        let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
        for source in sources.iter().filter(|source| source.is_rust() && !source.is_test()) {
            if let Some((root, _)) = source.path.split_once("/src/") {
                crates.entry(root).or_default().push(source);
            }
        }
        crates.into_iter().map(|(root, sources)| Self::of_crate(root, &sources)).collect()
    }

    fn of_crate(root: &str, sources: &[&Source]) -> Self {
        let name = |source: &Source| {
            let path = source.path.split_once("/src/").map_or("", |(_, path)| path);
            path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned()
        };
        let mut named: Vec<(String, &Source)> = sources.iter().map(|source| (name(source), *source)).collect();
        named.sort_by(|one, other| one.0.cmp(&other.0));
        let modules: BTreeMap<Path, usize> =
            (0..).zip(&named).map(|(index, (name, _))| (module_of(name), index)).collect();
        let paths: Vec<Paths> = named
            .iter()
            .map(|(name, source)| {
                let module = module_of(name);
                let of_this = |other: &&Path| other.len() == module.len() + 1 && other.starts_with(&module);
                let children = modules.keys().filter(of_this).filter_map(|other| other.last().map(String::as_str));
                paths::of(source.without_tests(), &children.collect())
            })
            .collect();
        let tree = Tree { modules: &modules, paths: &paths };
        let files = (0..).zip(named.iter().zip(&paths)).map(|(own, ((name, source), paths))| {
            let module = module_of(name);
            let targets = paths.named.iter().filter_map(|path| tree.target(&module, path, MAX_REEXPORTS));
            let arrows = targets.filter(|target| *target != own).collect();
            let lines = source.without_tests().lines().count();
            File { name: name.clone(), lines, arrows, named: paths.named.clone() }
        });
        Self { root: root.to_owned(), files: files.collect() }
    }

    /// The files that a file names.
    pub(super) fn arrows_of(&self, file: &File) -> impl Iterator<Item = &File> {
        file.arrows.iter().filter_map(|index| self.files.get(*index))
    }

    /// Sets of files of which each leads to every other, by their names.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let reached: Vec<BTreeSet<usize>> = (0..self.files.len()).map(|from| self.reached_from(from)).collect();
        let leads = |from: usize, to: usize| reached.get(from).is_some_and(|reached| reached.contains(&to));
        let mut told: BTreeSet<usize> = BTreeSet::new();
        let mut circles = Vec::new();
        for index in 0..self.files.len() {
            if leads(index, index) && !told.contains(&index) {
                let circle: Vec<usize> =
                    (0..self.files.len()).filter(|other| leads(index, *other) && leads(*other, index)).collect();
                told.extend(&circle);
                circles.push(circle.iter().filter_map(|index| Some(self.files.get(*index)?.name.clone())).collect());
            }
        }
        circles
    }

    fn reached_from(&self, from: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop().and_then(|index| self.files.get(index)) {
            next.extend(file.arrows.iter().copied().filter(|index| reached.insert(*index)));
        }
        reached
    }
}

/// `["store", "keys"]` for `store/keys`; nothing for the root of a library or a program.
fn module_of(name: &str) -> Path {
    if matches!(name, "lib" | "main") || name.starts_with("bin/") {
        return if name == "lib" { Vec::new() } else { vec![format!("({name})")] };
    }
    name.split('/').map(str::to_owned).collect()
}

/// Most files that hand a name on.
const MAX_REEXPORTS: usize = 8;

/// Where paths lead.
struct Tree<'a> {
    modules: &'a BTreeMap<Path, usize>,
    paths: &'a [Paths],
}

impl Tree<'_> {
    /// The file that a path of a module leads to: that of its longest beginning that is a module or, if that one has the next name
    /// from another file, that one.
    fn target(&self, module: &[String], path: &[String], reexports: usize) -> Option<usize> {
        let mut full = module.to_vec();
        let mut rest = path;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => full = Vec::new(),
                "super" => drop(full.pop()),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        full.extend(rest.iter().cloned());
        let (found, length) =
            (0..=full.len()).rev().find_map(|length| Some((*self.modules.get(full.get(..length)?)?, length)))?;
        let handed_on = full.get(length).and_then(|name| self.paths.get(found)?.imported.get(name));
        match handed_on {
            Some(path) if reexports > 0 && full.get(..length) != Some(module) => {
                self.target(full.get(..length)?, path, reexports - 1)
            }
            _ => Some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(files: &[(&str, &str)]) -> Graph {
        let sources: Vec<Source> =
            files.iter().map(|(name, text)| Source::new(&format!("crates/x/src/{name}.rs"), text)).collect();
        Graph::of_each_crate(&sources).pop().unwrap()
    }

    fn arrows(graph: &Graph) -> Vec<Vec<&str>> {
        let of = |file| graph.arrows_of(file).map(|other| other.name.as_str()).collect();
        graph.files.iter().map(of).collect()
    }

    #[test]
    fn arrows_lead_to_the_innermost_file() {
        let graph = graph(&[
            ("lib", "mod a; pub use a::b::Thing;"),
            ("a", "mod b;"),
            ("a/b", "use super::f; use crate::c::Other; use self::inner::g;"),
            ("c", "#[cfg(test)]\nmod tests {}\n"),
        ]);
        assert_eq!(arrows(&graph), [vec![], vec!["a", "c"], vec![], vec!["a/b"]]);
    }

    #[test]
    fn what_a_file_hands_on_is_the_other_files() {
        let graph = graph(&[
            ("a", "pub use b::Thing;"),
            ("a/b", ""),
            ("a/c", "use super::Thing; use super::own;"),
            ("d", "use crate::a::Thing;"),
        ]);
        assert_eq!(arrows(&graph), [vec!["a/b"], vec![], vec!["a", "a/b"], vec!["a/b"]]);
        assert_eq!(graph.circles(), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_circle_is_told_once_and_what_leads_to_it_is_not_in_it() {
        let graph = graph(&[
            ("a", "use crate::b::x;"),
            ("b", "use crate::c::x;"),
            ("c", "use crate::b::y;\n#[cfg(test)]\nmod tests { use crate::a::z; }"),
        ]);
        assert_eq!(graph.circles(), [["b", "c"]]);
    }
}
