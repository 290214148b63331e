//! Reading what a process is configured with from files: never from arguments or the environment, which other processes can see.
//!
//! Only regular files are read: a FIFO or a device would keep its reader waiting for ever.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::bytes::SecretVec;
use crate::process::effective_uid;

/// No secret is longer than this, in bytes; a longer file is refused.
const MAX_SECRET: u64 = 64 * 1024;
/// No other file is.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// What editors of other systems begin a text with (U+FEFF in UTF-8).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The whole content of the file at `path`, at most 64 KiB.
///
/// With `production`, a file that others may read or the group may write is refused ([`io::ErrorKind::PermissionDenied`]);
/// so is one of our own that the group may read. A file of another owner may be readable by group: that is how
/// Kubernetes gives a mounted secret to a process that is not root.
pub fn read_secret_file(path: &Path, production: bool) -> io::Result<SecretVec> {
    let (file, metadata) = open_regular(path, MAX_SECRET)?;
    if production {
        check_secret(metadata.mode(), metadata.uid() == effective_uid())?;
    }
    // The full capacity at once, should the file grow meanwhile: growing would leave copies behind.
    let mut content = SecretVec::new(Vec::with_capacity(usize::try_from(MAX_SECRET).unwrap_or(0)));
    file.take(MAX_SECRET).read_to_end(content.expose_vec())?;
    Ok(content)
}

/// The password in the file at `path`, as [`read_secret_file`] reads it: one line, whose end is left out.
///
/// Refused ([`io::ErrorKind::InvalidData`]) are an empty file, further lines, blanks around the password, and a byte order mark:
/// nobody sees them in an editor, and the database would only say that the password is wrong.
pub fn read_password_file(path: &Path, production: bool) -> io::Result<SecretVec> {
    let content = read_secret_file(path, production)?;
    let line = content.expose();
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    if line.is_empty() {
        return refused("the file of a password is empty");
    }
    if line.starts_with(BYTE_ORDER_MARK) {
        return refused("the file of a password begins with a byte order mark");
    }
    if line.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return refused("the file of a password has more than one line");
    }
    if line.trim_ascii().len() != line.len() {
        return refused("the file of a password has blanks around it");
    }
    Ok(SecretVec::new(line.to_vec()))
}

/// The whole content of the file at `path`, at most 4 MiB, which is no secret.
///
/// With `production`, a file that the group or others may write is refused ([`io::ErrorKind::PermissionDenied`]): what a process
/// is told by it, anybody could say.
pub fn read_plain_file(path: &Path, production: bool) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_regular(path, MAX_FILE)?;
    if production && metadata.mode() & 0o022 != 0 {
        return Err(too_open(metadata.mode(), "a file that is believed must not be written by others", "0644"));
    }
    let mut content = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut content)?;
    Ok(content)
}

/// Opens a regular file of at most `most` bytes, without waiting.
fn open_regular(path: &Path, most: u64) -> io::Result<(File, Metadata)> {
    // Opening a FIFO waits for a writer; a regular file is read as always.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it must be a regular file"));
    }
    if metadata.len() > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {} KiB", most / 1024)));
    }
    Ok((file, metadata))
}

fn check_secret(mode: u32, own: bool) -> io::Result<()> {
    let forbidden = if own { 0o077 } else { 0o027 };
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(too_open(mode, "a secret file must not be open to others", "0400 or 0600"))
}

fn too_open(mode: u32, rule: &str, expected: &str) -> io::Error {
    let hint = format!("{rule}: mode {:04o}, expected {expected}", mode & 0o7777);
    io::Error::new(io::ErrorKind::PermissionDenied, hint)
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
    fn production_refuses_a_plain_file_that_others_may_write() {
        for (mode, is_read) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false), (0o666, false)] {
            with_file(&format!("plain-{mode:o}"), b"a policy", mode, |path| {
                assert_eq!(read_plain_file(path, true).is_ok(), is_read, "{mode:o}");
                assert_eq!(read_plain_file(path, false).unwrap(), b"a policy");
            });
        }
    }

    #[test]
    fn a_file_given_to_our_group_by_its_owner_is_read() {
        assert!(check_secret(0o100_440, false).is_ok());
        assert!(check_secret(0o100_440, true).is_err());
        assert!(check_secret(0o100_460, false).is_err());
        assert!(check_secret(0o100_444, false).is_err());
    }

    #[test]
    fn a_private_file_is_read_whole() {
        with_file("private", b"root key", 0o600, |path| {
            assert_eq!(read_secret_file(path, true).unwrap().expose(), b"root key");
        });
    }

    #[test]
    fn a_password_is_one_line_and_nothing_that_nobody_sees() {
        for (name, content, password) in [
            ("bare", &b"pass word"[..], Some(&b"pass word"[..])),
            ("line", b"password\n", Some(b"password")),
            ("dos", b"password\r\n", Some(b"password")),
            ("empty", b"", None),
            ("blank", b"\n", None),
            ("mark", b"\xef\xbb\xbfpassword\n", None),
            ("lines", b"password\nanother\n", None),
            ("empty-line", b"password\n\n", None),
            ("nul", b"pass\0word", None),
            ("before", b" password\n", None),
            ("behind", b"password \n", None),
            ("tab", b"password\t\n", None),
        ] {
            with_file(name, content, 0o600, |path| {
                let read = read_password_file(path, true);
                assert_eq!(read.as_ref().ok().map(SecretVec::expose), password, "{name}");
                assert!(read.err().is_none_or(|error| error.kind() == io::ErrorKind::InvalidData), "{name}");
            });
        }
    }

    #[test]
    fn what_is_no_regular_file_or_too_large_is_refused_at_once() {
        let fifo = std::env::temp_dir().join(format!("strongroom-secret-{}-fifo", std::process::id()));
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for path in [&std::env::temp_dir(), &fifo, Path::new("/dev/zero")] {
            let read: [io::Result<()>; 2] =
                [read_secret_file(path, false).map(drop), read_plain_file(path, false).map(drop)];
            for read in read {
                assert_eq!(read.unwrap_err().kind(), io::ErrorKind::InvalidInput, "{}", path.display());
            }
        }
        std::fs::remove_file(&fifo).unwrap();
        with_file("long", &vec![0; 64 * 1024 + 1], 0o600, |path| {
            assert_eq!(read_secret_file(path, true).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        });
        with_file("longer", &vec![0; 4 * 1024 * 1024 + 1], 0o600, |path| {
            assert_eq!(read_plain_file(path, true).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        });
    }
}
