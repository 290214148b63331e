//! The image: what its build sees, and that it stands on bases and is deployed by names that nobody can move.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use stack::binaries::repository;

use super::objects::Error;
use super::render::Rendering;
use super::workloads::Workload;
use crate::{command, system};

/// What must never reach a layer of an image, or would bring a second toolchain into it.
const KEPT_OUT: [&str; 6] = [
    ".git/config",
    "deploy/.env",
    "deploy/compose/secrets/root-secret",
    "deploy/compose/secrets/vault-service/tls.key",
    "rust-toolchain.toml",
    "target/dist/vault-service",
];
/// Where the code of the three programs is.
const CODE: [&str; 4] = ["crates/", "key-service/src/", "vault-service/src/", "audit-service/src/"];
/// The bases, which are arguments without a default.
const BASES: [&str; 2] = ["RUST_IMAGE", "RUNTIME_IMAGE"];

/// What a build is given, by `.dockerignore`: nothing, but for what it names.
struct Context {
    named: Vec<PathBuf>,
}

impl Context {
    /// Of the forms that `.dockerignore` knows only those that leave no doubt.
    fn parse(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        if lines.next() != Some("*") {
            return Err(".dockerignore must begin with *: nothing goes in that is not named".into());
        }
        let named = |line: &str| {
            let path = line.strip_prefix('!').filter(|path| !path.contains(['*', '?', '[', '!']));
            path.map(PathBuf::from).ok_or_else(|| format!(".dockerignore: {line} is not !PATH"))
        };
        Ok(Self { named: lines.map(named).collect::<Result<_, _>>()? })
    }

    fn has(&self, path: &Path) -> bool {
        self.named.iter().any(|named| path.starts_with(named))
    }
}

/// What is wrong with the context and the Dockerfile.
pub(crate) fn check() -> Result<Vec<String>, Error> {
    let root = repository();
    let read = |path: &str| std::fs::read_to_string(root.join(path));
    let context = Context::parse(&read(".dockerignore")?)?;
    let let_in = KEPT_OUT.iter().filter(|path| context.has(Path::new(path)));
    let mut findings: Vec<String> = let_in.map(|path| format!(".dockerignore lets {path} in")).collect();
    let files = command::output(Command::new("git").current_dir(root).arg("ls-files"))?;
    let files: Vec<&Path> = files.lines().map(Path::new).filter(|path| root.join(path).is_file()).collect();
    findings.extend(files.iter().flat_map(|file| left_out(file, root, &context)));
    findings.extend(manifests(&files, &context)?);
    findings.extend(bases(&read("deploy/image/Dockerfile")?));
    findings.extend(toolchain(&read("deploy/compose.yaml")?, &read("rust-toolchain.toml")?)?);
    Ok(findings)
}

/// Files that the programs take in when they are compiled, and the context lacks.
fn left_out(file: &Path, root: &Path, context: &Context) -> Vec<String> {
    let name = file.to_string_lossy();
    let is_code = CODE.iter().any(|code| name.starts_with(code)) && name.ends_with(".rs") && !name.contains("tests");
    let Some(text) = is_code.then(|| std::fs::read_to_string(root.join(file)).ok()).flatten() else {
        return Vec::new();
    };
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let included = ["include_str!(\"", "include_bytes!(\""].map(|start| text.split(start).skip(1));
    let paths = included.into_iter().flatten().filter_map(|rest| rest.split_once("\")")).map(|(path, _)| path);
    let wanted = paths.map(|path| flat(&file.parent().unwrap_or(Path::new("")).join(path)));
    let missing = wanted.filter(|path| root.join(path).is_file() && !context.has(path));
    missing.map(|path| format!("{name} includes {}, which .dockerignore keeps out", path.display())).collect()
}

/// A path without `..`.
fn flat(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut flat, part| {
        if part == Component::ParentDir {
            flat.pop();
        } else {
            flat.push(part);
        }
        flat
    })
}

/// cargo reads every member of the workspace, whichever it builds, so it must understand the context.
fn manifests(files: &[&Path], context: &Context) -> Result<Option<String>, Error> {
    let directory = system::target_directory().join("deploy").join(format!("context-{}", std::process::id()));
    for file in files.iter().filter(|file| context.has(file)) {
        let target = directory.join(file);
        std::fs::create_dir_all(target.parent().unwrap_or(&directory))?;
        std::fs::copy(repository().join(file), target)?;
    }
    let mut cargo = command::cargo();
    cargo.current_dir(&directory).args(["metadata", "--format-version", "1", "--locked"]);
    let read = command::output(&mut cargo);
    std::fs::remove_dir_all(directory)?;
    Ok(read.err().map(|error| format!("cargo does not understand what .dockerignore lets in: {error}")))
}

