//! What a command ends with.

/// Why something failed; the message is for a person.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a command ends with.
pub(crate) type Outcome = Result<(), Failure>;
