//! What goes wrong on purpose, and what a run may find.

/// A defect to build in: each breaks an invariant, and the simulation must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The look-up of event ids is not repeated when a batch starts over after BEHIND.
    LooksUpOnce,
    /// The greatest event ids are read before the locks are held.
    NewestBeforeLock,
    /// Receipts are given before anything is sealed.
    EarlyReceipt,
    /// Segments that BEHIND carries are not taken.
    IgnoresBehind,
    /// A rollback is reported without looking whether the lock still holds.
    NoLockCheck,
    /// The signer is told of a commit that has not answered.
    AcknowledgesEarly,
    /// The signer loses its newest segment when it restarts.
    ForgetfulSigner,
    /// PostgreSQL loses its newest commits when it restarts (`synchronous_commit = off`).
    ForgetfulDatabase,
    /// A verification opens its snapshot before it asks the signer.
    SnapshotFirst,
    /// The signer seals whatever time an entry has.
    NoTimeRule,
    /// The signer does not remember what a declared loss explains.
    ForgetsExplained,
    /// A MAC of a key version that a process has not loaded is called wrong.
    UnknownIsWrong,
    /// A log is brought forward although its alarms are gone, and nothing says so.
    AdvancesSilently,
}

/// What a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// An event is not in its log exactly once, or not where its receipt says.
    NotExactlyOnce(String),
    /// An event was refused.
    Refused(String),
    /// Another entry at an index that has one.
    SecondHistory(String),
    /// An entry was logged before the one before it, or far ahead of the signer's clock, or nothing was said of it.
    Time(String),
    /// The signer and the rows do not agree although all is quiet.
    Disagree(String),
    /// It did not become quiet.
    Wedged,
    /// The signer keeps an alarm that nothing explains.
    FalseAlarm(String),
    /// Something happened, and the signer keeps no alarm of it.
    Silence(String),
    /// A log is in quarantine.
    Quarantined,
    /// What an operator does is refused, or has to be done again.
    Repair(String),
    /// A verification found something.
    NotIntact(String),
}

/// What a run came to, of what it is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reached {
    /// A log was behind the signer.
    Behind,
    /// It took more than one page to catch up.
    Pages,
    /// A segment was answered from storage.
    Replayed,
    /// A segment began before what is kept.
    Stale,
    /// An event was in its log already.
    Known,
    /// Whether it was could not be told, for want of a key version.
    Undecided,
    /// A report was not made, because the lock was lost.
    LateReport,
    /// A verification found a segment in flight.
    Recovered,
    /// Entries were refused because of their time.
    WrongTime,
    /// The log's time was ahead of the signer's clock.
    ClockAlarm,
    /// Rows that had been set back were reported.
    RolledBack,
    /// A loss was declared.
    Lost,
    /// A log went on behind a loss.
    OverLoss,
    /// The key database had been set back below the rows.
    Ahead,
    /// A process that had seen more than the key database said nothing.
    SetBack,
    /// A log was brought forward.
    Advanced,
    /// It was brought forward on an operator's word, or its alarms were gone.
    AdvancedAlarm,
    /// An operator closed alarms.
    Closed,
}

impl Reached {
    /// All of them.
    pub(crate) const ALL: [Self; 18] = [
        Self::Behind,
        Self::Pages,
        Self::Replayed,
        Self::Stale,
        Self::Known,
        Self::Undecided,
        Self::LateReport,
        Self::Recovered,
        Self::WrongTime,
        Self::ClockAlarm,
        Self::RolledBack,
        Self::Lost,
        Self::OverLoss,
        Self::Ahead,
        Self::SetBack,
        Self::Advanced,
        Self::AdvancedAlarm,
        Self::Closed,
    ];
}
