//! What protects the root key at rest: a seal gives the 32-byte key that the root key is wrapped under.

use std::io;
use std::path::{Path, PathBuf};

use secret::SecretBytes;

/// Marks a secret file that must never protect real data, in its name or as its first line.
const INSECURE_MARK: &str = "INSECURE-DEV-ONLY";

/// How the root key is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKind {
    /// By a mounted 32-byte secret.
    File,
}

impl SealKind {
    /// The number that stands for the kind in the database.
    pub fn code(self) -> i16 {
        match self {
            Self::File => 1,
        }
    }

    /// The kind behind a number; `None` for an unknown one.
    pub fn from_code(code: i16) -> Option<Self> {
        (code == 1).then_some(Self::File)
    }
}

/// Why a seal gives no key.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The file cannot be read, or others may read it.
    #[error("cannot read the seal's secret file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds neither 32 bytes nor 64 hexadecimal digits.
    #[error(
        "the seal's secret file {} must hold exactly 32 bytes, or 64 hexadecimal digits \
         (openssl rand -hex 32 > FILE)", path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The file holds 32 characters: a passphrase, or half of what `openssl rand -hex 32` writes.
    #[error(
        "the seal's secret file {} holds 32 printable characters, which are no random bytes: make it with \
         openssl rand -hex 32 > FILE", path.display()
    )]
    Text {
        /// The file.
        path: PathBuf,
    },
    /// The file is marked as insecure and this is production.
    #[error(
        "the seal's secret file {} is marked INSECURE-DEV-ONLY and refused when environment = \"production\"",
        path.display()
    )]
    Insecure {
        /// The file.
        path: PathBuf,
    },
}

/// Gives the key that the root key is wrapped under.
pub trait Seal: Send + Sync + std::fmt::Debug {
    /// Which kind it is.
    fn kind(&self) -> SealKind;

    /// The seal's key, fetched anew.
    fn key(&self) -> Result<SecretBytes<32>, SealError>;
}

/// A mounted secret: 32 bytes, or 64 hexadecimal digits, after an optional first line `INSECURE-DEV-ONLY`.
#[derive(Debug)]
pub struct FileSeal {
    path: PathBuf,
    production: bool,
}

impl FileSeal {
    /// A seal out of `path`. In production a file that is marked insecure, or that others may read, is refused.
    pub fn new(path: &Path, production: bool) -> Self {
        Self { path: path.to_owned(), production }
    }

    fn parse(&self, content: &[u8]) -> Result<SecretBytes<32>, SealError> {
        let named = self.path.file_name().is_some_and(|name| name.to_string_lossy().contains(INSECURE_MARK));
        let body = content.strip_prefix(INSECURE_MARK.as_bytes());
        if self.production && (named || body.is_some()) {
            return Err(SealError::Insecure { path: self.path.clone() });
        }
        let malformed = || SealError::Malformed { path: self.path.clone() };
        if let Some(raw) = SecretBytes::from_slice(content) {
            // 32 random bytes look so once in 10^13.
            let is_text = content.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
            return if is_text { Err(SealError::Text { path: self.path.clone() }) } else { Ok(raw) };
        }
        from_hex(body.unwrap_or(content).trim_ascii()).ok_or_else(malformed)
    }
}

impl Seal for FileSeal {
    fn kind(&self) -> SealKind {
        SealKind::File
    }

    fn key(&self) -> Result<SecretBytes<32>, SealError> {
        let content = secret::read_secret_file(&self.path, self.production)
            .map_err(|source| SealError::Read { path: self.path.clone(), source })?;
        self.parse(content.expose())
    }
}

fn from_hex(digits: &[u8]) -> Option<SecretBytes<32>> {
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = SecretBytes::zeroed();
    for (byte, pair) in bytes.expose_mut().iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = u8::try_from(char::from(high).to_digit(16)? * 16 + char::from(low).to_digit(16)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, production: bool, content: &[u8]) -> Result<SecretBytes<32>, SealError> {
        FileSeal::new(Path::new(name), production).parse(content)
    }

    #[test]
    fn a_marked_file_is_refused_in_production_by_name_and_by_content() {
        let hex = "ab".repeat(32);
        let marked = format!("{INSECURE_MARK}\n{hex}\n");
        assert!(matches!(parse("seal", true, marked.as_bytes()), Err(SealError::Insecure { .. })));
        assert!(matches!(parse("INSECURE-DEV-ONLY.key", true, hex.as_bytes()), Err(SealError::Insecure { .. })));
        assert_eq!(parse("seal", false, marked.as_bytes()).unwrap().expose(), &[0xab; 32]);
        assert_eq!(parse("seal", true, hex.as_bytes()).unwrap().expose(), &[0xab; 32]);
    }

    #[test]
    fn anything_but_32_bytes_or_64_digits_is_refused() {
        for content in [&b""[..], &[7; 31], &[7; 33], "ab".repeat(31).as_bytes(), "xy".repeat(32).as_bytes()] {
            assert!(matches!(parse("seal", false, content), Err(SealError::Malformed { .. })));
        }
        assert_eq!(parse("seal", true, &[7; 32]).unwrap().expose(), &[7; 32]);
    }

    #[test]
    fn a_passphrase_of_32_characters_is_no_key() {
        let half = "ab".repeat(16);
        for content in [&b"thirty-one-character-passphrase\n"[..], half.as_bytes()] {
            let error = parse("seal", false, content).unwrap_err();
            assert!(matches!(error, SealError::Text { .. }));
            assert!(!format!("{error} {error:?}").contains("passphrase\n"));
        }
        let mut bytes = [b'a'; 32];
        bytes[31] = 0x80;
        assert!(parse("seal", true, &bytes).is_ok());
    }

    #[test]
    fn no_error_shows_the_content() {
        let error = parse("seal", false, b"hunter2").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
