//! What runs: the pods of Deployments and Jobs, with the configuration that each of them reads.

use serde::Deserialize;
use serde_json::Value;

use super::objects::{Error, Labels, Object, find};

/// Pods of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Workload<'a> {
    pub(crate) object: &'a Object,
    pub(crate) labels: Labels,
    pub(crate) settings: Settings,
}

/// The parts of a configuration that say who is spoken to, and how much is held.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Settings {
    pub(crate) database: db::DbConfig,
    pub(crate) grpc: Option<rpc::GrpcConfig>,
    pub(crate) admin: Option<Listener>,
    pub(crate) policy: Option<PolicyFile>,
    pub(crate) tls: Option<rpc::TlsConfig>,
    pub(crate) key_service: Option<rpc::PeerConfig>,
    pub(crate) audit_service: Option<rpc::PeerConfig>,
    /// Whatever it is: what has one can be sealed.
    pub(crate) seal: Option<toml::Value>,
    /// key-service, as audit-service calls it.
    pub(crate) signer: Option<rpc::PeerConfig>,
}

/// `[admin]`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Listener {
    pub(crate) listen: std::net::SocketAddr,
}

/// `[policy]`.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PolicyFile {
    pub(crate) file: std::path::PathBuf,
}

const POD: &str = "/spec/template/spec";

impl<'a> Workload<'a> {
    /// All of them.
    pub(crate) fn read_all(objects: &'a [Object]) -> Result<Vec<Self>, Error> {
        let runs = objects.iter().filter(|object| ["Deployment", "Job"].contains(&object.kind()));
        runs.map(|object| Self::read(object, objects)).collect()
    }

    fn read(object: &'a Object, objects: &[Object]) -> Result<Self, Error> {
        let text = configuration(object, objects)
            .ok_or_else(|| format!("{}: there is no ConfigMap behind its --config", object.title()))?;
        let settings = toml::from_str(&text).map_err(|error| format!("{}: {error}", object.title()))?;
        Ok(Self { object, labels: object.labels("/spec/template/metadata/labels"), settings })
    }

    /// The name that does not change: a Job's own has a hash behind it.
    pub(crate) fn name(&self) -> &str {
        self.labels.get("app.kubernetes.io/name").map_or_else(|| self.object.name(), String::as_str)
    }

    pub(crate) fn is_service(&self) -> bool {
        self.object.kind() == "Deployment"
    }

    pub(crate) fn peers(&self) -> impl Iterator<Item = &rpc::PeerConfig> {
        self.settings.key_service.iter().chain(&self.settings.audit_service).chain(&self.settings.signer)
    }

    /// The one container.
    pub(crate) fn container(&self) -> &Value {
        container(self.object)
    }

    /// The image of its container.
    pub(crate) fn image(&self) -> &str {
        self.container().get("image").and_then(Value::as_str).unwrap_or_default()
    }
}

fn container(object: &Object) -> &Value {
    object.at("/spec/template/spec/containers/0").unwrap_or(&Value::Null)
}

/// The text of the file that the container is told to read: mounted from a key of a `ConfigMap`.
pub(crate) fn configuration(object: &Object, objects: &[Object]) -> Option<String> {
    let arguments = container(object).get("args")?.as_array()?;
    let path = arguments.iter().skip_while(|argument| *argument != "--config").nth(1)?.as_str()?;
    let mounts = container(object).get("volumeMounts")?.as_array()?;
    let mount = mounts.iter().find(|mount| mount.get("mountPath").is_some_and(|at| at == path))?;
    let name = volume(object, mount.get("name")?.as_str()?)?.pointer("/configMap/name")?.as_str()?;
    let key = mount.get("subPath")?.as_str()?;
    let map = find(objects, "ConfigMap", object.namespace(), name)?;
    Some(map.at("/data")?.get(key)?.as_str()?.to_owned())
}

/// A volume of the pod, by name.
pub(crate) fn volume<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    let volumes = object.at(POD)?.get("volumes")?.as_array()?;
    volumes.iter().find(|volume| volume.get("name").is_some_and(|found| found == name))
}
