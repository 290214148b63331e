//! Numbers and events of uses and of refusals. A refusal by key, subject or context is an operation too: it is numbered,
//! and its event is durable before the caller is told.

use std::sync::Arc;

use names::LogName;
use rpc::{Granted, Permission};

use super::{Binding, Done};
use crate::error::Error;
use crate::metrics;
use crate::operations::{Action, Recorded, Use};
use crate::unsealed::Unsealed;

/// The uses that one call asks for.
pub(super) struct Uses<'a> {
    caller: Arc<str>,
    action: Action,
    bindings: Vec<&'a Binding>,
}

impl<'a> Uses<'a> {
    /// The uses of a call; every request of it was granted to the same caller.
    pub(super) fn of<P: Permission, T: AsRef<Binding>>(
        granted: &[Granted<P>],
        action: Action,
        requests: &'a [T],
    ) -> Result<Self, Error> {
        let bindings: Vec<&Binding> = requests.iter().map(AsRef::as_ref).collect();
        let named = |binding: &Binding| granted.iter().any(|one| binding.key.is(one.resource()));
        let all_named = by_key(&bindings).all(|group| group.first().is_some_and(|first| named(first)));
        match granted.first() {
            Some(first) if all_named => Ok(Self { caller: Arc::from(first.caller().as_str()), action, bindings }),
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
    pub(super) fn record(&self, uses: &Uses<'_>) -> Recorded {
        self.done.add(uses.action, uses.bindings.len());
        let recorded = used(&uses.bindings);
        self.operations.record(&uses.caller, uses.action, None, &recorded)
    }

    /// What was done, or the refusal after its event is durable. A refusal that cannot be recorded is not told either.
    pub(super) async fn or_refuse<R>(&self, uses: &Uses<'_>, done: Result<Vec<R>, Refused>) -> Result<Vec<R>, Error> {
        let Refused { error, indices } = match done {
            Ok(done) => return Ok(done),
            Err(refused) => refused,
        };
        let Some(reason) = error.refusal() else { return Err(error) };
        metrics::refused(uses.action, reason, indices.len());
        let refused: Vec<_> = indices.iter().filter_map(|index| uses.bindings.get(*index).copied()).collect();
        self.operations.record(&uses.caller, uses.action, Some(reason), &used(&refused)).durable().await?;
        Err(error)
    }
}

fn used<'a>(bindings: &[&'a Binding]) -> Vec<Use<'a>> {
    bindings.iter().map(|binding| Use { key: &binding.key, context: &binding.context }).collect()
}

/// Neighbours of one key together: mostly all are.
fn by_key<'s, 'b>(bindings: &'s [&'b Binding]) -> impl Iterator<Item = &'s [&'b Binding]> {
    bindings.chunk_by(|one, next| one.key == next.key)
}
