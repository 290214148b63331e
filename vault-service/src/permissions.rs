//! The permissions of this service's methods as types; the names are those of the method options in `proto/`.

rpc::permissions! {
    /// Make collections.
    CollectionsCreate = "collections.create",
    /// See a collection.
    CollectionsGet = "collections.get",
    /// See which collections there are.
    CollectionsList = "collections.list",
    /// Seal new records.
    RecordsCreate = "records.create",
    /// Remove records.
    RecordsDelete = "records.delete",
    /// See that a record is there.
    RecordsGet = "records.get",
    /// See which records are there.
    RecordsList = "records.list",
    /// See masked values, and whole ones that are not regulated.
    RecordsReveal = "records.reveal",
    /// See whole values.
    RecordsRevealFull = "records.revealFull",
    /// Seal new revisions.
    RecordsUpdate = "records.update",
    /// Make tenants.
    TenantsCreate = "tenants.create",
    /// See a tenant.
    TenantsGet = "tenants.get",
    /// See which tenants there are.
    TenantsList = "tenants.list",
}
