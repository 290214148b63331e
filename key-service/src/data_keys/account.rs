//! Numbers and events of uses and of refusals. A refusal by key, subject or context is an operation too: it is numbered,
//! and its event is durable before the caller is told.

use std::net::IpAddr;
use std::sync::Arc;

use names::LogName;
use rpc::{Granted, Permission};

use super::material::Material;
use super::{Asked, Binding, Done};
use crate::error::Error;
use crate::metrics;
use crate::operations::{Action, Asking, Recorded, Use};
use crate::unsealed::Unsealed;

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

/// Why a batch is refused, and which of its requests are.
pub(super) struct Refused {
    error: Error,
    indices: Vec<usize>,
}

/// Does all of a batch. All mismatches are found; any other error ends it.
pub(super) fn attempt<T, R>(requests: &[T], mut work: impl FnMut(&T) -> Result<R, Error>) -> Result<Vec<R>, Refused> {
    let (mut done, mut mismatches, mut indices) = (Vec::with_capacity(requests.len()), Vec::new(), Vec::new());
    for (index, request) in requests.iter().enumerate() {
        match work(request) {
            Ok(one) => done.push(one),
            Err(Error::ContextMismatch { fields }) => {
                mismatches.extend(fields);
                indices.push(index);
            }
            Err(error) => return Err(Refused { error, indices: vec![index] }),
        }
    }
    if mismatches.is_empty() {
        Ok(done)
    } else {
        Err(Refused { error: Error::ContextMismatch { fields: mismatches }, indices })
    }
}

impl Recorded {
    /// Gives each result of a batch its number.
    pub(super) fn number<T>(&self, results: Vec<(T, Arc<str>)>) -> Vec<Done<T>> {
        let numbered = results.into_iter().enumerate();
        numbered
            .map(|(offset, (result, version))| Done { result, version, operation: self.operation(offset) })
            .collect()
    }
}

impl Unsealed {
    /// Refuses work while evidence of it could not be kept.
    pub(super) fn admit(&self) -> Result<(), Error> {
        self.operations.admit()?;
        Ok(self.outbox.admit(&LogName::System)?)
    }

    /// Records the uses of a call.
    pub(super) fn record<T: Asked>(&self, uses: &Uses<'_, T>, material: &Material) -> Result<Recorded, Error> {
        self.done.add(uses.asking.action, uses.requests.len());
        let used = uses.requests.iter().map(|one| used(one, material)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.operations.record(&uses.asking, None, &used))
    }

    /// What was done, or the refusal after its event is durable. A refusal that cannot be recorded is not told either.
    pub(super) async fn or_refuse<T: Asked, R>(
        &self,
        uses: &Uses<'_, T>,
        material: &Material,
        done: Result<Vec<R>, Refused>,
    ) -> Result<Vec<R>, Error> {
        let Refused { error, indices } = match done {
            Ok(done) => return Ok(done),
            Err(refused) => refused,
        };
        let Some(reason) = error.refusal() else { return Err(error) };
        metrics::refused(uses.asking.action, reason, indices.len());
        let refused = indices.iter().filter_map(|index| uses.requests.get(*index));
        let refused = refused.map(|one| used(one, material)).collect::<Result<Vec<_>, _>>()?;
        self.operations.record(&uses.asking, Some(reason), &refused).durable().await?;
        Err(error)
    }
}

fn used<'a>(one: &'a impl Asked, material: &Material) -> Result<Use<'a>, Error> {
    let binding: &Binding = one.binding();
    let key = &material.key(binding)?.key;
    Ok(Use {
        key: &binding.key,
        key_uid: key.uid,
        version: one.version(key),
        subject: &binding.subject,
        on_behalf_of: binding.on_behalf_of.as_ref(),
        context: &binding.context,
    })
}
