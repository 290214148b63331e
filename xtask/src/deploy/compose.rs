//! Compose: its form, and that nobody on the host reads its secrets but who made them.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stack::binaries::repository;

use super::objects::Error;
use super::programs;
use crate::{command, system};

const FILE: &str = "deploy/compose.yaml";
const SCRIPT: &str = "deploy/compose/make-secrets.sh";
/// The image's own user.
const IMAGE_USER: u32 = 65532;
/// Somebody who is not root.
const OTHER_USER: u32 = 1000;

/// What is wrong.
pub(crate) fn check() -> Result<Vec<String>, Error> {
    programs::check_compose()?;
    let mut findings = users(&serde_saphyr::from_str(&std::fs::read_to_string(repository().join(FILE))?)?);
    findings.extend(modes(None)?);
    if stack::processes::is_root() {
        findings.extend(modes(Some(OTHER_USER))?);
    }
    Ok(findings)
}

/// Our own images run as the one who may read the secrets.
fn users(compose: &Value) -> Vec<String> {
    let services = compose.get("services").and_then(Value::as_object);
    let ours = services.into_iter().flatten().filter(|(_, service)| service.get("build").is_some());
    let open = ours.filter(|(_, service)| {
        !service.get("user").and_then(Value::as_str).is_some_and(|user| user.starts_with("${STRONGROOM_USER:?"))
    });
    open.map(|(name, _)| format!("{FILE}: {name} does not run as STRONGROOM_USER")).collect()
}

/// Makes the secrets in a place of their own, as the user given, and looks who may read them.
fn modes(user: Option<u32>) -> Result<Vec<String>, Error> {
    let root = place(&user.unwrap_or_default().to_string())?;
    let mut run = run(&root);
    if let Some(user) = user {
        command::output(Command::new("chown").arg("-R").arg(format!("{user}:{user}")).arg(&root))?;
        run.uid(user).gid(user);
    }
    let made = command::output(&mut run).map_err(Error::from).and_then(|_said| readable(&root));
    std::fs::remove_dir_all(&root)?;
    made
}

/// A directory with the script and nothing else, as in this repository.
fn place(name: &str) -> Result<PathBuf, Error> {
    system::openssl()?;
    let root = std::env::temp_dir().join(format!("strongroom-secrets-{}-{name}", std::process::id()));
    let script = root.join(SCRIPT);
    std::fs::create_dir_all(script.parent().ok_or("the script has no directory")?)?;
    std::fs::copy(repository().join(SCRIPT), &script)?;
    Ok(root)
}

/// The script in such a directory.
fn run(root: &Path) -> Command {
    let mut run = Command::new("sh");
    run.arg(root.join(SCRIPT));
    run
}

/// Secrets that others may read, and those that the containers may not.
fn readable(root: &Path) -> Result<Vec<String>, Error> {
    let environment = std::fs::read_to_string(root.join("deploy/.env"))?;
    let user: u32 = environment
        .trim()
        .strip_prefix("STRONGROOM_USER=")
        .and_then(|user| user.split_once(':')?.0.parse().ok())
        .ok_or("make-secrets.sh names no user")?;
    let secrets = root.join("deploy/compose/secrets");
    let mut findings = Vec::new();
    for path in walk(&secrets)? {
        let metadata = std::fs::metadata(&path)?;
        let name = path.strip_prefix(&secrets).unwrap_or(&path).display();
        if metadata.mode() & 0o077 != 0 {
            findings.push(format!("{name} has the mode {:o}: others may read it", metadata.mode() & 0o777));
        }
        if metadata.uid() != user && !path.ends_with("ca.key") {
            findings.push(format!("{name} belongs to {}, and the containers are {user}", metadata.uid()));
        }
    }
    let wanted = if std::fs::metadata(root)?.uid() == 0 { IMAGE_USER } else { OTHER_USER };
    if stack::processes::is_root() && user != wanted {
        findings.push(format!("the containers are {user}, and should be {wanted}"));
    }
    Ok(findings)
}

