//! Numbers in the manifests that follow from numbers elsewhere: memory from the bounds, connections from PostgreSQL, time to
//! end from what has to be done in it; and that no node takes a service with it.

use serde_json::Value;

use super::objects::{Error, Object, of_kind, selects};
use super::render::Rendering;
use super::workloads::Workload;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// What a service takes beside its bounds, and for each thing that they count, as `docs/limits.md` adds up.
const PROCESS: u64 = 40 * MIB;
const CONNECTION: u64 = 45 * KIB;
const NEWCOMER: u64 = 100 * KIB;
const CALL: u64 = 16 * KIB;
const OPEN_CALLS: u64 = 64 * 200 * KIB;
const ADMIN: u64 = 2 * MIB;
/// Limit over bound: the kernel's buffers count, and an allocator keeps more than is in use.
const ROOM: u64 = 2;

/// Connections that PostgreSQL keeps for superusers, unless it is told otherwise.
const RESERVED: u64 = 3;
/// Each replica asks over one more whether the database answers.
const PROBE: u64 = 1;

/// Of the pods that are being replaced one at a time ends, and serves meanwhile: Deployments do not count it.
const ENDING: u64 = 1;

/// How long DNS may name a pod that has begun to end: `CoreDNS` lets its answers be kept that long.
const DNS_TTL: u64 = 30;
/// After the last call: a second to return, and 5 in which evidence goes out.
const AFTER_DRAIN: u64 = 6;

const POD: &str = "/spec/template/spec";

/// What does not follow.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let workloads = Workload::read_all(&rendering.objects)?;
    let mut findings = pools(rendering, &workloads)?;
    for workload in workloads.iter().filter(|workload| workload.is_service()) {
        let found = memory(workload).into_iter().chain(ending(workload)).chain(company(workload, &rendering.objects));
        findings.extend(found.map(|finding| format!("{}: {finding}", workload.name())));
    }
    for workload in &workloads {
        let class = workload.object.text(&format!("{POD}/priorityClassName"));
        if !of_kind(&rendering.objects, "PriorityClass").any(|object| object.name() == class) {
            findings.push(format!("{}: there is no PriorityClass {class:?}", workload.name()));
        }
    }
    Ok(findings)
}

/// The bound is asked for, and twice as much is the limit.
fn memory(workload: &Workload<'_>) -> Vec<String> {
    let Some(grpc) = &workload.settings.grpc else { return Vec::new() };
    let bound = bound(grpc);
    let given = |what: &str| {
        let text = workload.container().pointer(&format!("/resources/{what}/memory")).and_then(Value::as_str);
        text.and_then(bytes).unwrap_or(0)
    };
    let wanted = [("requests", bound), ("limits", bound * ROOM)];
    let short = wanted.into_iter().filter(|(what, least)| given(what) < *least);
    short
        .map(|(what, least)| format!("{what} {} MiB of memory, and needs {}", given(what) / MIB, least / MIB))
        .collect()
}

/// What a service may take with its settings.
fn bound(grpc: &rpc::GrpcConfig) -> u64 {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    PROCESS
        .saturating_add(count(connections(grpc)).saturating_mul(CONNECTION))
        .saturating_add(count(grpc.max_unauthenticated).saturating_mul(NEWCOMER))
        .saturating_add(count(grpc.max_calls).saturating_mul(CALL))
        .saturating_add(count(grpc.max_bytes))
        .saturating_add(OPEN_CALLS)
        .saturating_add(ADMIN)
}

/// Those of callers that the policy binds, and of others.
fn connections(grpc: &rpc::GrpcConfig) -> usize {
    grpc.max_connections.saturating_add(rpc::server::MAX_STRANGERS)
}

