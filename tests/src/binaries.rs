//! The services' binaries, built once for each process by the cargo that is there.

use std::path::{Path, PathBuf};

use tokio::sync::OnceCell;

use crate::{Error, processes};

/// Which build of the binaries is run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// Unoptimized.
    #[default]
    Debug,
    /// Optimized, for measuring.
    Release,
}

/// The root of the repository.
pub fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Builds the services unless they are up to date; the directory that holds them.
///
/// All members are built with one call, so that features are the same as in every other build of the workspace.
pub async fn build(profile: Profile) -> Result<PathBuf, Error> {
    static BUILT: [OnceCell<PathBuf>; 2] = [const { OnceCell::const_new() }; 2];
    let [debug, release] = &BUILT;
    let cell = if profile == Profile::Release { release } else { debug };
    let built = cell.get_or_try_init(|| async move {
        let build = tokio::task::spawn_blocking(move || run_cargo(profile));
        build.await.map_err(|error| Error::Failed {
            program: "cargo build".to_owned(),
            status: "cancelled".to_owned(),
            output: error.to_string(),
        })?
    });
    built.await.cloned()
}

/// What tells one build of a binary from the next: its path and when it was written.
pub(crate) fn identity(binary: &Path) -> Result<String, Error> {
    let failed = |source| Error::File { action: "look at", path: binary.to_owned(), source };
    let written = std::fs::metadata(binary).and_then(|metadata| metadata.modified()).map_err(failed)?;
    let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{}@{}", binary.display(), since.as_nanos()))
}

fn run_cargo(profile: Profile) -> Result<PathBuf, Error> {
    let target = target_directory();
    let directory = target.display().to_string();
    let mut arguments = vec!["build", "--quiet", "--locked", "--workspace", "--bins", "--target-dir", &directory];
    if profile == Profile::Release {
        arguments.push("--release");
    }
    let controls = [
        ("strongroom-secret/no-scrub", cfg!(feature = "no-scrub")),
        ("strongroom-rpc/unbounded", cfg!(feature = "unbounded")),
    ];
    for (feature, _) in controls.into_iter().filter(|(_, is_wanted)| *is_wanted) {
        arguments.extend(["--features", feature]);
    }
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    processes::run(&cargo, &arguments, repository(), None)?;
    Ok(target.join(if profile == Profile::Release { "release" } else { "debug" }))
}

/// The target directory that this very program was built in, else the one that cargo would choose.
fn target_directory() -> PathBuf {
    let own = std::env::current_exe().ok();
    let profile = own.as_deref().into_iter().flat_map(Path::ancestors).find(|directory| {
        directory.file_name().is_some_and(|name| name == "debug" || name == "release")
            && directory.join(".cargo-lock").exists()
    });
    if let Some(target) = profile.and_then(Path::parent) {
        return target.to_owned();
    }
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}
