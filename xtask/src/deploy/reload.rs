//! What services read again while they run: kubelet changes the files of a volume that is mounted as a directory, and never
//! those that are mounted one by one.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::objects::Error;
use super::render::Rendering;
use super::workloads::{Workload, volume};

/// Files that would never change.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let workloads = Workload::read_all(&rendering.objects)?;
    let stays = |workload: &Workload<'_>, file: &Path| {
        let wrong = || format!("{}: no change of {} would be seen", workload.name(), file.display());
        (!is_in_directory(workload, file)).then(wrong)
    };
    Ok(workloads
        .iter()
        .flat_map(|workload| reread(workload).into_iter().filter_map(|file| stays(workload, &file)))
        .collect())
}

/// Policy and certificates.
fn reread(workload: &Workload<'_>) -> Vec<PathBuf> {
    let settings = &workload.settings;
    let policy = settings.policy.iter().map(|policy| policy.file.clone());
    let tls = settings.tls.iter().flat_map(|tls| [&tls.cert, &tls.key, &tls.ca].map(Clone::clone));
    policy.chain(tls).collect()
}

/// Whether the directory of a file is a volume of a `ConfigMap` or a Secret, as a whole.
fn is_in_directory(workload: &Workload<'_>, file: &Path) -> bool {
    let mounts = workload.container().get("volumeMounts").and_then(Value::as_array);
    let mut mounts = mounts.into_iter().flatten();
    let is_of_file = |mount: &&Value| {
        let path = mount.get("mountPath").and_then(Value::as_str);
        path.is_some_and(|path| file.parent() == Some(Path::new(path)))
    };
    mounts.find(is_of_file).is_some_and(|mount| {
        let name = mount.get("name").and_then(Value::as_str).unwrap_or_default();
        let volume = volume(workload.object, name);
        let is_kept = volume.is_some_and(|volume| volume.get("configMap").or_else(|| volume.get("secret")).is_some());
        mount.get("subPath").is_none() && is_kept
    })
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::render::tests::{installations, with};
    use super::*;

    #[test]
    fn policy_and_certificates_are_seen_to_change() {
        for rendering in installations() {
            assert_eq!(check(rendering).unwrap(), NONE, "{}", rendering.name);
            let seen: usize =
                Workload::read_all(&rendering.objects).unwrap().iter().map(|workload| reread(workload).len()).sum();
            assert_eq!(seen, 12, "{}", rendering.name);
        }
    }

    #[test]
    fn a_file_that_is_mounted_alone_is_found() {
        let rendering = with("Deployment key-service", |object| {
            let mounts = object.list("/spec/template/spec/containers/0/volumeMounts");
            let index = mounts.iter().position(|mount| mount["name"] == "policy").unwrap();
            let alone = serde_json::json!({
                "name": "policy", "mountPath": "/etc/strongroom/policy/policy.toml", "subPath": "policy.toml"
            });
            object.set(&format!("/spec/template/spec/containers/0/volumeMounts/{index}"), alone);
        });
        let wanted = "key-service: no change of /etc/strongroom/policy/policy.toml would be seen";
        assert_eq!(check(&rendering).unwrap(), [wanted]);
    }
}
