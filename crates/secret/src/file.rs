//! Reading secrets from files: never from arguments or the environment, which other processes can see.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::bytes::SecretVec;
use crate::process::effective_uid;

/// No secret is longer than this, in bytes; a longer file is refused.
const MAX_LENGTH: u64 = 64 * 1024;

/// The whole content of the file at `path`, at most 64 KiB.
///
/// With `production`, a file that others may read or the group may write is refused ([`io::ErrorKind::PermissionDenied`]);
/// so is one of our own that the group may read. A file of another owner may be readable by group: that is how
/// Kubernetes gives a mounted secret to a process that is not root.
pub fn read_secret_file(path: &Path, production: bool) -> io::Result<SecretVec> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a secret must be a regular file"));
    }
    if production {
        check_mode(metadata.mode(), metadata.uid() == effective_uid())?;
    }
    if metadata.len() > MAX_LENGTH {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a secret file has at most 64 KiB"));
    }
    // The full capacity at once, should the file grow meanwhile: growing would leave copies behind.
    let mut content = SecretVec::new(Vec::with_capacity(usize::try_from(MAX_LENGTH).unwrap_or(0)));
    file.take(MAX_LENGTH).read_to_end(content.expose_vec())?;
    Ok(content)
}

fn check_mode(mode: u32, own: bool) -> io::Result<()> {
    let forbidden = if own { 0o077 } else { 0o027 };
    if mode & forbidden == 0 {
        return Ok(());
    }
    let hint = format!("a secret file must not be open to others: mode {:04o}, expected 0400 or 0600", mode & 0o7777);
    Err(io::Error::new(io::ErrorKind::PermissionDenied, hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn with_file(name: &str, content: &[u8], mode: u32, check: impl FnOnce(&Path)) {
        let path = std::env::temp_dir().join(format!("strongroom-secret-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        check(&path);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn production_refuses_a_file_open_to_others() {
        for mode in [0o644, 0o640, 0o604, 0o602, 0o620] {
            with_file(&format!("open-{mode:o}"), b"root key", mode, |path| {
                assert_eq!(
                    read_secret_file(path, true).unwrap_err().kind(),
                    io::ErrorKind::PermissionDenied,
                    "{mode:o}"
                );
                assert_eq!(read_secret_file(path, false).unwrap().expose(), b"root key");
            });
        }
    }

    #[test]
    fn a_file_given_to_our_group_by_its_owner_is_read() {
        assert!(check_mode(0o100_440, false).is_ok());
        assert!(check_mode(0o100_440, true).is_err());
        assert!(check_mode(0o100_460, false).is_err());
        assert!(check_mode(0o100_444, false).is_err());
    }

    #[test]
    fn a_private_file_is_read_whole() {
        with_file("private", b"root key", 0o600, |path| {
            assert_eq!(read_secret_file(path, true).unwrap().expose(), b"root key");
        });
    }

    #[test]
    fn directories_and_oversized_files_are_refused() {
        assert!(read_secret_file(&std::env::temp_dir(), false).is_err());
        with_file("long", &vec![0; 64 * 1024 + 1], 0o600, |path| {
            assert_eq!(read_secret_file(path, true).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        });
    }
}