fn bytes(quantity: &str) -> Option<u64> {
    let (number, unit) = [("Gi", 1 << 30), ("Mi", MIB)]
        .iter()
        .find_map(|(suffix, unit)| quantity.strip_suffix(suffix).map(|number| (number, *unit)))?;
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// All pools together, while every Deployment replaces its pods and the migrations run.
fn pools(rendering: &Rendering, workloads: &[Workload<'_>]) -> Result<Vec<String>, Error> {
    let mut sum = 0;
    for workload in workloads {
        let pool = u64::try_from(workload.settings.database.max_connections)?;
        sum += if workload.is_service() {
            let replicas = workload.object.number("/spec/replicas").unwrap_or(1);
            let surge = workload.object.number("/spec/strategy/rollingUpdate/maxSurge");
            let surge = surge.ok_or_else(|| format!("{}: maxSurge is no number", workload.name()))?;
            (replicas + surge + ENDING) * (pool + PROBE)
        } else {
            PROBE
        };
    }
    let room = rendering.postgresql.max_connections.parse::<u64>()?.saturating_sub(RESERVED);
    let finding =
        format!("the pools take {sum} connections, and PostgreSQL has {room} beside {RESERVED} of superusers");
    Ok(if sum > room { vec![finding] } else { Vec::new() })
}

/// A pod serves until DNS has forgotten it, and is not killed before it is done.
fn ending(workload: &Workload<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let sleep = workload.container().pointer("/lifecycle/preStop/sleep/seconds").and_then(Value::as_u64).unwrap_or(0);
    if sleep < DNS_TTL {
        findings.push(format!("preStop sleeps {sleep} s, and DNS names the pod for {DNS_TTL} s more"));
    }
    let drain = workload.settings.grpc.as_ref().map_or(0, |grpc| grpc.drain_timeout.as_secs());
    let needs = sleep + drain + AFTER_DRAIN;
    let given = workload.object.number(&format!("{POD}/terminationGracePeriodSeconds")).unwrap_or(0);
    if given < needs {
        findings.push(format!("it is killed after {given} s, and needs {needs} s to end"));
    }
    let apart = workload.object.number("/spec/minReadySeconds").unwrap_or(0);
    if apart < given {
        findings
            .push(format!("pods are replaced every {apart} s, and may take {given} s to end: several do at one time"));
    }
    findings
}

/// Several replicas, never all on one node, and not drained together.
fn company(workload: &Workload<'_>, objects: &[Object]) -> Vec<String> {
    let mut findings = Vec::new();
    if workload.object.number("/spec/replicas").unwrap_or(1) < 2 {
        findings.push("there is no second replica".to_owned());
    }
    let is_hard = |term: &Value| {
        let labels = |value: &Value| Object::labels_of(value.pointer("/labelSelector/matchLabels"));
        let is_of_node = term.get("topologyKey").is_some_and(|key| key == "kubernetes.io/hostname");
        let is_for_all = term.get("whenUnsatisfiable").is_none_or(|action| {
            action == "DoNotSchedule" && term.get("nodeTaintsPolicy").is_some_and(|policy| policy == "Honor")
        });
        is_of_node && is_for_all && !labels(term).is_empty() && selects(&labels(term), &workload.labels)
    };
    let apart = [
        format!("{POD}/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"),
        format!("{POD}/topologySpreadConstraints"),
    ];
    if !apart.iter().any(|pointer| workload.object.list(pointer).iter().any(is_hard)) {
        findings.push("all replicas may be on one node".to_owned());
    }
    let guards = |budget: &&Object| {
        budget.number("/spec/maxUnavailable") == Some(1)
            && selects(&budget.labels("/spec/selector/matchLabels"), &workload.labels)
    };
    if !of_kind(objects, "PodDisruptionBudget").any(|budget| guards(&budget)) {
        findings.push("no PodDisruptionBudget lets only one go at a time".to_owned());
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::super::render::tests::{installations, with};
    use super::*;

    fn found(title: &str, change: impl Fn(&mut Object)) -> Vec<String> {
        check(&with(title, change)).unwrap()
    }

    #[test]
    fn all_numbers_follow() {
        for rendering in installations() {
            assert_eq!(check(rendering).unwrap(), NONE, "{}", rendering.name);
        }
    }

    #[test]
    fn the_figures_are_those_of_the_page_of_limits() {
        let page = std::fs::read_to_string(stack::binaries::repository().join("docs/limits.md")).unwrap();
        let table = page.split("\n\n").find(|part| part.starts_with("| what | most | setting |")).unwrap();
        let shown: Vec<u64> =
            table.lines().filter_map(|line| line.split(" | ").nth(1)?.strip_suffix(" MiB")?.parse().ok()).collect();
        let grpc = rpc::GrpcConfig::default();
        let of = |count: usize, each: u64| (u64::try_from(count).unwrap() * each).div_ceil(MIB);
        let wanted = [
            PROCESS / MIB,
            of(connections(&grpc), CONNECTION),
            of(grpc.max_unauthenticated, NEWCOMER),
            of(grpc.max_calls, CALL),
            of(grpc.max_bytes, 1),
            OPEN_CALLS.div_ceil(MIB),
            ADMIN / MIB,
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn less_memory_than_the_bounds_add_up_to_is_found() {
        let limit = "/spec/template/spec/containers/0/resources/limits/memory";
        let findings = found("Deployment vault-service", |object| object.set(limit, "256Mi".into()));
        assert_eq!(findings, ["vault-service: limits 256 MiB of memory, and needs 508"]);
    }

    #[test]
    fn pools_that_postgresql_has_no_room_for_are_found() {
        let findings = found("Deployment vault-service", |object| object.set("/spec/replicas", 5.into()));
        assert_eq!(findings, ["the pools take 111 connections, and PostgreSQL has 97 beside 3 of superusers"]);
    }

    #[test]
    fn too_little_time_to_end_is_found() {
        let grace = "/spec/template/spec/terminationGracePeriodSeconds";
        let findings = found("Deployment key-service", |object| object.set(grace, 50.into()));
        assert_eq!(findings, ["key-service: it is killed after 50 s, and needs 51 s to end"]);
        let findings = found("Deployment key-service", |object| object.remove("/spec/minReadySeconds"));
        assert_eq!(
            findings,
            ["key-service: pods are replaced every 0 s, and may take 60 s to end: several do at one time"]
        );
        let lifecycle = "/spec/template/spec/containers/0/lifecycle";
        let findings = found("Deployment key-service", |object| object.remove(lifecycle));
        assert_eq!(findings, ["key-service: preStop sleeps 0 s, and DNS names the pod for 30 s more"]);
    }

    #[test]
    fn replicas_that_may_fall_together_are_found() {
        let findings = found("Deployment key-service", |object| object.remove("/spec/template/spec/affinity"));
        assert_eq!(findings, ["key-service: all replicas may be on one node"]);
        let spread = "/spec/template/spec/topologySpreadConstraints/0/whenUnsatisfiable";
        let findings = found("Deployment vault-service", |object| object.set(spread, "ScheduleAnyway".into()));
        assert_eq!(findings, ["vault-service: all replicas may be on one node"]);
        let taints = "/spec/template/spec/topologySpreadConstraints/0/nodeTaintsPolicy";
        let findings = found("Deployment vault-service", |object| object.remove(taints));
        assert_eq!(findings, ["vault-service: all replicas may be on one node"]);
        let budget = |object: &mut Object| object.set("/spec/maxUnavailable", 2.into());
        let findings = found("PodDisruptionBudget key-service", budget);
        assert_eq!(findings, ["key-service: no PodDisruptionBudget lets only one go at a time"]);
    }

    #[test]
    fn a_class_that_is_not_there_is_found() {
        let class = "/spec/template/spec/priorityClassName";
        let findings = found("Deployment audit-service", |object| object.set(class, "none".into()));
        assert_eq!(findings, ["audit-service: there is no PriorityClass \"none\""]);
    }
}
