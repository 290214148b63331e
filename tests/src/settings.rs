//! The configuration files of the services, as an operator would write them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rpc::PolicyFile;

use crate::Error;
use crate::certificates::{self, Identity};
use crate::files::{self, PUBLIC};
use crate::postgres::Address;
use crate::stack::Service;

/// First lines of a file.
const GENERATED: &str = "# Written anew whenever the stack starts: changes are lost. To try other settings, copy the file, and start the service by hand.\n";

/// What one instance of a service is configured with.
#[derive(Clone, Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) service: Service,
    pub(crate) grpc: u16,
    pub(crate) admin: u16,
    pub(crate) identity: &'a Identity,
    pub(crate) ca: &'a Path,
    pub(crate) policy: &'a Path,
    pub(crate) postgres: &'a Address,
    pub(crate) secrets: &'a Path,
    /// Ports of the peers by service.
    pub(crate) peers: BTreeMap<Service, u16>,
    /// Further settings for this service, in TOML; they may be of sections that are there.
    pub(crate) extra: &'a str,
}

impl Settings<'_> {
    /// Writes the file that the service runs with.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = self.common();
        text.push_str(&self.own());
        if !self.extra.is_empty() {
            let malformed = |source: toml::de::Error| Error::Malformed { path: path.to_owned(), source: source.into() };
            let mut settings: toml::Table = toml::from_str(&text).map_err(malformed)?;
            add(&mut settings, toml::from_str(self.extra).map_err(malformed)?);
            text = settings.to_string();
        }
        files::write(path, PUBLIC, text)
    }

    fn common(&self) -> String {
        let mut text = String::from(GENERATED);
        text.push_str("environment = \"development\"\n");
        section(&mut text, "grpc", &[("listen", quoted_address(self.grpc))]);
        section(&mut text, "admin", &[("listen", quoted_address(self.admin))]);
        let tls = [("cert", &*self.identity.cert), ("key", &*self.identity.key), ("ca", self.ca)];
        section(&mut text, "tls", &tls.map(|(name, path)| (name, quoted(path))));
        section(&mut text, "policy", &[("file", quoted(self.policy))]);
        text.push_str(&database(self.postgres, self.service, self.service.role(), self.secrets));
        section(&mut text, "log", &[("level", "\"info\"".to_owned())]);
        text
    }

    /// The sections that only this service has.
    fn own(&self) -> String {
        let mut text = String::new();
        if self.service == Service::Key {
            let file = quoted(&seal_file(self.secrets));
            section(&mut text, "seal", &[("kind", "\"file\"".to_owned()), ("file", file)]);
        }
        for (peer, port) in &self.peers {
            // audit-service has key-service's signer as its peer, and nothing else of it.
            let name =
                if self.service == Service::Audit { "signer".to_owned() } else { format!("{}_service", peer.short()) };
            let endpoint = format!("\"https://127.0.0.1:{port}\"");
            let identity = format!("{:?}", certificates::spiffe_id(peer.binary()));
            section(&mut text, &name, &[("endpoint", endpoint), ("identity", identity)]);
        }
        text
    }
}

/// Adds settings to others, section by section.
fn add(settings: &mut toml::Table, more: toml::Table) {
    for (name, value) in more {
        match (settings.get_mut(&name), value) {
            (Some(toml::Value::Table(section)), toml::Value::Table(more)) => add(section, more),
            (_, value) => drop(settings.insert(name, value)),
        }
    }
}

/// Writes the file that `migrate` runs with: the migrator's role.
pub(crate) fn write_migrator(path: &Path, postgres: &Address, service: Service, secrets: &Path) -> Result<(), Error> {
    let text = database(postgres, service, MIGRATOR, secrets);
    files::write(path, PUBLIC, format!("environment = \"development\"\n{text}"))
}

