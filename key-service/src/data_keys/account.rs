//! Numbers and events of uses and of refusals. A refusal is an operation too: it is numbered, and its event is durable
//! before the caller is told.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use names::KeyUid;
use rpc::{Granted, Permission};
use uuid::Uuid;

use super::batch::{Asked, Attempted, Batch, Binding, Done, Refused};
use super::material::Material;
use crate::error::Error;
use crate::metrics::{self, DoneCounters};
use crate::operations::{Action, Asking, Operations, Use};
use crate::wrap_counts::WrapCounts;

/// The uses that one call asks for.
pub(super) struct Uses<'a, T> {
    asking: Asking,
    requests: &'a [T],
}

impl<'a, T: Asked> Uses<'a, T> {
    /// The uses of a call; every request of it was granted to the same caller.
    pub(super) fn of<P: Permission>(
        granted: &[Granted<P>],
        peer: IpAddr,
        action: Action,
        requests: &'a [T],
    ) -> Result<Self, Error> {
        let named = |one: &T| granted.iter().any(|granted| one.binding().key.is(granted.resource()));
        // Neighbours of one key together: mostly all are.
        let mut groups = requests.chunk_by(|one, next| one.binding().key == next.binding().key);
        let all_named = groups.all(|group| group.first().is_some_and(named));
        match granted.first() {
            Some(first) if all_named => {
                let caller = Arc::from(first.caller().as_str());
                Ok(Self { asking: Asking { caller, peer, action }, requests })
            }
            _ => Err(Error::Bug("a request of a batch was not granted")),
        }
    }

    /// Who asks.
    pub(super) fn asking(&self) -> &Asking {
        &self.asking
    }

    /// Counts one wrap under the primary version of its key for each request that was done.
    pub(super) fn count_wraps<R>(&self, counter: &WrapCounts, attempted: &Attempted<R>, material: &Material) {
        let mut counts: HashMap<(KeyUid, u32), u64> = HashMap::with_capacity(1);
        let done = self.requests.iter().zip(attempted).filter(|(_, one)| one.is_ok());
        for key in done.filter_map(|(request, _)| material.known_key(request.binding())) {
            *counts.entry((key.uid, key.primary_version)).or_default() += 1;
        }
        for ((key, version), count) in counts {
            counter.add(key, version, count);
        }
    }

    /// Numbers what was done and what was refused. Where a key leaves in the clear, or a refusal is told, their events are
    /// durable first: what cannot be recorded is not told either.
    pub(super) async fn account<R>(
        &self,
        operations: &Operations,
        done: &DoneCounters,
        attempted: Attempted<R>,
        material: &Material,
    ) -> Result<Batch<R>, Error> {
        let action = self.asking.action;
        let used = self.requests.iter().zip(&attempted);
        let used: Vec<Use<'_>> = used.map(|(one, came)| use_of(one, came.as_ref().err(), material)).collect();
        let refused = used.iter().filter_map(|one| one.refusal);
        refused.clone().for_each(|reason| metrics::refused(action, reason));
        let refusals = refused.count();
        done.add(action, used.len() - refusals);
        let recorded = operations.record(&self.asking, &used);
        if action != Action::Generate || refusals > 0 {
            recorded.durable().await?;
        }
        let numbered = attempted.into_iter().enumerate().map(|(offset, one)| {
            let (result, version) = one.map_err(|refused| refused.0)?;
            Ok(Done { result, version, operation: recorded.operation(offset) })
        });
        Ok(Batch { results: numbered.collect(), event: recorded.event })
    }
}

fn use_of<'a>(one: &'a impl Asked, refused: Option<&Refused>, material: &Material) -> Use<'a> {
    let binding: &Binding = one.binding();
    let key = material.known_key(binding);
    Use {
        key: &binding.key,
        key_uid: key.map_or(KeyUid::new(Uuid::nil()), |key| key.uid),
        version: key.map_or(0, |key| one.version(key)),
        subject: &binding.subject,
        on_behalf_of: binding.on_behalf_of.as_ref(),
        context: &binding.context,
        refusal: refused.map(Refused::reason),
    }
}
