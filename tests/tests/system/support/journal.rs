//! The logs of the services: a warning or an error that no test announced is a failure.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use stack::Stack;

/// How long a line that nobody announced may wait for its announcement: another test may still be waiting for the answer
/// that explains it.
const GRACE: Duration = Duration::from_secs(5);

/// How calls end that did not come to an end in time. How fast the services are is measured elsewhere: here the machine may
/// be busy with other things.
const LATE: &str = "\"code\":\"DEADLINE_EXCEEDED\"";
/// What services say when calls of theirs were late.
const CONSEQUENCES: [&str; 2] = ["a batch was put off", "events cannot be delivered: trying again"];

/// The logs of one stack, and the lines that tests have announced.
#[derive(Debug)]
pub(crate) struct Journal {
    files: BTreeMap<String, PathBuf>,
    announced: Mutex<Vec<Vec<String>>>,
}

/// The logs from a point in time on.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    journal: &'a Journal,
    begun: BTreeMap<&'a str, u64>,
}

impl Journal {
    /// The logs of a stack's services.
    pub(crate) fn of(stack: &Stack) -> Self {
        let files = ["key", "vault", "audit"].map(|name| (name.to_owned(), stack.log(name)));
        Self { files: files.into(), announced: Mutex::default() }
    }

    /// From now on, a warning or error that contains all these texts is expected.
    pub(crate) fn announce(&self, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).push(texts);
    }

    /// From now on, whatever the services say of a log that was tampered with is expected.
    pub(crate) fn announce_tampering(&self, log: &str) {
        self.announce(&[log.trim_start_matches("logs/")]);
        self.announce(&[&super::entries::log_id(log).to_string()]);
    }

    /// Watches from now on.
    pub(crate) fn watch(&self) -> Watch<'_> {
        let begun = self.files.iter().map(|(name, path)| (name.as_str(), fs::metadata(path).map_or(0, |m| m.len())));
        Watch { journal: self, begun: begun.collect() }
    }

    /// All errors so far.
    pub(crate) fn errors(&self) -> Vec<String> {
        let logs = self.files.values().map(|path| fs::read_to_string(path).unwrap());
        let lines = logs.flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| is_alarming(line) && level(line).as_deref() != Some("WARN")).collect()
    }

    fn is_announced(&self, line: &str) -> bool {
        let announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        announced.iter().any(|texts| texts.iter().all(|text| line.contains(text.as_str())))
    }
}

impl Watch<'_> {
    /// Fails where a service has warned of something that no test announced, or panicked.
    pub(crate) async fn check(&self) {
        let mut lines = Vec::new();
        let quiet = test_support::poll_until(GRACE, "service logs without surprises", async || {
            lines = self.surprises();
            lines.is_empty().then_some(())
        });
        let is_quiet = quiet.await.is_ok();
        assert!(is_quiet, "unexpected lines in the logs of the services:\n{}", lines.join("\n"));
    }

    /// Complete lines since the beginning.
    pub(crate) fn lines(&self, instance: &str) -> Vec<String> {
        let mut file = fs::File::open(&self.journal.files[instance]).unwrap();
        file.seek(SeekFrom::Start(self.begun[instance])).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::to_owned).collect()
    }

    fn surprises(&self) -> Vec<String> {
        let mut surprises = Vec::new();
        for instance in self.journal.files.keys() {
            for line in self.lines(instance) {
                if is_alarming(&line) && !self.journal.is_announced(&line) {
                    surprises.push(format!("{instance}: {}", line.trim_end()));
                }
            }
        }
        let is_late = |line: &String| line.contains(LATE);
        if surprises.iter().any(is_late) {
            surprises.retain(|line| !is_late(line) && !CONSEQUENCES.iter().any(|text| line.contains(text)));
        }
        surprises
    }
}

/// A warning, an error, or something that is no log line at all, as a panic before the logs are set up would be.
fn is_alarming(line: &str) -> bool {
    !matches!(level(line).as_deref(), Some("INFO" | "DEBUG" | "TRACE"))
}

fn level(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok()?["level"].as_str().map(str::to_owned)
}

#[test]
fn warnings_errors_and_raw_panics_are_alarming_and_other_lines_are_not() {
    assert!(!is_alarming("{\"level\":\"INFO\",\"message\":\"ready\"}\n"));
    assert!(is_alarming("{\"level\":\"WARN\",\"message\":\"call failed\"}\n"));
    assert!(is_alarming("{\"level\":\"ERROR\",\"message\":\"panic\"}\n"));
    assert!(is_alarming("thread 'main' panicked at src/main.rs:1:1:\n"));
}
