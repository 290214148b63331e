//! Holds `deploy/` against the tools of its formats and against itself: the manifests as kustomize renders them, for every
//! overlay with every component, the image's context, and Compose.
//!
//! # Layout
//! - `programs`: kubectl, kubernetes-validate, checkov, check-jsonschema
//! - `render`: what kustomize makes of the manifests, and of changed copies of them
//! - `objects`: objects of Kubernetes
//! - `workloads`: what runs, with the configuration that it reads
//! - `policies`: which connections a `NetworkPolicy` lets through
//! - `arrows`: who must reach whom, and who can; the picture of it
//! - `again`: applying a second time
//! - `numbers`: memory, connections, time to end, company
//! - `services`: where Services lead
//! - `reload`: what services read again while they run
//! - `certificates`: who signs them, and what is in them
//! - `image`: what its build sees, and digests
//! - `compose`: its form, and who reads its secrets
//! - `exceptions`: the reasons for those from checkov's rules

mod again;
mod arrows;
mod certificates;
mod compose;
mod exceptions;
mod image;
mod numbers;
mod objects;
mod policies;
mod programs;
mod reload;
mod render;
mod services;
mod workloads;

use std::path::{Path, PathBuf};

use clap::Args;
use stack::binaries::repository;

use crate::outcome::Outcome;
use crate::{screen, system};
use objects::{Error, Object};
use render::{Rendering, Tree};

/// Arguments of `deploy`.
#[derive(Args, Debug)]
pub(crate) struct Deploy {
    /// Overlays of your own to check instead of what is shipped: they must name images by digest as well
    directories: Vec<PathBuf>,
}

/// What must hold of an installation.
type Check = fn(&Rendering) -> Result<Vec<String>, Error>;

const CHECKS: [(&str, Check); 5] = [
    ("NetworkPolicies allow what the configurations need, and nothing else", arrows::check),
    ("Services lead to pods that listen, and to those that are sealed", services::check),
    ("memory, connections, time to end, company", numbers::check),
    ("policy and certificates are seen to change", reload::check),
    ("certificates", certificates::check),
];

/// The programs that this needs.
pub(crate) fn install() -> Outcome {
    programs::kubectl()?;
    system::deploy_tool("checkov")?;
    Ok(())
}

/// Everything that is shipped.
pub(crate) fn run_all() -> Outcome {
    run(&Deploy { directories: Vec::new() })
}

/// Checks what is shipped, or overlays of somebody's own.
pub(crate) fn run(deploy: &Deploy) -> Outcome {
    if deploy.directories.is_empty() { shipped() } else { own(&deploy.directories) }
}

fn shipped() -> Outcome {
    let tree = Tree::new("shipped")?;
    let mut texts = Vec::new();
    for directory in tree.kustomizations()? {
        let text = tree.text(&directory)?;
        texts.push((directory, text));
    }
    screen::good(format_args!("kustomize: {} directories", texts.len()));
    let installations = tree.installations()?;
    for (what, check) in CHECKS {
        report(what, &each(&installations, check)?)?;
    }
    let shown = installations.first().map_or_else(|| Ok(Vec::new()), arrows::picture::check)?;
    report("the picture of the arrows", &shown)?;
    let policy = std::fs::read_to_string(repository().join("deploy/kubernetes/base/policy.toml"))?;
    report("certificates of callers", &certificates::check_callers(&tree.render("callers")?, &policy)?)?;
    report("applying again", &again::check()?)?;
    report("the image's context and bases", &image::check()?)?;
    report("Compose, by its specification, and its secrets", &compose::check()?)?;
    report("reasons of exceptions", &exceptions::check()?)?;
    tools(&texts)
}

fn own(directories: &[PathBuf]) -> Outcome {
    let mut texts = Vec::new();
    let mut installations = Vec::new();
    for directory in directories {
        texts.push((format!("own-{}", texts.len()), render::kustomize(directory)?));
        installations.push(render::read(directory, directory.display().to_string())?);
    }
    for (what, check) in CHECKS {
        report(what, &each(&installations, check)?)?;
    }
    report("images by digest", &each(&installations, image::unpinned)?)?;
    tools(&texts)
}

fn each(installations: &[Rendering], check: Check) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    for rendering in installations {
        findings.extend(check(rendering)?.into_iter().map(|finding| format!("{}: {finding}", rendering.name)));
    }
    Ok(findings)
}

/// What others say of the rendered manifests.
fn tools(texts: &[(String, String)]) -> Outcome {
    let directory = system::target_directory().join("deploy").join(format!("rendered-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let checked = look_at(texts, &directory);
    std::fs::remove_dir_all(&directory)?;
    checked
}

fn look_at(texts: &[(String, String)], directory: &Path) -> Outcome {
    let mut files = Vec::new();
    let mut count = 0_usize;
    for (name, text) in texts {
        count += Object::read_all(text)?.len();
        let file = directory.join(format!("{}.yaml", name.replace('/', "-")));
        std::fs::write(&file, text)?;
        files.push(file);
    }
    for version in programs::KUBERNETES {
        let findings = programs::validate(&files, version)?;
        report(format_args!("kubernetes-validate: {count} objects, Kubernetes {version}"), &findings)?;
    }
    std::fs::copy(repository().join("deploy/image/Dockerfile"), directory.join("Dockerfile"))?;
    programs::checkov(directory)?;
    screen::good("checkov");
    Ok(())
}

fn report(what: impl std::fmt::Display, findings: &[String]) -> Outcome {
    findings.iter().for_each(screen::bad);
    if findings.is_empty() {
        screen::good(what);
        Ok(())
    } else {
        Err(format!("{} findings", findings.len()).into())
    }
}

/// Nothing was found.
#[cfg(test)]
const NONE: [String; 0] = [];

#[cfg(test)]
mod tests {
    use service::config::ServiceConfig;

    use super::NONE;
    use super::render::tests::installations;
    use super::workloads::{Workload, configuration};

    /// What a service says of its configuration, but for the file that is mounted where it runs.
    fn problems<C: ServiceConfig>(text: &str) -> Vec<String> {
        let config: C = toml::from_str(text).unwrap();
        let common = config.common();
        let mut problems = [config.problems(), common.grpc.problems(), common.database.problems()].concat();
        problems.retain(|problem| !problem.starts_with("seal.file: cannot read"));
        problems
    }

    fn problems_of(service: &str, text: &str) -> Vec<String> {
        match service {
            "key-service" => problems::<key_service::config::Config>(text),
            "vault-service" => problems::<vault_service::config::Config>(text),
            "audit-service" => problems::<audit_service::Config>(text),
            other => panic!("there is no {other}"),
        }
    }

    #[test]
    fn the_services_take_the_configurations_of_the_manifests() {
        for rendering in installations() {
            let workloads = Workload::read_all(&rendering.objects).unwrap();
            for workload in workloads.iter().filter(|workload| workload.is_service()) {
                let text = configuration(workload.object, &rendering.objects).unwrap();
                assert_eq!(problems_of(workload.name(), &text), NONE, "{}", workload.name());
            }
        }
    }

    #[test]
    fn the_services_take_the_configurations_of_compose() {
        for service in ["key-service", "vault-service", "audit-service"] {
            let file = stack::binaries::repository().join(format!("deploy/compose/config/{service}.toml"));
            let text = std::fs::read_to_string(file).unwrap();
            assert_eq!(problems_of(service, &text), NONE, "{service}");
        }
    }
}
