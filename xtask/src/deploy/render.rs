//! What kustomize makes of the manifests: of every directory that is there, of every overlay with every component for
//! PostgreSQL, and of copies that were changed on purpose.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipnet::IpNet;
use serde::Deserialize;
use stack::binaries::repository;

use super::objects::{Error, Object};
use super::programs;
use crate::{command, system};

/// Where the manifests are, from the root of the repository.
const MANIFESTS: &str = "deploy/kubernetes";
/// The file that makes a directory one of kustomize's.
pub(crate) const KUSTOMIZATION: &str = "kustomization.yaml";
/// Each component for PostgreSQL, and a host that goes with it.
const COMPONENTS: [(&str, &str); 3] = [
    ("postgresql-in-namespace", "postgresql"),
    ("postgresql-in-other-namespace", "postgresql.databases.svc"),
    ("postgresql-outside", "postgresql.example"),
];
/// What is for the namespace of PostgreSQL.
const SIDE_OF_POSTGRESQL: &str = "postgresql-namespace";

/// A whole installation.
#[derive(Clone, Debug)]
pub(crate) struct Rendering {
    /// Its directory, from the manifests.
    pub(crate) name: String,
    pub(crate) objects: Vec<Object>,
    pub(crate) postgresql: Postgresql,
    /// What is applied in the namespace of PostgreSQL, where that is known.
    pub(crate) side_of_postgresql: Option<Vec<Object>>,
}

/// What an overlay says of PostgreSQL, in `postgresql.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Postgresql {
    pub(crate) host: String,
    #[serde(rename = "namespace")]
    _namespace: Option<String>,
    cidr: Option<IpNet>,
    pub(crate) max_connections: String,
}

/// Where a host is, by its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum HostPlace {
    SameNamespace,
    Namespace(String),
    Outside,
}

impl Postgresql {
    /// In the file beside an overlay.
    fn read(overlay: &Path) -> Result<Self, Error> {
        let path = overlay.join("postgresql.yaml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let object = Object::read_all(&text)?.into_iter().next().ok_or("postgresql.yaml is empty")?;
        object.parse("/data")
    }

    pub(crate) fn place(&self) -> HostPlace {
        match self.host.split('.').collect::<Vec<_>>().as_slice() {
            [_] => HostPlace::SameNamespace,
            [_, namespace, "svc"] | [_, namespace, "svc", "cluster", "local"] => {
                HostPlace::Namespace((*namespace).to_owned())
            }
            _ => HostPlace::Outside,
        }
    }

    /// One of the addresses that it may have outside of the cluster.
    pub(crate) fn address(&self) -> Result<IpAddr, Error> {
        Ok(self.cidr.and_then(|cidr| cidr.hosts().next()).ok_or("postgresql.yaml names no cidr")?)
    }
}

impl HostPlace {
    /// The namespace, where it is in the cluster.
    pub(crate) fn namespace(&self, own: &str) -> Option<String> {
        match self {
            Self::SameNamespace => Some(own.to_owned()),
            Self::Namespace(namespace) => Some(namespace.clone()),
            Self::Outside => None,
        }
    }
}

/// A copy of the manifests, with an overlay for every component, that may be changed; gone when it is dropped.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// A copy; its name keeps it apart from others of this process.
    pub(crate) fn new(name: &str) -> Result<Self, Error> {
        let root = system::target_directory().join("deploy").join(format!("{name}-{}", std::process::id()));
        if root.exists() {
            std::fs::remove_dir_all(&root)?;
        }
        let tree = Self { root };
        copy(&repository().join(MANIFESTS), &tree.root)?;
        for overlay in tree.directories("overlays")? {
            tree.add_variants(&overlay)?;
        }
        Ok(tree)
    }

    /// Every directory that can be applied; the base and the components are in the overlays.
    pub(crate) fn kustomizations(&self) -> Result<Vec<String>, Error> {
        let mut found = vec!["callers".to_owned(), SIDE_OF_POSTGRESQL.to_owned()];
        found.extend(self.directories("overlays")?);
        Ok(found)
    }

    /// Every overlay, with every component.
    pub(crate) fn installations(&self) -> Result<Vec<Rendering>, Error> {
        let side = self.render(SIDE_OF_POSTGRESQL)?;
        let installation = |name: String| {
            let mut rendering = read(&self.root.join(&name), name)?;
            rendering.side_of_postgresql = Some(side.clone());
            Ok(rendering)
        };
        self.directories("overlays")?.into_iter().map(installation).collect()
    }

    /// The objects of a directory.
    pub(crate) fn render(&self, directory: &str) -> Result<Vec<Object>, Error> {
        Object::read_all(&self.text(directory)?)
    }

    /// What kustomize writes.
    pub(crate) fn text(&self, directory: &str) -> Result<String, Error> {
        kustomize(&self.root.join(directory))
    }

    /// Changes a file, and refuses to have changed nothing.
    pub(crate) fn edit(&self, file: &str, change: impl Fn(&str) -> String) -> Result<(), Error> {
        let path = self.root.join(file);
        let text = std::fs::read_to_string(&path)?;
        let changed = change(&text);
        if changed == text {
            return Err(format!("{file}: there is nothing to change").into());
        }
        Ok(std::fs::write(path, changed)?)
    }

    fn add_variants(&self, overlay: &str) -> Result<(), Error> {
        let text = std::fs::read_to_string(self.root.join(overlay).join(KUSTOMIZATION))?;
        let line = |component: &str| format!("  - ../../components/{component}\n");
        let (used, used_host) = COMPONENTS
            .into_iter()
            .find(|(component, _)| text.contains(&line(component)))
            .ok_or_else(|| format!("{overlay} uses no component for PostgreSQL"))?;
        for (component, host) in COMPONENTS.into_iter().filter(|(component, _)| *component != used) {
            let variant = format!("{overlay}+{component}");
            copy(&self.root.join(overlay), &self.root.join(&variant))?;
            self.edit(&format!("{variant}/{KUSTOMIZATION}"), |text| text.replace(&line(used), &line(component)))?;
            self.edit(&format!("{variant}/postgresql.yaml"), |text| text.replace(used_host, host))?;
        }
        Ok(())
    }

    /// The directories below one, with it before their names.
    fn directories(&self, below: &str) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(self.root.join(below))? {
            found.push(format!("{below}/{}", entry?.file_name().display()));
        }
        found.sort();
        Ok(found)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What is left takes a little room and is in nobody's way.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// An installation in a directory of its own, wherever that is.
pub(crate) fn read(directory: &Path, name: String) -> Result<Rendering, Error> {
    let objects = Object::read_all(&kustomize(directory)?)?;
    Ok(Rendering { name, objects, postgresql: Postgresql::read(directory)?, side_of_postgresql: None })
}

/// What kustomize writes of a directory.
pub(crate) fn kustomize(directory: &Path) -> Result<String, Error> {
    Ok(command::output(Command::new(programs::kubectl()?).arg("kustomize").arg(directory))?)
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
