//! Applying a second time: what changes between two renderings must be what Kubernetes lets change, and what must take
//! effect must change.

use serde_json::Value;

use super::objects::{Error, Object};
use super::render::{KUSTOMIZATION, Rendering, Tree};

/// What Kubernetes does not let change once it is there, by kind. A kind that is not listed is a finding.
const IMMUTABLE: [(&str, &[&str]); 12] = [
    ("Certificate", &[]),
    ("ConfigMap", &[]),
    ("Deployment", &["/spec/selector"]),
    ("Issuer", &[]),
    ("Job", &["/spec/template", "/spec/selector", "/spec/completionMode", "/spec/podFailurePolicy"]),
    ("Namespace", &[]),
    ("NetworkPolicy", &[]),
    ("PodDisruptionBudget", &[]),
    ("PriorityClass", &["/value", "/preemptionPolicy"]),
    ("Secret", &["/type"]),
    ("Service", &["/spec/clusterIP", "/spec/clusterIPs"]),
    ("ServiceAccount", &[]),
];

/// A change of an installation, and what must come of it.
struct Change {
    name: &'static str,
    /// From the manifests; `KUSTOMIZATION` is the overlay's own.
    file: &'static str,
    edit: fn(&str) -> String,
    /// Beginnings of the titles of objects that must be others afterwards, and nothing else may be.
    changes: &'static [&'static str],
}

const CHANGES: [Change; 4] = [
    Change {
        name: "another image",
        file: KUSTOMIZATION,
        edit: |text| text.replace("newTag: \"0.1.0\"", "newTag: \"0.2.0\""),
        changes: &[
            "ConfigMap key-service-migrate-",
            "ConfigMap vault-service-migrate-",
            "ConfigMap audit-service-migrate-",
            "Deployment key-service",
            "Deployment vault-service",
            "Deployment audit-service",
            "Job key-service-migrate-",
            "Job vault-service-migrate-",
            "Job audit-service-migrate-",
        ],
    },
    Change {
        name: "another configuration of a migration",
        file: "base/config/vault-service-migrate.toml",
        edit: |text| text.replace("environment = ", "# Another one.\nenvironment = "),
        changes: &["ConfigMap vault-service-migrate-", "Job vault-service-migrate-"],
    },
    Change {
        name: "another configuration of a service",
        file: "base/config/vault-service.toml",
        edit: |text| text.replace("level = \"info\"", "level = \"warn\""),
        changes: &["ConfigMap vault-service-config-", "Deployment vault-service"],
    },
    Change {
        name: "another policy",
        file: "base/policy.toml",
        edit: |text| {
            text.replace("denied_identities = []", "denied_identities = [\"spiffe://strongroom.example/app\"]")
        },
        changes: &["ConfigMap strongroom-policy"],
    },
];

impl Change {
    /// In the file that all installations share, or in each of theirs.
    fn make(&self, tree: &Tree, installations: &[Rendering]) -> Result<(), Error> {
        if self.file != KUSTOMIZATION {
            return tree.edit(self.file, self.edit);
        }
        installations.iter().try_for_each(|first| tree.edit(&format!("{}/{KUSTOMIZATION}", first.name), self.edit))
    }
}

/// Applies each installation again, with each change.
pub(crate) fn check() -> Result<Vec<String>, Error> {
    let before = Tree::new("first")?.installations()?;
    let mut findings = Vec::new();
    for change in &CHANGES {
        let tree = Tree::new("second")?;
        change.make(&tree, &before)?;
        for first in &before {
            let objects = tree.render(&first.name)?;
            let found = differences(first, &objects, change.changes);
            findings.extend(found.into_iter().map(|finding| format!("{}, {}: {finding}", first.name, change.name)));
        }
    }
    Ok(findings)
}

