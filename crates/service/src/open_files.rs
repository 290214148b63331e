//! Room for file descriptors: every connection is one, and a process has 1,024 by default where systemd starts it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Common;

/// Descriptors beside those of connections: logs, files that are read again, the admin port, peers.
const OTHERS: u64 = 128;

/// Takes as many as the process may have, and warns where its limits of connections ask for more.
pub(crate) fn make_room(config: &Common<'_>) {
    let limit = getrlimit(Resource::Nofile);
    // What the process may have anyway; without it there are as many as before.
    let _raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let (needed, allowed) = (needed(config), getrlimit(Resource::Nofile).current);
    if allowed.is_some_and(|allowed| allowed < needed) {
        tracing::warn!(allowed, needed, "too few open files are allowed for the connections of the configuration");
    }
}

fn needed(config: &Common<'_>) -> u64 {
    let connections = [
        config.grpc.max_connections,
        config.grpc.max_unauthenticated,
        rpc::server::MAX_STRANGERS,
        config.database.max_connections,
    ];
    let connections = connections.into_iter().fold(0, usize::saturating_add);
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS)
}
