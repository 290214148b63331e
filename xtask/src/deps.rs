//! What may enter the dependency graph: licences, bans and sources, by the rules of deny.toml, from `cargo metadata`.
//!
//! deny.toml is in the format of cargo-deny, which can be run as well; this check needs no further program.

mod licence;

use std::collections::BTreeSet;

use serde::Deserialize;
use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::{command, screen};

/// The part of deny.toml that is checked here; an unknown rule is refused rather than skipped.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(rename = "graph")]
    _graph: toml::Table,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bans {
    #[serde(rename = "multiple-versions")]
    _multiple_versions: String,
    wildcards: String,
    deny: Vec<Ban>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sources {
    #[serde(rename = "unknown-registry")]
    _unknown_registry: String,
    #[serde(rename = "unknown-git")]
    _unknown_git: String,
    allow_registry: BTreeSet<String>,
    allow_git: BTreeSet<String>,
}

/// What `cargo metadata` says.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
}

/// The graph with the features that are on.
#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
}

/// Checks the whole graph, on all platforms.
pub(crate) fn run() -> Outcome {
    let rules: Rules = toml::from_str(&std::fs::read_to_string(repository().join("deny.toml"))?)?;
    let mut cargo = command::cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    let metadata: Metadata = serde_json::from_str(&command::output(&mut cargo)?)?;
    let in_graph: BTreeSet<&str> = metadata.resolve.nodes.iter().map(|node| node.id.as_str()).collect();
    let packages: Vec<&Package> =
        metadata.packages.iter().filter(|package| in_graph.contains(package.id.as_str())).collect();
    let findings: Vec<String> = packages.iter().flat_map(|package| rules.check(package)).collect();
    for finding in &findings {
        screen::bad(finding);
    }
    if !findings.is_empty() {
        return Err(format!("{} findings against deny.toml", findings.len()).into());
    }
    let foreign = packages.iter().filter(|package| package.source.is_some()).count();
    screen::good(format_args!("{foreign} dependencies: licences, bans ({}) and sources", rules.bans.deny.len()));
    Ok(())
}

impl Rules {
    fn check(&self, package: &Package) -> Vec<String> {
        let mut findings = Vec::new();
        let what = format!("{} {}", package.name, package.version);
        if let Some(ban) = self.bans.deny.iter().find(|ban| ban.name == package.name) {
            findings.push(format!("{what} is banned: {}; see `cargo tree -i {}`", ban.reason, package.name));
        }
        match &package.source {
            None => findings.extend(self.wildcards(package)),
            Some(source) if !self.sources.allows(source) => findings.push(format!("{what} comes from {source}")),
            Some(_) => {}
        }
        match &package.license {
            Some(expression) if licence::satisfies(expression, &self.licenses.allow) => {}
            Some(expression) => findings.push(format!("{what} has the licence {expression}, which is not allowed")),
            None => findings.push(format!("{what} names no licence")),
        }
        findings
    }

    /// Members of the workspace name versions.
    fn wildcards(&self, package: &Package) -> Vec<String> {
        if self.bans.wildcards != "deny" {
            return Vec::new();
        }
        let wild =
            package.dependencies.iter().filter(|dependency| dependency.source.is_some() && dependency.req == "*");
        wild.map(|dependency| format!("{} takes any version of {}", package.name, dependency.name)).collect()
    }
}

impl Sources {
    fn allows(&self, source: &str) -> bool {
        match source.split_once('+') {
            Some(("registry", url)) => self.allow_registry.contains(url),
            Some(("git", url)) => self.allow_git.iter().any(|allowed| url.starts_with(allowed.as_str())),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        toml::from_str(&std::fs::read_to_string(repository().join("deny.toml")).unwrap()).unwrap()
    }

    fn package(name: &str, license: Option<&str>) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: license.map(str::to_owned),
            source: Some("registry+https://github.com/rust-lang/crates.io-index".to_owned()),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn a_second_cryptographic_provider_is_refused() {
        assert_eq!(rules().check(&package("aws-lc-rs", Some("ISC"))).len(), 1);
        assert_eq!(rules().check(&package("openssl", Some("Apache-2.0"))).len(), 1);
    }

    #[test]
    fn a_licence_that_is_not_allowed_or_not_named_is_refused() {
        assert_eq!(rules().check(&package("x", Some("GPL-3.0-only"))).len(), 1);
        assert_eq!(rules().check(&package("x", None)).len(), 1);
        assert_eq!(rules().check(&package("x", Some("MIT OR Apache-2.0"))).len(), 0);
    }

    #[test]
    fn a_dependency_from_elsewhere_is_refused() {
        let mut foreign = package("x", Some("MIT"));
        foreign.source = Some("git+https://example.org/x".to_owned());
        assert_eq!(rules().check(&foreign).len(), 1);
    }

    #[test]
    fn a_member_that_takes_any_version_is_refused() {
        let mut member = package("x", Some("MIT"));
        member.source = None;
        let source = Some("registry+https://github.com/rust-lang/crates.io-index".to_owned());
        member.dependencies = vec![Dependency { name: "y".to_owned(), req: "*".to_owned(), source }];
        assert_eq!(rules().check(&member).len(), 1);
    }
}
