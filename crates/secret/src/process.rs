//! What a process that holds keys switches off for itself.

use std::io;

/// What [`harden_process`] reached. Anything that is not `Ok` is worth a warning at start.
#[derive(Debug)]
pub struct Hardening {
    /// `PR_SET_DUMPABLE=0`: no core dump, and no other process of the same user reads this one's memory.
    pub not_dumpable: io::Result<()>,
    /// `RLIMIT_CORE=0`: no core dump, should the flag be set again by an exec.
    pub no_core_file: io::Result<()>,
}

impl Hardening {
    /// Whether all of it was reached.
    pub fn is_complete(&self) -> bool {
        self.not_dumpable.is_ok() && self.no_core_file.is_ok()
    }
}

/// Forbids core dumps and tracing by other processes of the same user. Called once, before any secret is read.
pub fn harden_process() -> Hardening {
    let nothing: libc::c_ulong = 0;
    // SAFETY: PR_SET_DUMPABLE takes integers only and touches no memory of ours.
    let dumpable = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, nothing, nothing, nothing, nothing) };
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `none` outlives the call, which only reads it.
    let core = unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    Hardening { not_dumpable: outcome(dumpable), no_core_file: outcome(core) }
}

/// Whether the effective user is root, which no service should run as.
pub fn runs_as_root() -> bool {
    effective_uid() == 0
}

pub(crate) fn effective_uid() -> u32 {
    // SAFETY: geteuid has no arguments and cannot fail.
    unsafe { libc::geteuid() }
}

fn outcome(status: libc::c_int) -> io::Result<()> {
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set in the process that hardens itself.
    const CHILD: &str = "STRONGROOM_TEST_HARDENS_ITSELF";

    /// In a process of its own: other tests of this one read its memory, which a hardened process forbids.
    #[test]
    fn a_hardened_process_cannot_dump_core() {
        if std::env::var_os(CHILD).is_some() {
            return is_hardened();
        }
        let name = "process::tests::a_hardened_process_cannot_dump_core";
        let test = std::env::current_exe().unwrap();
        let child = std::process::Command::new(test).args([name, "--exact"]).env(CHILD, "1").output().unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        // SAFETY: PR_GET_DUMPABLE takes no further arguments.
        assert_eq!(unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }, 1, "the control: this process is not hardened");
    }

    fn is_hardened() {
        let hardening = harden_process();
        assert!(hardening.is_complete(), "{hardening:?}");
        // SAFETY: PR_GET_DUMPABLE takes no further arguments.
        assert_eq!(unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }, 0);
        let limits = std::fs::read_to_string("/proc/thread-self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    }
}
