//! From where, and for whom, a call is made: what its event says beside its caller.

use std::net::IpAddr;

use audit::Event;
use names::OnBehalfOf;

/// From where, and for whom, a call is made.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The caller's address.
    pub peer: IpAddr,
    /// Whom the caller acts for.
    pub on_behalf_of: Option<OnBehalfOf>,
}

impl Origin {
    /// Whom the caller acts for, as events and rows say it: empty for itself.
    pub fn user(&self) -> &str {
        self.on_behalf_of.as_ref().map_or("", OnBehalfOf::as_str)
    }

    /// The event, with what it says of the origin.
    #[must_use]
    pub fn mark(&self, mut event: Event) -> Event {
        self.user().clone_into(&mut event.on_behalf_of);
        event.with("peer", self.peer)
    }
}
