//! The policy of the Kubernetes base is that of the development stack, in another trust domain: kustomize reads no file
//! outside of its base, so there are two.

use super::files::Source;
use super::finding::Finding;

const ORIGINAL: &str = "deploy/policy.toml";
const COPY: &str = "deploy/kubernetes/base/policy.toml";
const TRUST_DOMAINS: [&str; 2] = ["strongroom.dev", "strongroom.example"];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let find = |path| sources.iter().find(|source| source.path == path);
    let (Some(original), Some(copy)) = (find(ORIGINAL), find(COPY)) else { return Vec::new() };
    let [from, to] = TRUST_DOMAINS;
    let wanted = original.text.replace(from, to);
    if wanted == copy.text {
        return Vec::new();
    }
    let same = wanted.lines().zip(copy.text.lines()).take_while(|(wanted, found)| wanted == found).count();
    let message = format!("differs from {ORIGINAL} in more than the trust domain: copy it, with {to} for {from}");
    vec![Finding::new(copy, same + 1, message)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn only_the_trust_domain_may_differ() {
        let original = source(ORIGINAL, "# who\nsubject = \"spiffe://strongroom.dev/app\"\n");
        let good = source(COPY, "# who\nsubject = \"spiffe://strongroom.example/app\"\n");
        let bad = source(COPY, "# who\nsubject = \"spiffe://strongroom.example/root\"\n");
        assert_eq!(check(&[original.clone(), good]), []);
        assert_eq!(check(&[original, bad]).iter().map(|found| found.line).collect::<Vec<_>>(), [2]);
    }
}
