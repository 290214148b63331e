//! Numbers and events of uses and of refusals. A refusal is an operation too: it is numbered, and its event is durable
//! before the caller is told.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use names::{KeyUid, LogName};
use rpc::{Failure, Granted, Permission};
use tonic::Code;
use uuid::Uuid;

use super::material::Material;
use super::{Asked, Batch, Binding, DataKeys, Done};
use crate::error::Error;
use crate::metrics;
use crate::operations::{Action, Asking, Use};

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
}

impl<T> Uses<'_, T> {
    /// Who asks.
    pub(super) fn asking(&self) -> &Asking {
        &self.asking
    }
}

/// Why one request of a batch is refused.
#[derive(Debug, Clone)]
pub(super) struct Refused(Failure);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

impl Refused {
    /// What its event says.
    fn reason(&self) -> &'static str {
        match (self.0.reason(), self.0.code()) {
            ("", Code::NotFound) => "NOT_FOUND",
            ("", Code::InvalidArgument) => "INVALID_ARGUMENT",
            ("", _) => "INTERNAL",
            (reason, _) => reason,
        }
    }
}

/// What each request came to: the result and the version that wraps it, or why there is none.
pub(super) type Attempted<R> = Vec<Result<(R, Arc<str>), Refused>>;

/// Does what can be done of a batch.
pub(super) fn attempt<T, R>(requests: &[T], work: impl FnMut(&T) -> Result<(R, Arc<str>), Refused>) -> Attempted<R> {
    requests.iter().map(work).collect()
}

impl DataKeys {
    /// Refuses work while evidence of it could not be kept.
    pub(super) fn admit(&self) -> Result<(), Error> {
        self.operations.admit()?;
        Ok(self.core.outbox.admit(&LogName::System)?)
    }

    /// Counts one wrap under the primary version of its key for each request that was done.
    pub(super) fn count_wraps<T: Asked, R>(&self, uses: &Uses<'_, T>, attempted: &Attempted<R>, material: &Material) {
        let mut counts: HashMap<(KeyUid, u32), u64> = HashMap::with_capacity(1);
        let done = uses.requests.iter().zip(attempted).filter(|(_, one)| one.is_ok());
        for key in done.filter_map(|(request, _)| material.known_key(request.binding())) {
            *counts.entry((key.uid, key.primary_version)).or_default() += 1;
        }
        for ((key, version), count) in counts {
            self.wrap_counts.add(key, version, count);
        }
    }

    /// Numbers what was done and what was refused. Where a key leaves in the clear, or a refusal is told, their events are
    /// durable first: what cannot be recorded is not told either.
    pub(super) async fn account<T: Asked, R>(
        &self,
        uses: &Uses<'_, T>,
        attempted: Attempted<R>,
        material: &Material,
    ) -> Result<Batch<R>, Error> {
        let action = uses.asking.action;
        let used = uses.requests.iter().zip(&attempted);
        let used: Vec<Use<'_>> = used.map(|(one, came)| use_of(one, came.as_ref().err(), material)).collect();
        let refused = used.iter().filter_map(|one| one.refusal);
        refused.clone().for_each(|reason| metrics::refused(action, reason));
        let refusals = refused.count();
        self.done.add(action, used.len() - refusals);
        let recorded = self.operations.record(&uses.asking, &used);
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
