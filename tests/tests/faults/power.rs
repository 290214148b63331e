//! The machine of a development stack loses its power under load: whatever was not synced is gone, files of the stack's
//! directory included, and all processes.
//!
//! The stack stands on a file system of its own in a file, which is shut down without writing anything back
//! (`EXT4_IOC_SHUTDOWN`), as a cut would leave it. Only root can do that, with mkfs.ext4, mount and perl; elsewhere the test
//! says so and is skipped, or fails where `STRONGROOM_REQUIRE` says `power`, as in CI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rustix::process::Signal;
use stack::processes::ProcessId;

use crate::support::checks::all_holds;
use crate::support::eventually;
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::World;

const CLIENTS: usize = 6;
const INSTANCES: [&str; 3] = ["key", "vault", "audit"];
const SIZE: u64 = 1 << 30;

/// A file system that can lose what was not synced.
struct Disk {
    image: PathBuf,
    mounted_at: PathBuf,
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {}", output.stderr.escape_ascii())) }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Disk {
    fn mount(at: &Path) -> Result<Self, String> {
        let disk = Self { image: at.with_extension("image"), mounted_at: at.to_owned() };
        fs::create_dir_all(at).unwrap();
        fs::File::create(&disk.image).unwrap().set_len(SIZE).unwrap();
        run("mkfs.ext4", &["-q", "-F", text(&disk.image)])?;
        disk.attach()?;
        Ok(disk)
    }

    fn attach(&self) -> Result<(), String> {
        run("mount", &["-o", "loop", text(&self.image), text(&self.mounted_at)])
    }

    /// Nothing reaches the disk any more, and every access fails.
    fn cut(&self) {
        let shutdown =
            "my $how = pack('L', 2); open(my $root, '<', $ARGV[0]) or die; ioctl($root, 0x8004587d, $how) or die";
        run("perl", &["-e", shutdown, text(&self.mounted_at)]).unwrap();
    }

    /// What the machine finds when it has power again, once nobody holds a file of before.
    async fn attach_again(&self) {
        let detached = async || run("umount", &[text(&self.mounted_at)]).ok();
        eventually("all processes to have ended", detached).await;
        self.attach().unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A mount that is still busy goes with its last file; what is left over harms nobody.
        let _ = run("umount", &["--lazy", text(&self.mounted_at)]);
        let _ = (fs::remove_dir(&self.mounted_at), fs::remove_file(&self.image));
    }
}

/// The services, and PostgreSQL's main process.
fn processes(world: &World) -> (Vec<ProcessId>, ProcessId) {
    let postgres = world.describe().unwrap().postgres.pid.unwrap();
    let services = INSTANCES.map(|name| world.process(name).unwrap().unwrap());
    (services.into(), ProcessId::of(postgres).unwrap())
}

/// Ends everything at once. PostgreSQL's processes do not all notice that the main one is gone: one may wait for ever for a
/// lock of another.
fn kill_all((services, postgres): (Vec<ProcessId>, ProcessId)) {
    // No further ones are made.
    assert!(postgres.signal(Signal::STOP));
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", postgres.pid)).unwrap();
    let children = children.split_whitespace().filter_map(|pid| ProcessId::of(pid.parse().unwrap()));
    for process in services.into_iter().chain([postgres]).chain(children) {
        process.signal(Signal::KILL);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let mut disk = Err(String::new());
    // Declared after the disk, so that it is dropped before.
    let mut world = World::start(|options| disk = Disk::mount(&options.directory)).await;
    let disk = match &disk {
        Ok(disk) => disk,
        Err(cause) => {
            assert!(!test_support::is_required("power"), "no power cut can be had, and this run must see one: {cause}");
            return println!("skipped: a power cut takes root, mkfs.ext4, mount and perl: {cause}");
        }
    };
    // The clusters of tests are made without syncing, unlike one that is to stay.
    run("sync", &["--file-system", text(&disk.mounted_at)]).unwrap();
    let load = Load::start("c", (0..CLIENTS).map(|_| world.records("vault")), &mut Random::announced());
    let marker = disk.mounted_at.join("never-synced");
    for _ in 0..3 {
        load.answers(60).await;
        fs::write(&marker, "x").unwrap();
        let processes = processes(&world);
        disk.cut();
        kill_all(processes);
        disk.attach_again().await;
        let left = fs::read(&marker).unwrap_or_default();
        assert!(left.is_empty(), "the control: what was never synced is gone");
        let begun = Instant::now();
        world.restart_postgres().await.unwrap();
        for instance in INSTANCES {
            world.start_again(instance).await;
        }
        load.answers(30).await;
        println!("30 answers {:.2?} after the power was back", begun.elapsed());
    }
    let ledger = load.stop().await;
    assert!(ledger.unknown > 0, "nobody was disturbed");
    all_holds(&world, ledger).await;
}
