//! The permissions of this service's methods as types; the names are those of the method options in `proto/`.

use std::collections::HashSet;
use std::fmt;

use rpc::{Granted, Permission};

use crate::error::Error;

rpc::permissions! {
    AlarmsClose = "alarms.close",
    DataKeysGenerate = "dataKeys.generate",
    DataKeysRewrap = "dataKeys.rewrap",
    DataKeysUnwrap = "dataKeys.unwrap",
    HeadsAdvance = "heads.advance",
    HeadsGet = "heads.get",
    HeadsList = "heads.list",
    KeyChangesList = "keyChanges.list",
    KeyVersionsGet = "keyVersions.get",
    KeyVersionsList = "keyVersions.list",
    KeysCreate = "keys.create",
    KeysGet = "keys.get",
    KeysList = "keys.list",
    KeysRotate = "keys.rotate",
    LossesDeclare = "losses.declare",
    MacsVerify = "macs.verify",
    PublicKeysList = "publicKeys.list",
    SealGet = "seal.get",
    SignerAcknowledge = "signer.acknowledge",
    SignerSeal = "signer.seal",
    TenantKeysProvision = "tenantKeys.provision",
}

/// Holds what is done against what was granted: a use case that is given another name than its grant's does nothing.
pub(crate) fn check_granted<P: Permission>(
    granted: &[Granted<P>],
    names: impl IntoIterator<Item = impl fmt::Display>,
) -> Result<(), Error> {
    if are_all_of(granted.iter().map(Granted::resource), names) {
        Ok(())
    } else {
        Err(Error::Bug("what is asked for was not granted"))
    }
}

fn are_all_of<'a>(
    resources: impl Iterator<Item = &'a str>,
    names: impl IntoIterator<Item = impl fmt::Display>,
) -> bool {
    let resources: HashSet<&str> = resources.collect();
    names.into_iter().all(|name| resources.contains(name.to_string().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_needs_the_grant_of_its_own_resource() {
        let granted = ["logs/acme", "logs/other"];
        let are_granted = |names: &[&str]| are_all_of(granted.into_iter(), names);
        assert!(
            are_granted(&[]) && are_granted(&["logs/other"]) && are_granted(&["logs/other", "logs/acme", "logs/acme"])
        );
        for names in [&["logs/acme", "logs/third"][..], &["logs"], &["logs/acme/entries/1"], &[""]] {
            assert!(!are_granted(names), "{names:?}");
        }
        // What is wrong with a request may be told with a grant of the root, and nothing be done.
        assert!(!are_all_of([""].into_iter(), ["logs/acme"]));
    }
}
