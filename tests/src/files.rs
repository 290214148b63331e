//! Files of the harness, with errors that name them.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::Error;

/// Mode of files with secrets.
pub(crate) const PRIVATE: u32 = 0o600;
/// Mode of everything else.
pub(crate) const PUBLIC: u32 = 0o644;

/// Writes a whole file so that a reader sees the old or the new one, never a part.
pub(crate) fn write(path: &Path, mode: u32, content: impl AsRef<[u8]>) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: path.to_owned(), source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    // A left-over of an interrupted write; its absence is the usual case.
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).map_err(failed)?;
    file.write_all(content.as_ref()).map_err(failed)?;
    // Whole or not there, also after a power cut.
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    match path.parent() {
        Some(directory) => fs::File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed),
        None => Ok(()),
    }
}

/// Writes a file unless it is there. An empty one was cut short, and is not.
pub(crate) fn write_once(
    path: &Path,
    mode: u32,
    content: impl FnOnce() -> Result<Vec<u8>, Error>,
) -> Result<(), Error> {
    let is_there = fs::metadata(path).is_ok_and(|file| file.len() > 0);
    if is_there { Ok(()) } else { write(path, mode, content()?) }
}

/// Removes a file if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::File { action: "remove", path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })
}

/// Reads a file if it is there.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { action: "read", path: path.to_owned(), source }),
    }
}

/// Makes a directory and those above it; others may pass through it.
pub(crate) fn make_dir(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::File { action: "make the directory", path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(failed)
}

/// Random bytes as lower-case hexadecimal digits.
pub(crate) fn random_hex<const N: usize>() -> Result<String, Error> {
    Ok(random_bytes::<N>()?.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

/// Random bytes.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let random: ring::rand::Random<[u8; N]> =
        ring::rand::generate(&ring::rand::SystemRandom::new()).map_err(|_unspecified| Error::Random)?;
    Ok(random.expose())
}

/// The last lines of a log, for a person.
pub(crate) fn tail(path: &Path) -> String {
    let Ok(text) = fs::read_to_string(path) else { return String::from("(no log)") };
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
}
