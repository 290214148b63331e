//! The picture of the arrows in `deploy/README.md`. `UPDATE_GOLDEN=1` draws it anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use stack::binaries::repository;

use super::super::objects::Error;
use super::super::render::Rendering;
use super::super::workloads::Workload;
use super::{Arrow, DNS};

const PAGE: &str = "deploy/README.md";
const BEGIN: &str = "```mermaid\nflowchart LR\n";
const END: &str = "```\n";

/// Whether the page shows the arrows of this installation.
pub(crate) fn check(rendering: &Rendering) -> Result<Vec<String>, Error> {
    let arrows = super::needed(rendering, &Workload::read_all(&rendering.objects)?)?;
    let path = repository().join(PAGE);
    let page = std::fs::read_to_string(&path)?;
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| format!("{PAGE} has no picture"))?;
    let (shown, after) = rest.split_once(END).ok_or_else(|| format!("the picture in {PAGE} has no end"))?;
    let wanted = draw(arrows.iter());
    if shown == wanted {
        return Ok(Vec::new());
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}"))?;
        return Ok(Vec::new());
    }
    Ok(vec![format!("the picture in {PAGE} shows other arrows: draw it anew with UPDATE_GOLDEN=1 ./dev deploy")])
}

/// Everybody, and a line for each arrow but for those to DNS, which all pods have.
fn draw<'a>(arrows: impl Iterator<Item = &'a Arrow>) -> String {
    let is_dns = |arrow: &Arrow| DNS.iter().any(|(name, _)| *name == arrow.to);
    let shown: Vec<&Arrow> = arrows.filter(|arrow| !is_dns(arrow)).collect();
    let names: BTreeSet<&str> = shown.iter().flat_map(|arrow| [arrow.from.as_str(), arrow.to.as_str()]).collect();
    let mut picture = String::new();
    // Writing to a String cannot fail.
    for name in names {
        let _ = writeln!(picture, "    {}[\"{name}\"]", id(name));
    }
    for Arrow { from, to, port, .. } in shown {
        let _ = writeln!(picture, "    {} -->|{port}| {}", id(from), id(to));
    }
    picture
}

fn id(name: &str) -> String {
    name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}

#[cfg(test)]
mod tests {
    use super::super::super::policies::Protocol;
    use super::*;

    #[test]
    fn an_arrow_is_a_line_and_dns_is_left_out() {
        let arrow = |to: &str| Arrow::new("key-service", to, 53, Protocol::Tcp);
        let arrows = [arrow("DNS"), arrow("PostgreSQL")];
        let wanted =
            "    PostgreSQL[\"PostgreSQL\"]\n    key_service[\"key-service\"]\n    key_service -->|53| PostgreSQL\n";
        assert_eq!(draw(arrows.iter()), wanted);
    }
}