/// Bases are arguments without a default, and the build refuses those that are not by digest.
fn bases(dockerfile: &str) -> Vec<String> {
    let lines = || dockerfile.lines().map(str::trim);
    let mut findings = Vec::new();
    for line in lines().filter(|line| line.starts_with("FROM ")) {
        if !BASES.iter().any(|base| line.starts_with(&format!("FROM ${{{base}}}"))) {
            findings.push(format!("Dockerfile: {line}: a base is an argument, one of {}", BASES.join(", ")));
        }
    }
    for base in BASES {
        if lines().any(|line| line.starts_with(&format!("ARG {base}="))) {
            findings.push(format!("Dockerfile: {base} has a default"));
        }
    }
    let first = lines().find(|line| line.starts_with("RUN "));
    if first != Some(r#"RUN /pinned.sh "$PINNED" "$RUST_IMAGE" "$RUNTIME_IMAGE""#)
        || !lines().any(|line| line == "ARG PINNED=yes")
    {
        findings.push("Dockerfile: nothing refuses bases that are not named by digest".to_owned());
    }
    findings
}

/// Without rust-toolchain.toml in the context the base decides which compiler it is: the same.
fn toolchain(compose: &str, toolchain: &str) -> Result<Option<String>, Error> {
    let toolchain: toml::Table = toml::from_str(toolchain)?;
    let version = toolchain.get("toolchain").and_then(|toolchain| toolchain.get("channel")?.as_str());
    let wanted = format!("RUST_IMAGE: docker.io/library/rust:{}-bookworm\n", version.unwrap_or_default());
    let differs = || format!("compose.yaml builds with another Rust than rust-toolchain.toml: {}", wanted.trim());
    Ok((!compose.contains(&wanted)).then(differs))
}

/// Images of an overlay that are named by a tag alone.
pub(crate) fn unpinned(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let workloads = Workload::read_all(&rendering.objects)?;
    let by_tag = workloads.iter().filter(|workload| !workload.image().contains("@sha256:"));
    Ok(by_tag.map(|workload| format!("{}: {} is not named by digest", workload.name(), workload.image())).collect())
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::render::Tree;
    use super::*;

    #[test]
    fn the_build_sees_what_it_needs_and_no_secret() {
        assert_eq!(check().unwrap(), NONE);
    }

    #[test]
    fn a_context_of_doubtful_form_is_refused() {
        assert!(Context::parse("target\n").is_err());
        assert!(Context::parse("*\n!crates\ncrates/x\n").is_err());
        assert!(Context::parse("*\n!crates/*\n").is_err());
        let context = Context::parse("# Why.\n*\n!crates\n").unwrap();
        assert!(context.has(Path::new("crates/x/src/lib.rs")));
        assert!(!context.has(Path::new("crates.txt")));
    }

    #[test]
    fn a_context_without_a_member_or_an_included_file_is_found() {
        let context = Context::parse("*\n!Cargo.toml\n!Cargo.lock\n!crates\n!key-service\n").unwrap();
        let file = Path::new("key-service/src/lib.rs");
        assert_eq!(left_out(file, repository(), &context).len(), 3);
        let files = [Path::new("Cargo.toml"), Path::new("Cargo.lock"), file];
        assert!(manifests(&files, &context).unwrap().is_some());
    }

    #[test]
    fn a_base_by_tag_is_found() {
        let dockerfile = std::fs::read_to_string(repository().join("deploy/image/Dockerfile")).unwrap();
        assert_eq!(bases(&dockerfile), NONE);
        let finds = |from: &str, to: &str| bases(&dockerfile.replace(from, to)).len();
        assert_eq!(finds("FROM ${RUNTIME_IMAGE}", "FROM gcr.io/distroless/cc-debian12:nonroot"), 1);
        assert_eq!(finds("ARG RUST_IMAGE\n", "ARG RUST_IMAGE=rust:1\n"), 1);
        assert_eq!(finds("ARG PINNED=yes", "ARG PINNED=no"), 1);
        assert_eq!(finds("RUN /pinned.sh", "RUN true #"), 1);
    }

    #[test]
    fn another_toolchain_is_found() {
        let compose = "  RUST_IMAGE: docker.io/library/rust:1.95.0-bookworm\n";
        assert_eq!(toolchain(compose, "[toolchain]\nchannel = \"1.95.0\"\n").unwrap(), None);
        assert!(toolchain(compose, "[toolchain]\nchannel = \"1.96.0\"\n").unwrap().is_some());
    }

    #[test]
    fn bases_that_are_not_by_digest_are_refused_by_the_build() {
        let digest = format!("docker.io/library/rust:1@sha256:{}", "0".repeat(64));
        let passes = |arguments: &[&str]| {
            let script = repository().join("deploy/image/pinned.sh");
            Command::new("sh").arg(script).args(arguments).output().unwrap().status.success()
        };
        assert!(passes(&["yes", &digest, &digest]));
        assert!(!passes(&["yes", &digest, "gcr.io/distroless/cc-debian12:nonroot"]));
        assert!(!passes(&["yes", &digest, "gcr.io/distroless/cc-debian12@sha256:0"]));
        assert!(!passes(&["yes", "", &digest]));
        assert!(passes(&["no", "docker.io/library/rust:1", "x"]));
    }

    #[test]
    fn images_by_tag_are_found_and_a_digest_in_the_overlay_mends_that() {
        let tree = Tree::new("digests").unwrap();
        let first = |tree: &Tree| tree.installations().unwrap().swap_remove(0);
        assert_eq!(unpinned(&first(&tree)).unwrap().len(), 6);
        let digest = format!("    newTag: \"0.1.0\"\n    digest: sha256:{}\n", "0".repeat(64));
        let pin = |text: &str| text.replace("    newTag: \"0.1.0\"\n", &digest);
        tree.edit("overlays/production/kustomization.yaml", pin).unwrap();
        assert_eq!(unpinned(&first(&tree)).unwrap(), NONE);
    }
}
