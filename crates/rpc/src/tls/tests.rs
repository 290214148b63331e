//! What is used of the same files as time goes by, and where a clock is wrong for a while.

use std::fs;
use std::path::{Path, PathBuf};

use test_support::certs::{Authority, Subject};

use super::*;

const ID: &str = "spiffe://test.dev/service";

/// The middle of a year, in which every authority and certificate is valid that is meant to be.
fn in_year(year: i64) -> Time {
    Time((year - 1970) * 31_556_952 + 15_778_476)
}

/// A certificate for authorities, or for [`ID`], that is valid from the first of one year to the first of another.
fn subject(is_authority: bool, from: i32, until: i32) -> Subject {
    let (not_before, not_after) = ((from, 1, 1), (until, 1, 1));
    Subject { is_authority, not_before, not_after, ..Subject::spiffe(ID) }
}

/// Files in a directory of the test's own, of what `authority` signs.
struct Home {
    directory: PathBuf,
    authority: Authority,
}

impl Home {
    fn new(test: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("strongroom-tls-{}-{test}", std::process::id()));
        Self { authority: Authority::open(&directory, "test authority").unwrap(), directory }
    }

    fn authority(&self, name: &str, from: i32, until: i32) -> PathBuf {
        self.authority.issue(name, &subject(true, from, until)).unwrap().cert
    }

    /// Loads a leaf of 2000 to 2090, with more certificates behind it, and a bundle.
    fn load(&self, behind: &[&Path], bundle: &[&Path]) -> Tls {
        let leaf = self.authority.issue("service", &subject(false, 2000, 2090)).unwrap();
        let whole = |parts: &[&Path]| parts.iter().flat_map(|path| fs::read(path).unwrap()).collect::<Vec<_>>();
        fs::write(self.directory.join("bundle"), whole(bundle)).unwrap();
        fs::write(&leaf.cert, whole(&[&[leaf.cert.as_path()], behind].concat())).unwrap();
        let config = TlsConfig { cert: leaf.cert, key: leaf.key, ca: self.directory.join("bundle") };
        Tls::load(&config, Uses::ServerAndClient, false).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.directory));
    }
}

/// Nobody is trusted then, which each reload says.
async fn trusts_nobody_in(tls: &Tls, year: i64) {
    for _ in 0..3 {
        tls.reload_at(in_year(year)).await.unwrap_err();
        tls.check_trust().unwrap_err();
    }
}

async fn trusts_again_in(tls: &Tls, year: i64) {
    assert!(tls.reload_at(in_year(year)).await.unwrap());
    tls.check_trust().unwrap();
    assert!(!tls.reload_at(in_year(year)).await.unwrap());
}

#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_leaves_nothing_behind() {
    let home = Home::new("clock");
    let tls = home.load(&[], &[&home.authority.ca()]);
    trusts_nobody_in(&tls, 2010).await;
    trusts_again_in(&tls, 2030).await;
    // Before the own certificate's time, too.
    trusts_nobody_in(&tls, 1990).await;
    trusts_again_in(&tls, 2030).await;
}

#[tokio::test]
async fn an_authority_is_trusted_when_its_time_comes_after_a_time_of_none() {
    let home = Home::new("later");
    let later = home.authority("later", 2050, 2060);
    let tls = home.load(&[], &[&home.authority.ca(), &later]);
    assert!(matches!(&*tls.left_out(), [reason] if reason.contains("\"CN=later\" is not valid yet")));
    trusts_nobody_in(&tls, 2046).await;
    trusts_again_in(&tls, 2055).await;
    assert!(matches!(&*tls.left_out(), [reason] if reason.contains("\"CN=test authority\" has expired")));
}

/// The files are refused meanwhile, and what was in use before is what is looked at.
#[tokio::test]
async fn authorities_come_and_go_whatever_has_become_of_the_files() {
    let home = Home::new("refused");
    let later = home.authority("later", 2050, 2060);
    let tls = home.load(&[], &[&home.authority.ca(), &later]);
    fs::write(home.directory.join("service.key"), "no key").unwrap();
    trusts_nobody_in(&tls, 2046).await;
    tls.reload_at(in_year(2055)).await.unwrap_err();
    tls.check_trust().unwrap();
}

#[tokio::test]
async fn certificates_behind_the_own_one_are_used_in_their_time() {
    let home = Home::new("chain");
    let (brief, later) = (home.authority("brief", 2020, 2040), home.authority("later", 2035, 2060));
    let tls = home.load(&[&brief, &later], &[&home.authority.ca()]);
    let ends_with = |year, until: i64| {
        let until = in_year(until);
        let ends = tls.0.current.load().own_until(in_year(year));
        assert!(Time(until.0 - 31_556_952) < ends && ends < until, "{ends} in {year}");
    };
    let left_out = |expected: &str| assert!(matches!(&*tls.left_out(), [reason] if reason.contains(expected)));
    left_out("\"CN=later\" is not valid yet");
    ends_with(2030, 2040);
    assert!(tls.reload_at(in_year(2037)).await.unwrap());
    assert_eq!(tls.left_out(), Vec::<String>::new());
    ends_with(2037, 2040);
    // What has ended ends nothing, from that moment on.
    ends_with(2042, 2060);
    assert!(tls.reload_at(in_year(2042)).await.unwrap());
    left_out("\"CN=brief\" has expired");
    assert!(!tls.reload_at(in_year(2043)).await.unwrap());
}
