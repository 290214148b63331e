//! The permissions that this service's methods ask for, each a type.

rpc::permissions! {
    /// Make entries of events: for services only.
    EventsAppend = "events.append",
    /// Read an entry.
    EntriesGet = "entries.get",
    /// Search a log.
    EntriesList = "entries.list",
    /// Read how far a log has come.
    LogsGet = "logs.get",
    /// List logs.
    LogsList = "logs.list",
    /// Verify a log.
    LogsVerify = "logs.verify",
}