/// What cannot be applied, what should have changed, and what should not.
fn differences(first: &Rendering, second: &[Object], expected: &[&str]) -> Vec<String> {
    let mut findings = immutable_changes(&first.objects, second);
    let is_new = |object: &&Object| !first.objects.contains(object);
    let changed: Vec<String> = second.iter().filter(is_new).map(Object::title).collect();
    let missing = expected.iter().filter(|start| !changed.iter().any(|title| title.starts_with(*start)));
    findings.extend(missing.map(|start| format!("no {start}… is another one")));
    let more = changed.iter().filter(|title| !expected.iter().any(|start| title.starts_with(start)));
    findings.extend(more.map(|title| format!("{title} is another one")));
    findings
}

/// Fields of the same object that differ and cannot be changed.
fn immutable_changes(first: &[Object], second: &[Object]) -> Vec<String> {
    let mut findings = Vec::new();
    for object in second {
        let Some((_, pointers)) = IMMUTABLE.iter().find(|(kind, _)| *kind == object.kind()) else {
            findings.push(format!("{}: IMMUTABLE does not say what of it cannot change", object.title()));
            continue;
        };
        let Some(old) = first.iter().find(|old| old.identity() == object.identity()) else { continue };
        let is_closed = |object: &Object| object.at("/immutable").and_then(Value::as_bool) == Some(true);
        let data: &[&str] = if is_closed(old) { &["/data", "/immutable"] } else { &[] };
        let changed = pointers.iter().chain(data).filter(|pointer| old.at(pointer) != object.at(pointer));
        findings.extend(changed.map(|pointer| format!("{}: {pointer} cannot be changed", object.title())));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::*;

    #[test]
    fn every_change_can_be_applied_and_takes_effect() {
        assert_eq!(check().unwrap(), NONE);
    }

    #[test]
    fn jobs_whose_names_stay_cannot_be_applied_again() {
        let render = |tag: &str| {
            let tree = Tree::new(&format!("fixed-names-{tag}")).unwrap();
            let without = |text: &str| text.replace("configurations:\n  - job-names.yaml\n", "");
            tree.edit("base/kustomization.yaml", without).unwrap();
            if tag != "0.1.0" {
                tree.edit("overlays/production/kustomization.yaml", |text| text.replace("0.1.0", tag)).unwrap();
            }
            tree.render("overlays/production").unwrap()
        };
        let findings = immutable_changes(&render("0.1.0"), &render("0.2.0"));
        let wanted = ["audit", "key", "vault"]
            .map(|service| format!("Job {service}-service-migrate: /spec/template cannot be changed"));
        assert_eq!(findings, wanted);
    }

    #[test]
    fn a_policy_with_a_hash_behind_its_name_replaces_pods() {
        let tree = Tree::new("hashed-policy").unwrap();
        let hashed = |text: &str| text.replace("    options:\n      disableNameSuffixHash: true\n", "");
        tree.edit("base/kustomization.yaml", hashed).unwrap();
        let mut first = tree.installations().unwrap().swap_remove(0);
        first.objects = tree.render(&first.name).unwrap();
        let [.., policy] = &CHANGES;
        tree.edit(policy.file, policy.edit).unwrap();
        let second = tree.render(&first.name).unwrap();
        let findings = differences(&first, &second, policy.changes);
        assert!(findings.contains(&"Deployment key-service is another one".to_owned()), "{findings:?}");
    }

    #[test]
    fn what_is_closed_and_what_is_not_known_is_found() {
        let objects = |text: &str| Object::read_all(text).unwrap();
        let map = |value: u8| {
            objects(&format!("kind: ConfigMap\nmetadata: {{name: m}}\nimmutable: true\ndata: {{a: {value}}}\n"))
        };
        assert_eq!(immutable_changes(&map(1), &map(2)), ["ConfigMap m: /data cannot be changed"]);
        assert_eq!(immutable_changes(&[], &objects("kind: StatefulSet\nmetadata: {name: s}\n")).len(), 1);
    }
}