/// The directory and everything in it.
fn walk(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = vec![directory.to_owned()];
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(walk(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::*;

    #[test]
    fn nobody_else_reads_the_secrets_and_the_containers_do() {
        assert_eq!(modes(None).unwrap(), NONE);
        if stack::processes::is_root() {
            assert_eq!(modes(Some(OTHER_USER)).unwrap(), NONE);
        }
    }

    fn openssl(secrets: &Path, arguments: &[&str]) -> String {
        command::output(Command::new("openssl").args(arguments).current_dir(secrets)).unwrap()
    }

    /// Whether all is there and belongs together.
    fn assert_whole(secrets: &Path, what: &str) {
        for name in ["postgres", "migrator", "key", "vault", "audit"] {
            assert_eq!(std::fs::read(secrets.join(format!("{name}.password"))).unwrap().len(), 48, "{what}");
        }
        assert_eq!(std::fs::read(secrets.join("root-secret")).unwrap().len(), 32, "{what}");
        for (certificate, key) in [
            ("ca.crt", "ca.key"),
            ("key-service/tls.crt", "key-service/tls.key"),
            ("vault-service/tls.crt", "vault-service/tls.key"),
            ("audit-service/tls.crt", "audit-service/tls.key"),
            ("operator/tls.crt", "operator/tls.key"),
            ("app/tls.crt", "app/tls.key"),
            ("auditor/tls.crt", "auditor/tls.key"),
        ] {
            openssl(secrets, &["verify", "-CAfile", "ca.crt", certificate]);
            let certified = openssl(secrets, &["x509", "-in", certificate, "-noout", "-pubkey"]);
            assert_eq!(certified, openssl(secrets, &["pkey", "-in", key, "-pubout"]), "{what}: {certificate}");
            openssl(secrets, &["x509", "-in", certificate, "-noout", "-checkend", "2592000"]);
            let authority = Path::new(certificate).with_file_name("ca.crt");
            assert_eq!(
                std::fs::read(secrets.join(authority)).unwrap(),
                std::fs::read(secrets.join("ca.crt")).unwrap(),
                "{what}: {certificate}"
            );
        }
        let known = ["password", "crt", "key"].map(Some);
        for path in walk(secrets).unwrap().into_iter().filter(|path| path.is_file()) {
            let extension = path.extension().and_then(|extension| extension.to_str());
            assert!(known.contains(&extension) || path.ends_with("root-secret"), "{what}: {}", path.display());
        }
    }

    #[test]
    fn what_was_interrupted_is_made_up_for_and_what_is_whole_is_kept() {
        type Damage = fn(&Path);
        let damages: [(&str, Damage); 10] = [
            ("an empty password", |secrets| std::fs::write(secrets.join("key.password"), "").unwrap()),
            ("no certificate of the CA", |secrets| std::fs::remove_file(secrets.join("ca.crt")).unwrap()),
            ("no key of the CA", |secrets| std::fs::remove_file(secrets.join("ca.key")).unwrap()),
            ("half of the CA's certificate", |secrets| cut_short(&secrets.join("ca.crt"))),
            ("the key of another CA", |secrets| {
                std::fs::copy(secrets.join("app/tls.key"), secrets.join("ca.key")).unwrap();
            }),
            ("an empty file of serial numbers, as there were, and a certificate to make", |secrets| {
                std::fs::write(secrets.join("ca.srl"), "").unwrap();
                std::fs::remove_file(secrets.join("app/tls.crt")).unwrap();
            }),
            ("an empty certificate", |secrets| std::fs::write(secrets.join("app/tls.crt"), "").unwrap()),
            ("half of a certificate", |secrets| cut_short(&secrets.join("app/tls.crt"))),
            ("the key of another certificate, and what is left on the way", |secrets| {
                std::fs::copy(secrets.join("operator/tls.key"), secrets.join("app/tls.key")).unwrap();
                std::fs::write(secrets.join("app/request"), "").unwrap();
                std::fs::write(secrets.join("app/tls.crt.new"), "").unwrap();
            }),
            ("a certificate that is about to end", |secrets| {
                let request = ["req", "-new", "-key", "app/tls.key", "-subj", "/CN=app", "-out", "app/request"];
                openssl(secrets, &request);
                let sign = "x509 -req -in app/request -CA ca.crt -CAkey ca.key -set_serial 1 -days 29 -out app/tls.crt";
                openssl(secrets, &sign.split(' ').collect::<Vec<_>>());
            }),
        ];
        let root = place("interrupted").unwrap();
        let secrets = root.join("deploy/compose/secrets");
        command::output(&mut run(&root)).unwrap();
        assert_whole(&secrets, "the first time");
        for (what, damage) in damages {
            let kept = std::fs::read(secrets.join("audit.password")).unwrap();
            damage(&secrets);
            command::output(&mut run(&root)).unwrap();
            assert_whole(&secrets, what);
            assert_eq!(std::fs::read(secrets.join("audit.password")).unwrap(), kept, "{what}");
        }
        let all = || walk(&secrets).unwrap().into_iter().filter(|path| path.is_file());
        let read = |path: PathBuf| (std::fs::read(&path).unwrap(), path);
        let before: Vec<_> = all().map(read).collect();
        command::output(&mut run(&root)).unwrap();
        assert!(all().map(read).eq(before), "what is whole has changed");
        std::fs::remove_dir_all(&root).unwrap();
    }

    /// Runs the script, which must end with 1, and returns what it says.
    fn refused(root: &Path) -> String {
        let output = run(root).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn the_seals_secret_is_never_written_over() {
        let root = place("seal").unwrap();
        let (secrets, settings) = (root.join("deploy/compose/secrets"), root.join("deploy/.env"));
        let file = secrets.join("root-secret");
        // Settings alone are no stack that was set up, and an empty file is none that was made.
        std::fs::create_dir_all(&secrets).unwrap();
        std::fs::write(&settings, "POSTGRES_IMAGE=other\n").unwrap();
        std::fs::write(&file, "").unwrap();
        command::output(&mut run(&root)).unwrap();
        assert_whole(&secrets, "the first time");
        assert!(std::fs::read_to_string(&settings).unwrap().starts_with("POSTGRES_IMAGE=other\nSTRONGROOM_USER="));
        assert!(!root.join("deploy/.env.new").exists());

        let genuine = std::fs::read(&file).unwrap();
        let hexadecimal = "0f".repeat(32);
        let half = genuine.get(..16).unwrap();
        for other in [&[&genuine[..], b"\n"].concat(), hexadecimal.as_bytes(), half, b"x"] {
            std::fs::write(&file, other).unwrap();
            assert!(refused(&root).contains(&format!("has {} bytes", other.len())));
            assert_eq!(std::fs::read(&file).unwrap(), other);
        }
        std::fs::write(&file, "").unwrap();
        assert!(refused(&root).contains("--new-root-secret"));
        assert_eq!(std::fs::read(&file).unwrap(), b"");
        std::fs::remove_file(&file).unwrap();
        assert!(refused(&root).contains("--new-root-secret"));
        assert!(!file.exists());

        let make_new = || {
            command::output(run(&root).arg("--new-root-secret")).unwrap();
            assert_whole(&secrets, "a new one");
            std::fs::read(&file).unwrap()
        };
        let new = make_new();
        assert_ne!(new, genuine);
        assert_eq!(make_new(), new, "one that is there is kept");
        std::fs::remove_dir_all(&root).unwrap();
    }

    fn cut_short(path: &Path) {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, bytes.get(..bytes.len() / 2).unwrap()).unwrap();
    }

    #[test]
    fn a_service_of_another_user_is_found() {
        let text = std::fs::read_to_string(repository().join(FILE)).unwrap();
        assert_eq!(users(&serde_saphyr::from_str(&text).unwrap()), NONE);
        let other = text.replace("  user: \"${STRONGROOM_USER:?run deploy/compose/make-secrets.sh first}\"\n", "");
        assert_eq!(users(&serde_saphyr::from_str(&other).unwrap()).len(), 6);
    }
}