/// Binds a subject as the shipped policy binds the identity that has the role's name, at root where there is none, and lets
/// it speak for the producer that this identity speaks for.
pub(crate) fn bind(policy: &Path, subject: &str, role: &str) -> Result<(), Error> {
    let mut text = files::read(policy)?;
    let malformed = |source: toml::de::Error| Error::Malformed { path: policy.to_owned(), source: source.into() };
    let parsed: PolicyFile = toml::from_str(&text).map_err(malformed)?;
    if !parsed.roles.iter().any(|known| known.name == role) {
        let known: Vec<&str> = parsed.roles.iter().map(|role| role.name.as_str()).collect();
        return Err(Error::Unknown { what: format!("role {role}; there are {}", known.join(", ")) });
    }
    let model = certificates::spiffe_id(role);
    let mut wanted: Vec<(&str, &str)> = parsed
        .bindings
        .iter()
        .filter(|binding| binding.subject == model)
        .map(|binding| (binding.role.as_str(), binding.scope.as_str()))
        .collect();
    if wanted.is_empty() {
        wanted.push((role, ""));
    }
    let has = |role: &str, scope: &str| {
        parsed.bindings.iter().any(|known| known.subject == subject && known.role == role && known.scope == scope)
    };
    for (role, scope) in wanted.into_iter().filter(|(role, scope)| !has(role, scope)) {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n[[bindings]]\nsubject = {subject:?}\nrole = {role:?}\nscope = {scope:?}\n");
    }
    let speaks = |identity: &str| {
        parsed.producers.iter().any(|producer| producer.identities.iter().any(|known| known == identity))
    };
    if speaks(&model) && !speaks(subject) {
        let first = format!("identities = [{model:?}");
        text = text.replacen(&first, &format!("{first}, {subject:?}"), 1);
    }
    files::write(policy, PUBLIC, text)
}

/// The role that owns the databases and changes their schemas.
pub(crate) const MIGRATOR: &str = "strongroom_migrator";

/// Secret of the development seal; its name says what it is worth.
pub(crate) fn seal_file(secrets: &Path) -> PathBuf {
    secrets.join("INSECURE-DEV-ONLY-root-secret")
}

/// File with the password of a database role.
pub(crate) fn password_file(secrets: &Path, role: &str) -> PathBuf {
    secrets.join(format!("{role}.password"))
}

fn database(postgres: &Address, service: Service, role: &str, secrets: &Path) -> String {
    let mut text = String::new();
    let entries = [
        ("host", format!("{:?}", postgres.host)),
        ("port", postgres.port.to_string()),
        ("name", format!("{:?}", service.database())),
        ("user", format!("{role:?}")),
        ("password_file", quoted(&password_file(secrets, role))),
    ];
    section(&mut text, "database", &entries);
    text
}

fn section(text: &mut String, name: &str, entries: &[(&str, String)]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n[{name}]");
    for (key, value) in entries {
        let _ = writeln!(text, "{key} = {value}");
    }
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

fn quoted_address(port: u16) -> String {
    format!("\"127.0.0.1:{port}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_identity_of_a_service_may_do_and_report_what_the_service_may() {
        let policy = std::env::temp_dir().join(format!("strongroom-policy-{}", std::process::id()));
        files::write(&policy, PUBLIC, include_str!("../../deploy/policy.toml")).unwrap();
        let (service, subject) = (certificates::spiffe_id("vault-service"), "spiffe://strongroom.dev/second");
        for _again in 0..2 {
            bind(&policy, subject, "vault-service").unwrap();
            bind(&policy, "spiffe://strongroom.dev/reader", "auditor").unwrap();
        }
        let parsed: PolicyFile = toml::from_str(&files::read(&policy).unwrap()).unwrap();
        std::fs::remove_file(&policy).unwrap();
        let bound = |subject: &str| parsed.bindings.iter().filter(|binding| binding.subject == subject).count();
        assert_eq!((bound(subject), bound("spiffe://strongroom.dev/reader")), (1, 1));
        let speaks: Vec<_> =
            parsed.producers.iter().filter(|one| one.identities.contains(&subject.to_owned())).collect();
        assert_eq!(speaks.len(), 1);
        assert!(speaks[0].identities.contains(&service), "{speaks:?}");
    }
}
