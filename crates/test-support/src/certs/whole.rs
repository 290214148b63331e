//! Whether files of certificates and keys are whole: a machine that lost its power may leave them cut short.

use std::fs;
use std::path::Path;

use rcgen::{KeyPair, PublicKeyData as _};
use x509_parser::extensions::ParsedExtension;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::identity::Identity;

/// The private key in a file; none where it is not there, or not whole.
pub(super) fn key(path: &Path) -> Option<KeyPair> {
    KeyPair::from_pem(&fs::read_to_string(path).ok()?).ok()
}

/// Whether a file holds a whole certificate.
pub(super) fn has_certificate(path: &Path) -> bool {
    pems(path).iter().any(|pem| pem.parse_x509().is_ok())
}

/// Whether the key of an identity is that of its certificate, and its authority among those of the file. A certificate that
/// names no authority's key is taken as it is.
pub(super) fn belongs_together(identity: &Identity) -> bool {
    let (Some(key), leaves) = (key(&identity.key), pems(&identity.cert)) else { return false };
    let Some(Ok(leaf)) = leaves.first().map(Pem::parse_x509) else { return false };
    let wanted = leaf.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(of) => of.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    });
    let known = |wanted: &Vec<u8>| pems(&identity.ca).iter().any(|pem| key_identifier(pem).as_ref() == Some(wanted));
    leaf.public_key().raw == key.subject_public_key_info() && wanted.as_ref().is_none_or(known)
}

fn key_identifier(pem: &Pem) -> Option<Vec<u8>> {
    let of = |certificate: &X509Certificate<'_>| {
        certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        })
    };
    of(&pem.parse_x509().ok()?)
}

/// The parts of a file up to the first that is not whole.
fn pems(path: &Path) -> Vec<Pem> {
    let bytes = fs::read(path).unwrap_or_default();
    Pem::iter_from_buffer(&bytes).map_while(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{Authority, Identity};

    struct Home(PathBuf);

    impl Home {
        fn new(name: &str) -> Self {
            let home = std::env::temp_dir().join(format!("strongroom-{name}-{}", std::process::id()));
            // Left over by a run that was killed.
            let _ = std::fs::remove_dir_all(&home);
            Self(home)
        }

        fn authority(&self) -> Authority {
            Authority::open(&self.0, "test authority").unwrap()
        }

        fn cut_short(&self, name: &str) {
            let path = self.0.join(name);
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }

        fn read(&self, name: &str) -> String {
            std::fs::read_to_string(self.0.join(name)).unwrap()
        }
    }

    impl Drop for Home {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_is_whole_is_kept_and_what_was_cut_short_is_not() {
        let home = Home::new("whole");
        let Identity { cert, key, .. } = home.authority().identity("spiffe://test.dev/app").unwrap();
        let (cert, key) = (std::fs::read(cert).unwrap(), std::fs::read(key).unwrap());
        assert!(home.authority().kept("app").is_some(), "the control");
        assert!(home.authority().kept("another").is_none());
        for (name, whole) in [("app.pem", &cert), ("app.key", &key)] {
            home.cut_short(name);
            assert!(home.authority().kept("app").is_none(), "{name}");
            std::fs::write(home.0.join(name), "").unwrap();
            assert!(home.authority().kept("app").is_none(), "{name} is empty");
            std::fs::write(home.0.join(name), whole).unwrap();
            assert!(home.authority().kept("app").is_some(), "{name} is whole again");
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_not_kept() {
        let home = Home::new("mixed");
        home.authority().identity("spiffe://test.dev/app").unwrap();
        home.authority().identity("spiffe://test.dev/other").unwrap();
        std::fs::copy(home.0.join("other.key"), home.0.join("app.key")).unwrap();
        assert!(home.authority().kept("app").is_none());
    }

    #[test]
    fn an_authority_keeps_its_key_where_its_certificate_was_cut_short() {
        let home = Home::new("certificate");
        home.authority().identity("spiffe://test.dev/app").unwrap();
        let key = home.read("ca.key");
        home.cut_short("ca.pem");
        assert!(home.authority().kept("app").is_some(), "its certificates stay good");
        assert_eq!(home.read("ca.key"), key);
    }

    #[test]
    fn an_authority_whose_key_was_cut_short_is_made_anew_and_keeps_no_certificate() {
        let home = Home::new("key");
        home.authority().identity("spiffe://test.dev/app").unwrap();
        home.cut_short("ca.key");
        assert!(home.authority().kept("app").is_none());
        home.authority().identity("spiffe://test.dev/app").unwrap();
        assert!(home.authority().kept("app").is_some());
    }
}
