//! The stacks that tests share: building and starting one takes seconds, so there are two.
//!
//! Most tests run side by side on one stack, each with tenants of its own. Tests that compare whole databases before and
//! after run on a second one, one at a time.

use std::io::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, PoisonError};

use stack::certificates::Identity;
use stack::{Scratch, Service, Stack, StackOptions};
use tokio::sync::{Mutex, OnceCell};

use super::calls::Caller;
use super::journal::Journal;
use super::sql::Sql;

/// A running stack with what tests need to use it.
#[derive(Debug)]
pub(crate) struct World {
    stack: Scratch,
    journal: Arc<Journal>,
    reaper: Reaper,
}

/// Runs a test on the stack that all such tests share; fails where a service warned of something that the test did not
/// announce.
pub(crate) async fn on_shared_stack(test: impl AsyncFnOnce(&World)) {
    static SHARED: OnceCell<World> = OnceCell::const_new();
    run(SHARED.get_or_init(World::start).await, test).await;
}

/// Runs a test on a stack that no other test uses meanwhile.
pub(crate) async fn on_quiet_stack(test: impl AsyncFnOnce(&World)) {
    static QUIET: OnceCell<World> = OnceCell::const_new();
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    run(QUIET.get_or_init(World::start).await, test).await;
}

/// Runs a test on a stack of its own, whose options `change` may change.
pub(crate) async fn on_own_stack(change: impl FnOnce(&mut StackOptions), test: impl AsyncFnOnce(&World)) {
    run(&World::start_with(change).await, test).await;
}

async fn run(world: &World, test: impl AsyncFnOnce(&World)) {
    let kept = world.reaper.keep_if_panicking();
    let watch = world.journal.watch();
    test(world).await;
    watch.check().await;
    drop(kept);
}

impl World {
    async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    async fn start_with(change: impl FnOnce(&mut StackOptions)) -> Self {
        let stack = Scratch::start_with(change).await.unwrap_or_else(|error| panic!("{}", chain(&error)));
        let journal = Journal::of(&stack);
        let reaper = Reaper::of(&stack);
        let world = Self { stack, journal: Arc::new(journal), reaper };
        world.settle().await;
        world
    }

    /// Services start in any order and warn while their peers are away: waits until all of them are there.
    async fn settle(&self) {
        super::places::Place::settled(self).await;
        super::entries::all_delivered(self).await;
        let errors = self.journal.errors();
        assert!(errors.is_empty(), "errors at the start of a stack:\n{}", errors.join("\n"));
    }

    /// A caller with the certificate `name`: operator, app, auditor, stranger or a service.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        self.caller_with(name, &self.stack.identity(name).unwrap())
    }

    /// A caller with another certificate of this stack's authority.
    pub(crate) fn caller_with(&self, name: &str, identity: &Identity) -> Caller {
        Caller::new(name, &self.stack, identity, Arc::clone(&self.journal))
    }

    /// Replaces the policy that all services read, at once.
    pub(crate) fn replace_policy(&self, text: &str) {
        let (path, beside) = (self.stack.policy(), self.stack.policy().with_extension("toml.new"));
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    /// The superuser's connection to a service's database.
    pub(crate) async fn sql(&self, service: Service) -> Sql {
        Sql::connect(&self.stack.database_url(service).unwrap()).await
    }

    /// Warnings and errors of the services.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Text of an instance's log.
    pub(crate) fn log_text(&self, instance: &str) -> String {
        std::fs::read_to_string(self.stack.log(instance)).unwrap()
    }

    /// What an admin port answers to a GET.
    pub(crate) async fn admin(&self, instance: &str, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(self.stack.admin(instance).unwrap()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

impl Deref for World {
    type Target = Stack;

    fn deref(&self) -> &Stack {
        &self.stack
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Removes the files of a stack that lives as long as the test binary: a shell waits for the end of its input, which
/// comes when the binary ends, however that comes about. The kernel ends the services then, and their PostgreSQL ends
/// itself.
#[derive(Debug)]
struct Reaper {
    input: std::sync::Mutex<ChildStdin>,
    _shell: Child,
    directory: PathBuf,
}

/// Keeps the files where the test that holds it fails.
struct KeepIfPanicking<'a>(&'a Reaper);

impl Reaper {
    fn of(stack: &Stack) -> Self {
        let mut directories = vec![stack.directory().to_owned()];
        let data = stack.describe().unwrap().postgres.data;
        let elsewhere = data.as_deref().and_then(Path::parent).and_then(Path::parent);
        directories.extend(elsewhere.filter(|parent| !parent.starts_with(stack.directory())).map(Path::to_owned));
        let mut shell = Command::new("sh")
            .args(["-c", "trap '' INT TERM HUP; read -r _keep || rm -rf -- \"$@\"", "reaper"])
            .args(&directories)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = std::sync::Mutex::new(shell.stdin.take().unwrap());
        Self { input, _shell: shell, directory: stack.directory().to_owned() }
    }

    fn keep_if_panicking(&self) -> KeepIfPanicking<'_> {
        KeepIfPanicking(self)
    }
}

impl Drop for KeepIfPanicking<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut input = self.0.input.lock().unwrap_or_else(PoisonError::into_inner);
            // The shell is gone where another test has said so before.
            let _ = input.write_all(b"keep\n");
            eprintln!("the stack's files are kept in {}", self.0.directory.display());
        }
    }
}
