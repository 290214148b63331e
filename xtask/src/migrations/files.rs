//! The files of the migrations.

use std::path::{Path, PathBuf};

/// Name of the golden file in each folder of migrations.
pub(super) const GOLDEN: &str = "schema.sql";

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Migration {
    /// Path from the root of the repository.
    pub(super) path: String,
    pub(super) text: String,
}

/// The migrations of a database in the order of their names.
pub(super) fn load(root: &Path, database: &str) -> Result<Vec<Migration>, std::io::Error> {
    let directory = root.join("migrations").join(database);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.file_name().is_some_and(|name| name != GOLDEN));
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Migration { path: format!("migrations/{database}/{name}"), text })
    };
    paths.into_iter().map(read).collect()
}
