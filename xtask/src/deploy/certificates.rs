//! Certificates: who signs them, and that each carries what others look for in it. cert-manager's kinds are read as closed
//! types, for there is no schema of them among those of Kubernetes.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::objects::{Error, Object, find, of_kind, selects};
use super::render::Rendering;
use super::workloads::{Workload, volume};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Certificate {
    secret_name: String,
    #[serde(rename = "duration")]
    _duration: String,
    #[serde(rename = "renewBefore")]
    _renew_before: String,
    #[serde(rename = "privateKey")]
    _private_key: PrivateKey,
    usages: BTreeSet<String>,
    #[serde(default)]
    dns_names: BTreeSet<String>,
    uris: Vec<String>,
    issuer_ref: IssuerRef,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct PrivateKey {
    #[serde(rename = "algorithm")]
    _algorithm: String,
    #[serde(rename = "size")]
    _size: u16,
    #[serde(rename = "rotationPolicy")]
    _rotation_policy: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerRef {
    name: String,
    kind: String,
    #[serde(rename = "group")]
    _group: String,
}

/// What does not fit.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let objects = &rendering.objects;
    let workloads = Workload::read_all(objects)?;
    let mut findings = Vec::new();
    for object in of_kind(objects, "Certificate") {
        let certificate: Certificate = object.parse("/spec")?;
        findings.extend(issuer(object, &certificate, objects));
    }
    for workload in workloads.iter().filter(|workload| workload.is_service()) {
        let Some(certificate) = of_service(workload, objects)? else {
            findings.push(format!("{}: no Certificate makes the Secret of its volume tls", workload.name()));
            continue;
        };
        findings.extend(names(workload, &certificate, objects));
    }
    for workload in &workloads {
        findings.extend(peers(workload, &workloads, objects)?);
    }
    Ok(findings)
}

/// An Issuer of the same namespace: who may have certificates signed elsewhere is nobody here.
fn issuer(object: &Object, certificate: &Certificate, objects: &[Object]) -> Option<String> {
    let IssuerRef { name, kind, .. } = &certificate.issuer_ref;
    let is_there = kind == "Issuer" && find(objects, "Issuer", object.namespace(), name).is_some();
    (!is_there).then(|| format!("{} is signed by {kind} {name}, which is no Issuer of its namespace", object.title()))
}

/// The certificate that a service presents.
fn of_service(workload: &Workload<'_>, objects: &[Object]) -> Result<Option<Certificate>, Error> {
    let secret = volume(workload.object, "tls").and_then(|volume| volume.pointer("/secret/secretName"));
    for object in of_kind(objects, "Certificate") {
        let certificate: Certificate = object.parse("/spec")?;
        if secret.is_some_and(|secret| *secret == certificate.secret_name) {
            return Ok(Some(certificate));
        }
    }
    Ok(None)
}

/// Every name that DNS has for its pods, and the uses of both sides.
fn names(workload: &Workload<'_>, certificate: &Certificate, objects: &[Object]) -> Vec<String> {
    let leads_here = |service: &&Object| selects(&service.labels("/spec/selector"), &workload.labels);
    let services = of_kind(objects, "Service").filter(leads_here);
    let names = services.flat_map(|service| {
        let (name, namespace) = (service.name(), service.namespace());
        [name.to_owned(), format!("{name}.{namespace}.svc"), format!("{name}.{namespace}.svc.cluster.local")]
    });
    let missing = names.filter(|name| !certificate.dns_names.contains(name));
    let mut findings: Vec<String> =
        missing.map(|name| format!("{}: its certificate lacks the name {name}", workload.name())).collect();
    for usage in ["server auth", "client auth"] {
        if !certificate.usages.contains(usage) {
            findings.push(format!("{}: its certificate is not for {usage}", workload.name()));
        }
    }
    findings
}

/// The identity that a peer is asked for is the one in its certificate.
fn peers(workload: &Workload<'_>, all: &[Workload<'_>], objects: &[Object]) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    for peer in workload.peers() {
        let is_peer = |other: &&Workload<'_>| peer.endpoint.starts_with(&format!("https://{}:", other.name()));
        let Some(other) = all.iter().find(is_peer) else { continue };
        let certificate = of_service(other, objects)?;
        let uris = certificate.map(|certificate| certificate.uris).unwrap_or_default();
        if peer.identity.iter().ne(&uris) {
            let wanted = peer.identity.as_deref().unwrap_or("nobody");
            findings.push(format!("{} looks for {wanted} in {}, which is {uris:?}", workload.name(), other.name()));
        }
    }
    Ok(findings)
}

/// Every caller that the shipped policy binds has a certificate among those of callers, and nobody else has one.
pub(crate) fn check_callers(callers: &[Object], policy: &str) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Policy {
        bindings: Vec<Binding>,
    }
    #[derive(Deserialize)]
    struct Binding {
        subject: String,
        role: String,
    }
    let policy: Policy = toml::from_str(policy)?;
    let is_caller = |binding: &&Binding| !binding.role.ends_with("-service");
    let bound: BTreeSet<&str> =
        policy.bindings.iter().filter(is_caller).map(|binding| binding.subject.as_str()).collect();
    let mut issued = BTreeSet::new();
    let mut findings = Vec::new();
    for object in callers {
        let certificate: Certificate = object.parse("/spec")?;
        if certificate.issuer_ref.kind != "Issuer" || certificate.usages.contains("server auth") {
            findings.push(format!("{}: callers have an Issuer, and serve nothing", object.title()));
        }
        issued.extend(certificate.uris);
    }
    let issued: BTreeSet<&str> = issued.iter().map(String::as_str).collect();
    findings.extend(bound.difference(&issued).map(|subject| format!("{subject} is bound, and has no certificate")));
    findings.extend(issued.difference(&bound).map(|subject| format!("{subject} has a certificate, and no role")));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::render::Tree;
    use super::super::render::tests::{installations, with};
    use super::*;

    fn found(certificate: &str, change: impl Fn(&mut Object)) -> Vec<String> {
        check(&with(&format!("Certificate {certificate}"), change)).unwrap()
    }

    #[test]
    fn all_certificates_fit() {
        for rendering in installations() {
            assert_eq!(check(rendering).unwrap(), NONE, "{}", rendering.name);
        }
    }

    #[test]
    fn an_issuer_of_the_whole_cluster_is_found() {
        let kind = |object: &mut Object| object.set("/spec/issuerRef/kind", "ClusterIssuer".into());
        let wanted =
            "Certificate vault-service is signed by ClusterIssuer strongroom-ca, which is no Issuer of its namespace";
        assert_eq!(found("vault-service", kind), [wanted]);
    }

    #[test]
    fn a_name_or_an_identity_that_a_certificate_lacks_is_found() {
        let findings = found("vault-service", |object| object.remove("/spec/dnsNames"));
        assert_eq!(findings.len(), 3, "{findings:?}");
        let uri = |object: &mut Object| object.set("/spec/uris/0", "spiffe://strongroom.example/somebody".into());
        let findings = found("key-service", uri);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings.iter().all(|finding| finding.contains("looks for")), "{findings:?}");
    }

    #[test]
    fn callers_have_what_the_policy_binds() {
        let callers = Tree::new("callers").unwrap().render("callers").unwrap();
        let policy =
            std::fs::read_to_string(stack::binaries::repository().join("deploy/kubernetes/base/policy.toml")).unwrap();
        assert_eq!(check_callers(&callers, &policy).unwrap(), NONE);
        let other = policy.replace("example/auditor", "example/inspector");
        assert_eq!(check_callers(&callers, &other).unwrap().len(), 2);
    }
}
