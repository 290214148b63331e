//! Policies of the network: which connections they let through. What is not understood is refused, not passed over.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::objects::{Error, Labels, Object, of_kind};

/// One end of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Party {
    /// A pod, and the labels of its namespace.
    Pod { namespace: String, namespace_labels: Labels, labels: Labels },
    /// What is not a pod.
    Address(IpAddr),
}

/// A connection that somebody may want to open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection<'a> {
    pub(crate) from: &'a Party,
    pub(crate) to: &'a Party,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Protocol {
    #[default]
    Tcp,
    Udp,
}

/// All policies that are in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies(Vec<Policy>);

#[derive(Clone, Debug)]
struct Policy {
    namespace: String,
    spec: Spec,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Spec {
    pod_selector: Selector,
    policy_types: Vec<Direction>,
    #[serde(default)]
    ingress: Vec<IngressRule>,
    #[serde(default)]
    egress: Vec<EgressRule>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
enum Direction {
    Ingress,
    Egress,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IngressRule {
    #[serde(default)]
    from: Vec<Peer>,
    #[serde(default)]
    ports: Vec<Port>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EgressRule {
    #[serde(default)]
    to: Vec<Peer>,
    #[serde(default)]
    ports: Vec<Port>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Peer {
    pod_selector: Option<Selector>,
    namespace_selector: Option<Selector>,
    ip_block: Option<Block>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    cidr: IpNet,
    #[serde(default)]
    except: Vec<IpNet>,
}

/// By number: whoever reads a policy need not look for the name of a port elsewhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Port {
    port: u16,
    #[serde(default)]
    protocol: Protocol,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Selector {
    match_labels: Labels,
    match_expressions: Vec<Expression>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expression {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Policies {
    /// Those among the objects.
    pub(crate) fn read(objects: &[Object]) -> Result<Self, Error> {
        let read =
            |object: &Object| Ok(Policy { namespace: object.namespace().to_owned(), spec: object.parse("/spec")? });
        Ok(Self(of_kind(objects, "NetworkPolicy").map(read).collect::<Result<_, Error>>()?))
    }

    /// Lets nothing in a namespace talk or listen, as `default-deny` does.
    pub(crate) fn deny_all(&mut self, namespace: &str) {
        let policy_types = vec![Direction::Ingress, Direction::Egress];
        let spec = Spec { pod_selector: Selector::default(), policy_types, ingress: Vec::new(), egress: Vec::new() };
        self.0.push(Policy { namespace: namespace.to_owned(), spec });
    }

    /// Whether both sides let it through.
    pub(crate) fn allow(&self, connection: Connection<'_>) -> bool {
        self.let_through(Direction::Egress, connection) && self.let_through(Direction::Ingress, connection)
    }

    /// A pod that no policy of a direction selects is open in it; else one of their rules must fit.
    fn let_through(&self, direction: Direction, connection: Connection<'_>) -> bool {
        let (pod, other) = match direction {
            Direction::Egress => (connection.from, connection.to),
            Direction::Ingress => (connection.to, connection.from),
        };
        let Party::Pod { namespace, labels, .. } = pod else { return true };
        let of_pod = |policy: &&Policy| {
            policy.namespace == *namespace
                && policy.spec.policy_types.contains(&direction)
                && policy.spec.pod_selector.matches(labels)
        };
        let mut policies = self.0.iter().filter(of_pod).peekable();
        policies.peek().is_none() || policies.any(|policy| policy.has_rule_for(direction, other, connection))
    }
}

impl Policy {
    fn has_rule_for(&self, direction: Direction, other: &Party, connection: Connection<'_>) -> bool {
        let fits = |peers: &[Peer], ports: &[Port]| {
            (peers.is_empty() || peers.iter().any(|peer| peer.is(other, &self.namespace)))
                && (ports.is_empty() || ports.iter().any(|port| port.is_of(connection)))
        };
        match direction {
            Direction::Egress => self.spec.egress.iter().any(|rule| fits(&rule.to, &rule.ports)),
            Direction::Ingress => self.spec.ingress.iter().any(|rule| fits(&rule.from, &rule.ports)),
        }
    }
}

impl Peer {
    /// Without a selector of namespaces it is about the policy's own.
    fn is(&self, party: &Party, own_namespace: &str) -> bool {
        match (party, &self.ip_block) {
            (Party::Address(address), Some(block)) => block.contains(*address),
            (Party::Pod { namespace, namespace_labels, labels }, None) => {
                let in_namespace = match &self.namespace_selector {
                    Some(selector) => selector.matches(namespace_labels),
                    None => namespace == own_namespace,
                };
                in_namespace && self.pod_selector.as_ref().is_none_or(|selector| selector.matches(labels))
            }
            (Party::Address(_), None) | (Party::Pod { .. }, Some(_)) => false,
        }
    }
}

impl Block {
    fn contains(&self, address: IpAddr) -> bool {
        self.cidr.contains(&address) && !self.except.iter().any(|except| except.contains(&address))
    }
}

impl Port {
    fn is_of(&self, connection: Connection<'_>) -> bool {
        self.port == connection.port && self.protocol == connection.protocol
    }
}

impl Selector {
    fn matches(&self, labels: &Labels) -> bool {
        super::objects::selects(&self.match_labels, labels)
            && self.match_expressions.iter().all(|expression| expression.holds(labels))
    }
}

impl Expression {
    fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn pod(namespace: &str, name: &str) -> Party {
        Party::Pod {
            namespace: namespace.to_owned(),
            namespace_labels: labels(&[("name", namespace)]),
            labels: labels(&[("app", name)]),
        }
    }

    fn policies(specs: &[&str]) -> Policies {
        let object =
            |spec: &&str| format!("kind: NetworkPolicy\nmetadata: {{name: p, namespace: ours}}\nspec: {spec}\n---\n");
        let text: String = specs.iter().map(object).collect();
        Policies::read(&Object::read_all(&text).unwrap()).unwrap()
    }

    fn allowed(policies: &Policies, from: &Party, to: &Party, port: u16) -> bool {
        policies.allow(Connection { from, to, port, protocol: Protocol::Tcp })
    }

    const DENY: &str = "{podSelector: {}, policyTypes: [Ingress, Egress]}";

    #[test]
    fn without_a_policy_everything_is_open_and_with_one_both_sides_must_allow() {
        let (a, b) = (pod("ours", "a"), pod("ours", "b"));
        assert!(allowed(&policies(&[]), &a, &b, 1));
        assert!(!allowed(&policies(&[DENY]), &a, &b, 1));
        let out = "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}";
        assert!(!allowed(&policies(&[DENY, out]), &a, &b, 1));
        let into = "{podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress], ingress: [{ports: [{port: 1}]}]}";
        assert!(allowed(&policies(&[DENY, out, into]), &a, &b, 1));
        assert!(!allowed(&policies(&[DENY, out, into]), &a, &b, 2));
        assert!(!allowed(&policies(&[DENY, out, into]), &b, &a, 1));
    }

    #[test]
    fn pods_of_another_namespace_need_a_selector_of_namespaces() {
        let (ours, theirs) = (pod("ours", "a"), pod("theirs", "b"));
        let to = |peer: &str| {
            policies(&[&format!("{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}")])
        };
        assert!(!allowed(&to("{podSelector: {matchLabels: {app: b}}}"), &ours, &theirs, 1));
        let named = "{namespaceSelector: {matchLabels: {name: theirs}}, podSelector: {matchLabels: {app: b}}}";
        assert!(allowed(&to(named), &ours, &theirs, 1));
        assert!(!allowed(&to(named), &ours, &pod("theirs", "c"), 1));
        assert!(!allowed(&to(named), &ours, &pod("others", "b"), 1));
    }

    #[test]
    fn addresses_are_in_blocks_and_pods_are_not() {
        let ours = pod("ours", "a");
        let out = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: \
                   {cidr: 192.0.2.0/24, except: [192.0.2.8/29]}}]}]}";
        let policies = policies(&[out]);
        let address = |text: &str| Party::Address(text.parse().unwrap());
        assert!(allowed(&policies, &ours, &address("192.0.2.1"), 1));
        assert!(!allowed(&policies, &ours, &address("192.0.2.9"), 1));
        assert!(!allowed(&policies, &ours, &address("198.51.100.1"), 1));
        assert!(!allowed(&policies, &ours, &pod("ours", "b"), 1));
    }

    #[test]
    fn the_protocol_counts() {
        let (a, b) = (pod("ours", "a"), pod("ours", "b"));
        let out = "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}";
        let policies = policies(&[out]);
        assert!(!allowed(&policies, &a, &b, 53));
        assert!(policies.allow(Connection { from: &a, to: &b, port: 53, protocol: Protocol::Udp }));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let text = "kind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}, policyTypes: [Egress], egress: \
                    [{ports: [{port: 1, endPort: 9}]}]}\n";
        assert!(Policies::read(&Object::read_all(text).unwrap()).is_err());
    }
}
