//! The permissions of this service's methods as types; the names are those of the method options in `proto/`.

rpc::permissions! {
    AlarmsClose = "alarms.close",
    DataKeysGenerate = "dataKeys.generate",
    DataKeysRewrap = "dataKeys.rewrap",
    DataKeysUnwrap = "dataKeys.unwrap",
    HeadsAdvance = "heads.advance",
    HeadsGet = "heads.get",
    HeadsList = "heads.list",
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
