//! The configuration files of the services, as an operator would write them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rpc::{MethodTable, PolicyFile};

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

/// Binds a subject to a role at `scopes`. Where none are given it is bound as the shipped policy binds the identity that has
/// the role's name, at root where there is none, and speaks for the producer that this identity speaks for. Nothing is
/// written where the services would refuse the policy. The subject's bindings that hold from then on: role and scope.
pub(crate) fn bind(
    policy: &Path,
    subject: &str,
    role: &str,
    scopes: &[String],
) -> Result<Vec<(String, String)>, Error> {
    let mut text = files::read(policy)?;
    let refused =
        |source: rpc::policy::PolicyError| Error::Malformed { path: policy.to_owned(), source: source.into() };
    let parsed = PolicyFile::parse(&text).map_err(refused)?;
    if !parsed.roles.iter().any(|known| known.name == role) {
        let known: Vec<&str> = parsed.roles.iter().map(|role| role.name.as_str()).collect();
        return Err(Error::Unknown { what: format!("role {role}; there are {}", known.join(", ")) });
    }
    let model = certificates::spiffe_id(role);
    let mut wanted: BTreeSet<(&str, &str)> = scopes.iter().map(|scope| (role, scope.as_str())).collect();
    if wanted.is_empty() {
        let models = parsed.bindings.iter().filter(|binding| binding.subject == model);
        wanted.extend(models.map(|binding| (binding.role.as_str(), binding.scope.as_str())));
    }
    if wanted.is_empty() {
        wanted.insert((role, ""));
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
    if scopes.is_empty() && speaks(&model) && !speaks(subject) {
        let first = format!("identities = [{model:?}");
        text = text.replacen(&first, &format!("{first}, {subject:?}"), 1);
    }
    let methods = MethodTable::of_api().map_err(|source| Error::Channel(source.into()))?;
    let checked = PolicyFile::parse(&text)
        .and_then(|file| file.check(&methods))
        .map_err(|source| Error::Binding { subject: subject.to_owned(), source })?;
    files::write(policy, PUBLIC, text)?;
    let bound = checked.bindings(subject).iter();
    Ok(bound.map(|binding| (binding.role().to_owned(), binding.scope().to_owned())).collect())
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

    /// The shipped policy in a file of a test's own.
    struct Policy(PathBuf);

    impl Policy {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("strongroom-policy-{name}-{}", std::process::id()));
            files::write(&path, PUBLIC, include_str!("../../deploy/policy.toml")).unwrap();
            Self(path)
        }

        fn bind(&self, subject: &str, role: &str, scopes: &[&str]) -> Result<Vec<(String, String)>, Error> {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            bind(&self.0, &certificates::spiffe_id(subject), role, &scopes)
        }

        fn parsed(&self) -> PolicyFile {
            toml::from_str(&files::read(&self.0).unwrap()).unwrap()
        }
    }

    impl Drop for Policy {
        fn drop(&mut self) {
            std::fs::remove_file(&self.0).unwrap();
        }
    }

    fn bound(role: &str, scopes: &[&str]) -> Vec<(String, String)> {
        scopes.iter().map(|scope| (role.to_owned(), (*scope).to_owned())).collect()
    }

    #[test]
    fn an_identity_is_bound_at_the_scopes_that_are_given_and_nowhere_else() {
        let policy = Policy::new("scopes");
        assert_eq!(policy.bind("clinic", "app", &["tenants/acme"]).unwrap(), bound("app", &["tenants/acme"]));
        // A further scope is added, one that is there is not given twice.
        let further = policy.bind("clinic", "app", &["tenants/beta", "tenants/acme"]).unwrap();
        assert_eq!(further, bound("app", &["tenants/acme", "tenants/beta"]));
        assert_eq!(policy.bind("anywhere", "app", &[]).unwrap(), bound("app", &[""]), "without a scope, at root");
    }

    #[test]
    fn a_binding_that_the_services_would_refuse_is_not_written() {
        let policy = Policy::new("refused");
        let before = files::read(&policy.0).unwrap();
        for scope in ["tenants//acme", "acme", "tenants/*"] {
            let error = policy.bind("clinic", "app", &[scope]).unwrap_err();
            assert!(matches!(error, Error::Binding { .. }), "{scope}: {error}");
        }
        assert!(matches!(policy.bind("clinic", "apps", &[]), Err(Error::Unknown { .. })));
        assert_eq!(files::read(&policy.0).unwrap(), before);
    }

    #[test]
    fn a_further_identity_of_a_service_may_do_and_report_what_the_service_may() {
        let policy = Policy::new("service");
        let (service, subject) = (certificates::spiffe_id("vault-service"), certificates::spiffe_id("second"));
        for _again in 0..2 {
            policy.bind("second", "vault-service", &[]).unwrap();
            policy.bind("reader", "auditor", &[]).unwrap();
        }
        let parsed = policy.parsed();
        let count = |name: &str| {
            let subject = certificates::spiffe_id(name);
            parsed.bindings.iter().filter(|binding| binding.subject == subject).count()
        };
        assert_eq!((count("second"), count("reader")), (1, 1));
        let speaks: Vec<_> = parsed.producers.iter().filter(|one| one.identities.contains(&subject)).collect();
        assert_eq!(speaks.len(), 1);
        assert!(speaks[0].identities.contains(&service), "{speaks:?}");
    }
}
