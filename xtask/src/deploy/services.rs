//! Services: each leads to the pods of one workload at the port where they listen, and shows clients every pod, so that they
//! spread their calls. A service that may be sealed has one that leads to it then, too.

use serde_json::Value;

use super::objects::{Error, Object, of_kind, selects};
use super::render::Rendering;
use super::workloads::Workload;

/// What does not lead where it should.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let workloads = Workload::read_all(&rendering.objects)?;
    let mut findings = Vec::new();
    for service in of_kind(&rendering.objects, "Service") {
        findings.extend(target(service, &workloads).map(|finding| format!("{}: {finding}", service.title())));
    }
    for workload in workloads.iter().filter(|workload| workload.is_service()) {
        let (ready, any): (Vec<&Object>, Vec<&Object>) = of_kind(&rendering.objects, "Service")
            .filter(|service| leads_to(service, workload))
            .partition(|service| service.at("/spec/publishNotReadyAddresses").and_then(Value::as_bool) != Some(true));
        if ready.is_empty() {
            findings.push(format!("{}: no Service leads to those of its pods that are ready", workload.name()));
        }
        if any.is_empty() == workload.settings.seal.is_some() {
            findings
                .push(format!("{}: a Service for pods that are not ready is for what can be sealed", workload.name()));
        }
    }
    Ok(findings)
}

/// What is wrong with where a Service leads.
fn target(service: &Object, workloads: &[Workload<'_>]) -> Option<String> {
    if service.text("/spec/clusterIP") != "None" {
        return Some("it has an address of its own, so that a client stays at one pod".to_owned());
    }
    let [workload] = workloads.iter().filter(|workload| leads_to(service, workload)).collect::<Vec<_>>()[..] else {
        return Some("it does not lead to the pods of one workload".to_owned());
    };
    let listens = workload.settings.grpc.as_ref().map(|grpc| u64::from(grpc.listen.port()));
    let container = workload.container().get("ports").and_then(Value::as_array);
    let of_container = |name: &Value| {
        let named = container.into_iter().flatten().find(|port| port.get("name") == Some(name));
        named.and_then(|port| port.get("containerPort")?.as_u64())
    };
    let is_wrong = |port: &&Value| {
        let target = port.get("targetPort").and_then(of_container);
        // The client goes to the pods themselves, at the Service's port.
        port.get("port").and_then(Value::as_u64) != listens || target != listens
    };
    let wrong = service.list("/spec/ports").iter().find(is_wrong)?;
    Some(format!("{wrong} is not where {} listens", workload.name()))
}

fn leads_to(service: &Object, workload: &Workload<'_>) -> bool {
    selects(&service.labels("/spec/selector"), &workload.labels)
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::render::tests::{installations, with};
    use super::*;

    fn found(service: &str, change: impl Fn(&mut Object)) -> Vec<String> {
        check(&with(&format!("Service {service}"), change)).unwrap()
    }

    #[test]
    fn every_service_leads_to_pods_that_listen() {
        for rendering in installations() {
            assert_eq!(check(rendering).unwrap(), NONE, "{}", rendering.name);
        }
    }

    #[test]
    fn a_sealed_key_service_that_nobody_reaches_is_found() {
        let findings = found("key-service-operators", |object| object.remove("/spec/publishNotReadyAddresses"));
        assert_eq!(findings, ["key-service: a Service for pods that are not ready is for what can be sealed"]);
        let findings = found("key-service", |object| object.remove("/spec/selector"));
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn an_address_of_its_own_or_another_port_is_found() {
        let findings = found("vault-service", |object| object.remove("/spec/clusterIP"));
        assert_eq!(
            findings,
            ["Service vault-service: it has an address of its own, so that a client stays at one pod"]
        );
        let findings = found("vault-service", |object| object.set("/spec/ports/0/port", 443.into()));
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}
