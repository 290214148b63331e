//! What kustomize makes of what is shipped, for the tests of all checks.

use std::sync::LazyLock;

use super::*;

static INSTALLATIONS: LazyLock<Vec<Rendering>> =
    LazyLock::new(|| Tree::new("installations").unwrap().installations().unwrap());

/// All of them, rendered once.
pub(crate) fn installations() -> &'static [Rendering] {
    &INSTALLATIONS
}

/// The production overlay, with one object changed; it is named by the beginning of its title.
pub(crate) fn with(title: &str, change: impl Fn(&mut Object)) -> Rendering {
    let mut rendering = installations().first().unwrap().clone();
    change(rendering.objects.iter_mut().find(|object| object.title().starts_with(title)).unwrap());
    rendering
}

#[test]
fn every_overlay_is_there_with_every_component() {
    let names: Vec<&str> = installations().iter().map(|rendering| rendering.name.as_str()).collect();
    let wanted = ["", "+postgresql-in-namespace", "+postgresql-outside"];
    assert_eq!(names, wanted.map(|variant| format!("overlays/production{variant}")));
}

#[test]
fn a_host_tells_where_it_is() {
    let place = |host: &str| {
        let max_connections = "100".to_owned();
        Postgresql { host: host.to_owned(), _namespace: None, cidr: None, max_connections }.place()
    };
    assert_eq!(place("postgresql"), HostPlace::SameNamespace);
    assert_eq!(place("postgresql.databases.svc"), HostPlace::Namespace("databases".to_owned()));
    assert_eq!(place("db.databases.svc.cluster.local"), HostPlace::Namespace("databases".to_owned()));
    assert_eq!(place("postgresql.example"), HostPlace::Outside);
}

#[test]
fn what_an_overlay_says_of_postgresql_is_in_every_configuration_and_not_applied_itself() {
    for rendering in installations() {
        let hosts = super::super::workloads::Workload::read_all(&rendering.objects).unwrap();
        let hosts: Vec<_> = hosts.iter().map(|workload| workload.settings.database.host.as_str()).collect();
        assert_eq!(hosts, [rendering.postgresql.host.as_str(); 6], "{}", rendering.name);
        assert!(rendering.objects.iter().all(|object| object.name() != "postgresql"), "{}", rendering.name);
    }
}
