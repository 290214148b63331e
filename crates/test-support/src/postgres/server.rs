//! The server process and what ends it.
//!
//! An ephemeral server runs under a small shell that reads a pipe held by this process. However this process ends, the
//! pipe closes, and the shell ends the server and removes its directory. No signal handler, no destructor is needed.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};

use super::binaries::{Binaries, printable, run};
use super::error::{Error, file_error};
use super::files::{Files, KEEP};

/// `$0` directory, `$1` non-empty: keep the directory; the rest: the server. A line on the pipe is the signal to end the
/// server with, keeping the directory; the end of the pipe means to end it at once and to remove the directory.
const SUPERVISOR: &str = r#"
directory=$0; keep=$1; shift
trap '' INT
exec 3<&0
"$@" >>"$directory/postgres.log" 2>&1 </dev/null 3<&- &
server=$!
(
    read -r signal <&3
    echo "$signal" >"$directory/order"
    kill -s "${signal:-QUIT}" "$server" 2>/dev/null
) &
wait "$server"
status=$?
if [ -f "$directory/order" ]; then
    signal=$(cat "$directory/order")
    rm -f "$directory/order"
    [ -n "$signal" ] || [ -n "$keep" ] || rm -rf "$directory"
fi
exit "$status"
"#;

#[derive(Debug)]
pub(super) struct Server {
    port: u16,
    supervisor: Option<(Child, ChildStdin)>,
}

impl Server {
    /// Starts a server that ends with this process. `port` 0: a free one.
    pub(super) fn supervised(binaries: &Binaries, files: &Files, port: u16) -> Result<Self, Error> {
        files.remove_stale_locks()?;
        let port = if port == 0 { free_port()? } else { port };
        let keep = if std::env::var_os(KEEP).is_some() { "keep" } else { "" };
        let mut command = binaries.command(Path::new("/bin/sh"));
        command
            .args(["-c", SUPERVISOR])
            .arg(files.directory())
            .arg(keep)
            .arg(binaries.program("postgres"))
            .arg("-D")
            .arg(files.data())
            .args(["-p", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let failed = |output: String| Error::Program { command: "postgres".to_owned(), output };
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        let pipe = child.stdin.take().ok_or_else(|| failed("no pipe to the supervisor".to_owned()))?;
        Ok(Self { port, supervisor: Some((child, pipe)) })
    }

    /// Starts a server that goes on without this process, or finds it running.
    pub(super) fn detached(binaries: &Binaries, files: &Files, port: u16) -> Result<Self, Error> {
        files.remove_stale_locks()?;
        let mut status = binaries.command(&binaries.program("pg_ctl"));
        status.arg("status").arg("-D").arg(files.data());
        if run(&mut status).is_ok()
            && let Some((_, port)) = files.lock_file()
        {
            return Ok(Self { port, supervisor: None });
        }
        let port = if port == 0 { free_port()? } else { port };
        let mut start = binaries.command(&binaries.program("pg_ctl"));
        start.arg("start").arg("--wait").arg("--silent").arg("-D").arg(files.data()).arg("-l").arg(files.log());
        start.arg("-o").arg(format!("-p {port}"));
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let done = start.status().map_err(file_error(Path::new("pg_ctl")))?;
        if done.success() {
            Ok(Self { port, supervisor: None })
        } else {
            Err(Error::Program { command: printable(&start), output: files.log_tail() })
        }
    }

    /// Stops a detached server in good order.
    pub(super) fn stop_detached(binaries: &Binaries, files: &Files) -> Result<(), Error> {
        if files.lock_file().is_none() {
            return Ok(());
        }
        let mut stop = binaries.command(&binaries.program("pg_ctl"));
        stop.arg("stop").arg("--wait").arg("--silent").args(["-m", "fast", "-D"]).arg(files.data());
        run(&mut stop).map(drop)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the process is known to be gone; a detached one is never known to be.
    pub(super) fn exited(&mut self) -> bool {
        match &mut self.supervisor {
            Some((child, _)) => child.try_wait().is_ok_and(|status| status.is_some()),
            None => false,
        }
    }

    /// Ends the server and waits for it.
    pub(super) fn end(self, remove: bool) {
        if let Some((mut child, mut pipe)) = self.supervisor {
            if !remove {
                // A server that is gone already reads no order.
                let _ = pipe.write_all(b"INT\n");
            }
            drop(pipe);
            let _ = child.wait();
        }
    }
}

pub(super) fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(file_error(Path::new("127.0.0.1")))
}
