//! Which keys of the system's own there are, by their ids.

use names::KeyId;

use crate::key::Purpose;

/// Authenticates audit entries.
pub(crate) const AUDIT_MAC_KEY: &str = "audit-mac";
/// Wraps the keys that vault-service keeps for itself.
const VAULT_SERVICE_KEY: &str = "vault-service";
/// All of them, sorted by id, with what each is for.
pub(super) const OWN_KEYS: [(&str, Purpose); 2] = [(AUDIT_MAC_KEY, Purpose::Mac), (VAULT_SERVICE_KEY, Purpose::Wrap)];
/// How the ids of those begin that later versions bring.
const RESERVED: [&str; 3] = ["checkpoint", "statement", "system-"];

/// Whether an id is kept for keys of the system's own, today's and those of later versions: nobody else makes such a key.
pub(crate) fn is_reserved(id: &KeyId) -> bool {
    is_own(id) || RESERVED.iter().any(|begin| id.as_str().starts_with(begin))
}

/// Whether a key that does not exist is one that must.
pub(crate) fn is_own(id: &KeyId) -> bool {
    OWN_KEYS.iter().any(|(own, _)| *own == id.as_str())
}
