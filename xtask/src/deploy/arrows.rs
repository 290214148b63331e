//! Who must reach whom, by the addresses and ports in the configurations, held against whom the policies let
//! through: nothing that is needed may be missing, and nothing else may be open.

pub(super) mod picture;

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use super::objects::{Error, Labels, find, of_kind, selects};
use super::policies::{Connection, Party, Policies, Protocol};
use super::render::Rendering;
use super::workloads::Workload;

/// A connection that one party opens to another.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
}

/// A party with its name in arrows. Of those that are not watched only what they do with others counts.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    party: Party,
    is_watched: bool,
}

pub(crate) const POSTGRESQL: &str = "PostgreSQL";
/// Where DNS may be, and at which port.
pub(crate) const DNS: [(&str, u16); 3] = [("DNS", 53), ("NodeLocal DNSCache", 53), ("DNS of OpenShift", 5353)];
const SCRAPER: &str = "metrics";
/// A port that nobody uses here.
const OTHER_PORT: u16 = 443;

/// What is missing, and what is open without need.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let workloads = Workload::read_all(&rendering.objects)?;
    let needed = needed(rendering, &workloads)?;
    let open = open(rendering, &workloads, &needed)?;
    let missing = needed.difference(&open).map(|arrow| format!("no policy allows {arrow}"));
    let more = open.difference(&needed).map(|arrow| format!("nothing needs {arrow}, and it is allowed"));
    Ok(missing.chain(more).collect())
}

/// The arrows that follow from the configurations.
pub(crate) fn needed(rendering: &Rendering, workloads: &[Workload<'_>]) -> Result<BTreeSet<Arrow>, Error> {
    let mut arrows = BTreeSet::new();
    for workload in workloads {
        let name = workload.name();
        let from = |to: &str, port| Arrow::new(name, to, port, Protocol::Tcp);
        let host = &workload.settings.database.host;
        if *host != rendering.postgresql.host {
            let wanted = &rendering.postgresql.host;
            return Err(format!("{name} has its database at {host}, and postgresql.yaml says {wanted}").into());
        }
        arrows.insert(from(POSTGRESQL, workload.settings.database.port));
        for peer in workload.peers() {
            let (to, port) = pods_behind(&peer.endpoint, workload, rendering, workloads)?;
            arrows.insert(from(to, port));
        }
        for (dns, port) in DNS {
            arrows.extend([Protocol::Tcp, Protocol::Udp].map(|protocol| Arrow::new(name, dns, port, protocol)));
        }
        if let Some(grpc) = &workload.settings.grpc {
            arrows.insert(Arrow::new(&callers_of(name), name, grpc.listen.port(), Protocol::Tcp));
        }
        if let Some(admin) = workload.settings.admin {
            arrows.insert(Arrow::new(SCRAPER, name, admin.listen.port(), Protocol::Tcp));
        }
    }
    Ok(arrows)
}

/// The pods that an endpoint leads to, and the port there; they must listen at it.
fn pods_behind<'a>(
    endpoint: &str,
    caller: &Workload<'_>,
    rendering: &Rendering,
    workloads: &'a [Workload<'_>],
) -> Result<(&'a str, u16), Error> {
    let wrong = |what: &str| format!("{} calls {endpoint}: {what}", caller.name());
    let address = endpoint.strip_prefix("https://").ok_or_else(|| wrong("no https"))?;
    let (host, port) = address.rsplit_once(':').ok_or_else(|| wrong("no port"))?;
    let port: u16 = port.parse()?;
    let service = find(&rendering.objects, "Service", caller.object.namespace(), host)
        .ok_or_else(|| wrong("there is no such Service"))?;
    if service.text("/spec/clusterIP") != "None" {
        return Err(wrong("the Service has an address of its own, and clients would not see its pods").into());
    }
    if !service.list("/spec/ports").iter().any(|found| found.get("port").is_some_and(|found| *found == port)) {
        return Err(wrong("the Service has no such port").into());
    }
    let selector = service.labels("/spec/selector");
    let listens = |workload: &&Workload<'_>| {
        selects(&selector, &workload.labels)
            && workload.settings.grpc.as_ref().is_some_and(|grpc| grpc.listen.port() == port)
    };
    let pods = workloads.iter().find(listens).ok_or_else(|| wrong("no pods behind it listen at that port"))?;
    Ok((pods.name(), port))
}

