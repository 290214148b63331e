//! What is said of quarantined logs.

/// What an operator does about a log that is quarantined for a reason, in words.
pub(crate) fn advice(log: &str, reason: &str) -> String {
    match reason {
        "AHEAD" => format!(
            "the signer has fewer entries than {log}: after a restore of the key database run `audit-service advance \
             --log {log}` with an operator's certificate (docs/runbooks/audit-log.md)"
        ),
        "STALE" => format!(
            "{log} lacks entries that the signer no longer keeps: restore a newer backup of the audit database, or \
             declare the loss with SignerService.DeclareLoss"
        ),
        "SIGNER_UNUSABLE" => format!(
            "rows of the key database about {log} were altered or set back: restore the key database, then run \
             `audit-service advance --log {log}`"
        ),
        "FORKED" => format!("the signer has another history of {log}: verify it, and see docs/runbooks/audit-log.md"),
        _ => format!("verify {log}, and see docs/runbooks/audit-log.md"),
    }
}
