//! A stack of a test's own: a directory that is removed afterwards, and kept where the test failed.

use std::io::Write as _;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

use crate::stack::{Stack, StackOptions};
use crate::{Error, files};

/// A stack of a test's own, ended and removed when it is dropped; the directory of a failed test is kept.
#[derive(Debug)]
pub struct Scratch {
    // Dropped in this order: the processes end before their files go.
    stack: Stack,
    _directory: Directory,
}

impl Scratch {
    /// Builds and starts a stack with default settings.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with(|_| ()).await
    }

    /// Builds and starts a stack whose options `change` may change.
    pub async fn start_with(change: impl FnOnce(&mut StackOptions)) -> Result<Self, Error> {
        let directory = std::env::temp_dir().join(format!("strongroom-test-{}", files::random_hex::<8>()?));
        let mut options = StackOptions::of_test(directory.clone());
        change(&mut options);
        let directory = Directory(directory);
        Ok(Self { stack: Stack::start(options).await?, _directory: directory })
    }
}

impl Deref for Scratch {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Stack {
        &mut self.stack
    }
}

#[derive(Debug)]
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Without a standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "the stack's files are kept in {}", self.0.display());
        } else {
            // Left-overs in the temporary directory harm nobody.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