/// The arrows that the policies let through, between everybody and at every port that somebody uses.
fn open(rendering: &Rendering, workloads: &[Workload<'_>], needed: &BTreeSet<Arrow>) -> Result<BTreeSet<Arrow>, Error> {
    let policies = policies(rendering, workloads)?;
    let places = places(rendering, workloads)?;
    let mut ports: BTreeSet<(u16, Protocol)> = needed.iter().map(|arrow| (arrow.port, arrow.protocol)).collect();
    ports.insert((OTHER_PORT, Protocol::Tcp));
    let mut open = BTreeSet::new();
    for from in &places {
        for to in places.iter().filter(|to| from.is_watched || to.is_watched) {
            let connection = |port, protocol| Connection { from: &from.party, to: &to.party, port, protocol };
            let through = ports.iter().filter(|(port, protocol)| policies.allow(connection(*port, *protocol)));
            open.extend(through.map(|(port, protocol)| Arrow::new(&from.name, &to.name, *port, *protocol)));
        }
    }
    Ok(open)
}

/// The policies of the installation. Where PostgreSQL's namespace is known to have its own, it denies everything else.
fn policies(rendering: &Rendering, workloads: &[Workload<'_>]) -> Result<Policies, Error> {
    let mut objects = rendering.objects.clone();
    let own = workloads.first().map(|workload| workload.object.namespace()).unwrap_or_default();
    let elsewhere = rendering.postgresql.place().namespace(own).filter(|namespace| namespace != own);
    let Some((namespace, side)) = elsewhere.zip(rendering.side_of_postgresql.as_ref()) else {
        return Policies::read(&objects);
    };
    objects.extend(side.iter().cloned());
    let mut policies = Policies::read(&objects)?;
    policies.deny_all(&namespace);
    Ok(policies)
}

/// Everybody: ours, those who are needed, and strangers of all kinds.
fn places(rendering: &Rendering, workloads: &[Workload<'_>]) -> Result<Vec<Place>, Error> {
    let own = workloads.first().map(|workload| workload.object.namespace()).unwrap_or_default();
    let labels_of = |namespace: &str| {
        let found = of_kind(&rendering.objects, "Namespace").find(|object| object.name() == namespace);
        let mut labels = found.map(|object| object.labels("/metadata/labels")).unwrap_or_default();
        labels.insert("kubernetes.io/metadata.name".to_owned(), namespace.to_owned());
        labels
    };
    let pod = |namespace: &str, labels: Labels| Party::Pod {
        namespace: namespace.to_owned(),
        namespace_labels: labels_of(namespace),
        labels,
    };
    let mut places = Vec::new();
    for workload in workloads {
        places.push(Place::watched(workload.name(), pod(workload.object.namespace(), workload.labels.clone())));
        if workload.is_service() {
            let short = workload.name().trim_end_matches("-service");
            let labels = one_label(&format!("strongroom.example/{short}-client"), "true");
            places.push(Place::of(&callers_of(workload.name()), pod("applications", labels)));
        }
    }
    let postgresql = || one_label("app.kubernetes.io/name", "postgresql");
    places.push(match rendering.postgresql.place().namespace(own) {
        Some(namespace) => Place {
            name: POSTGRESQL.to_owned(),
            is_watched: namespace == own || rendering.side_of_postgresql.is_some(),
            party: pod(&namespace, postgresql()),
        },
        None => Place::of(POSTGRESQL, Party::Address(rendering.postgresql.address()?)),
    });
    let mut scraper = labels_of("monitoring");
    scraper.insert("strongroom.example/metrics-client".to_owned(), "true".to_owned());
    let party = Party::Pod { namespace: "monitoring".to_owned(), namespace_labels: scraper, labels: Labels::new() };
    places.push(Place::of(SCRAPER, party));
    let dns = [
        pod("kube-system", one_label("k8s-app", "kube-dns")),
        Party::Address(IpAddr::from([169, 254, 20, 10])),
        pod("openshift-dns", Labels::new()),
    ];
    places.extend(DNS.iter().zip(dns).map(|((name, _), party)| Place::of(name, party)));
    places.extend([
        Place::of("an unlabelled pod beside the services", pod(own, Labels::new())),
        Place::of("an unlabelled pod elsewhere", pod("applications", Labels::new())),
        Place::of("a PostgreSQL elsewhere", pod("applications", postgresql())),
        Place::of("the metadata of the cloud", Party::Address(IpAddr::from([169, 254, 169, 254]))),
        Place::of("the Internet", Party::Address(IpAddr::from([203, 0, 113, 9]))),
    ]);
    Ok(places)
}

fn callers_of(service: &str) -> String {
    format!("callers of {service}")
}

fn one_label(name: &str, value: &str) -> Labels {
    [(name.to_owned(), value.to_owned())].into()
}

impl Place {
    fn of(name: &str, party: Party) -> Self {
        Self { name: name.to_owned(), party, is_watched: false }
    }

    fn watched(name: &str, party: Party) -> Self {
        Self { is_watched: true, ..Self::of(name, party) }
    }
}

impl Arrow {
    fn new(from: &str, to: &str, port: u16, protocol: Protocol) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), port, protocol }
    }
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, port, protocol } = self;
        write!(f, "{from} → {to}, {protocol:?} {port}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::objects::Object;
    use super::super::render::tests::{installations, with};
    use super::*;

    #[test]
    fn every_arrow_is_allowed_and_no_other() {
        for rendering in installations() {
            assert_eq!(check(rendering).unwrap(), NONE, "{}", rendering.name);
        }
    }

    #[test]
    fn no_policy_can_be_left_out() {
        for rendering in installations() {
            let is_policy = |object: &Object| object.kind() == "NetworkPolicy";
            let count = rendering.objects.iter().filter(|object| is_policy(object)).count();
            assert_eq!(count, if rendering.name.ends_with("in-namespace") { 12 } else { 11 }, "{}", rendering.name);
            for (index, left_out) in rendering.objects.iter().enumerate().filter(|(_, object)| is_policy(object)) {
                let mut without = rendering.clone();
                without.objects.remove(index);
                assert_ne!(check(&without).unwrap(), NONE, "{}: {}", rendering.name, left_out.title());
            }
        }
    }

    #[test]
    fn the_policy_of_postgresqls_own_namespace_cannot_be_left_out() {
        let mut of_namespace = installations().iter().filter(|rendering| rendering.name == "overlays/production");
        let mut without = of_namespace.next().unwrap().clone();
        without.side_of_postgresql = Some(Vec::new());
        let missing = check(&without).unwrap();
        assert_eq!(missing.len(), 6, "{missing:?}");
        assert!(missing.iter().all(|finding| finding.contains("→ PostgreSQL")), "{missing:?}");
    }

    #[test]
    fn a_database_elsewhere_than_the_overlay_says_is_found() {
        let changed = with("ConfigMap vault-service-migrate", |object| {
            let text = object.text("/data/config.toml").replace("postgresql.databases.svc", "postgresql");
            object.set("/data/config.toml", text.into());
        });
        assert!(check(&changed).unwrap_err().to_string().contains("postgresql.yaml says postgresql.databases.svc"));
    }

    #[test]
    fn a_port_that_nobody_listens_at_is_found() {
        let changed = with("ConfigMap vault-service-config", |object| {
            let text = object.text("/data/config.toml").replace("https://key-service:7001", "https://key-service:7009");
            object.set("/data/config.toml", text.into());
        });
        assert!(check(&changed).unwrap_err().to_string().contains("no such port"));
    }
}
