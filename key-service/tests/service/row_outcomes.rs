//! A database superuser puts older genuine rows back, or deletes rows: what comes of it, as docs/data-model.md says.

mod past;

use test_support::postgres::put_rows_back;
use test_support::tamper::Deed::{Delete, PutBack};
use test_support::tamper::{Deed, unsaid};

use past::Past;

/// The service's role.
const ROLE: &str = "strongroom_key";
/// The data model's words for what is refused.
const ALTERED: &str = "DataLoss AAD_MISMATCH";
const INCONSISTENT: &str = "DataLoss LOG_INCONSISTENT";
const NOT_FOUND: &str = "NotFound";
const SET_BACK: &str = "FailedPrecondition KEY_VERSION_UNKNOWN";

/// What is asked of the service.
#[derive(Debug, Clone, Copy)]
enum Ask {
    /// Does it unseal?
    Unseal,
    /// Is keys/vault-service the key that it was?
    OwnKey,
    /// Which version of a key is its primary one?
    Get(&'static str),
    /// Under which version does a key wrap?
    Wrap(&'static str),
    /// Why does a key wrap no more, from a moment later on?
    WrapsNoMore(&'static str),
    /// Does what was wrapped under version 1 of the key k open?
    Unwrap,
    /// Does what was wrapped for the subject open, after a further data key for it?
    Subject,
    /// How many data keys did version 1 of the key k wrap?
    Count,
    /// What does a create answer that is sent again: of this key, or of the one that was given no id?
    Again(&'static str),
    /// How long is a log, and how many alarms does it have?
    Head(&'static str),
    /// What comes of the next segment of a log?
    Next(&'static str),
    /// What comes of other bytes at this place of the log `logs/plain`?
    Other(usize),
    /// What comes of an alarm about a further log that was never sealed?
    Raise,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Process {
    /// A process that was started afterwards.
    Fresh,
    /// One that knew the rows before.
    Seen,
}
use Ask::{Again, Count, Get, Head, Next, Other, OwnKey, Raise, Subject, Unseal, Unwrap, Wrap, WrapsNoMore};
use Process::{Fresh, Seen};

/// What comes of rows that are put back or deleted.
struct Case {
    /// What is done, first to the table that the case is about.
    deeds: &'static [Deed],
    process: Process,
    /// What is asked, and the answers.
    asks: &'static [(Ask, &'static str)],
}

/// A case whose answers are those of a process that was started afterwards.
const fn fresh(deeds: &'static [Deed], asks: &'static [(Ask, &'static str)]) -> Case {
    Case { deeds, process: Fresh, asks }
}

/// A case whose answers are those of a process that knew the rows before.
const fn seen(deeds: &'static [Deed], asks: &'static [(Ask, &'static str)]) -> Case {
    Case { deeds, process: Seen, asks }
}

/// The answers as long as nothing is done.
const CONTROL: Case = fresh(
    &[],
    &[
        (Unseal, "unsealed"),
        (OwnKey, "the same"),
        (Get("k"), "version 2"),
        (Get("vault-service"), "version 1"),
        (Wrap("k"), "version 2"),
        (Wrap("d"), "FailedPrecondition KEY_VERSION_DISABLED"),
        (Count, "2"),
        (Subject, "opens"),
        (Unwrap, "opens"),
        (Again("f"), "AlreadyExists"),
        (Again("k"), "the first answer"),
        (Again(""), "the first answer"),
        (Head("logs/plain"), "size 3, alarms 0"),
        (Other(0), "Stale"),
        (Other(1), "Behind"),
        (Other(2), "Behind"),
        (Next("logs/plain"), "Sealed"),
        (Head("logs/alarms"), "size 3, alarms 3"),
        (Next("logs/alarms"), "Sealed"),
        (Head("logs/lost"), "size 2, alarms 0"),
        (Head("logs/found"), "size 3, alarms 0"),
        (Head("logs/none"), "size 0, alarms 2"),
        (Raise, "Ahead"),
    ],
);

/// Tables of which there are no older rows: the service may not change any.
const NEVER_CHANGED: [&str; 2] = ["root_key", "subject_keys"];

/// Segments of a log of three.
const PLAIN_FIRST: &str =
    "first_index = 0 AND log_id IN (SELECT log_id FROM signer_heads WHERE log_name = 'logs/plain')";
const PLAIN_SECOND: &str =
    "first_index = 1 AND log_id IN (SELECT log_id FROM signer_heads WHERE log_name = 'logs/plain')";
const PLAIN_NEWEST: &str =
    "first_index = 2 AND log_id IN (SELECT log_id FROM signer_heads WHERE log_name = 'logs/plain')";
const PLAIN_LATER: &str =
    "first_index > 0 AND log_id IN (SELECT log_id FROM signer_heads WHERE log_name = 'logs/plain')";

const CASES: &[Case] = &[
    fresh(&[Delete("root_key", "true")], &[(Unseal, "sealed, an alarm")]),
    fresh(&[PutBack("own_keys", "true")], &[(Unseal, "sealed")]),
    fresh(
        &[
            PutBack("own_keys", "true"),
            Delete("key_versions", "key_uid = (SELECT key_uid FROM keys WHERE key_id = 'vault-service')"),
            Delete("keys", "key_id = 'vault-service'"),
        ],
        &[(Unseal, "unsealed"), (OwnKey, "made anew")],
    ),
    fresh(&[Delete("own_keys", "true")], &[(Unseal, "sealed, an alarm")]),
    fresh(&[PutBack("keys", "key_id = 'k'")], &[(Get("k"), "version 1"), (Wrap("k"), "version 1")]),
    seen(&[PutBack("keys", "key_id = 'k'")], &[(Get("k"), "version 1"), (WrapsNoMore("k"), SET_BACK)]),
    fresh(&[Delete("keys", "key_id = 'k'")], &[(Get("k"), NOT_FOUND), (Wrap("k"), NOT_FOUND)]),
    seen(&[Delete("keys", "key_id = 'k'")], &[(Get("k"), SET_BACK), (WrapsNoMore("k"), SET_BACK)]),
    seen(&[Delete("keys", "key_id = 'vault-service'")], &[(Get("vault-service"), ALTERED)]),
    fresh(&[Delete("keys", "key_id = 'vault-service'")], &[(Unseal, "sealed, an alarm")]),
    fresh(&[PutBack("key_versions", "true")], &[(Wrap("d"), "version 1")]),
    fresh(&[Delete("key_versions", "version = 2")], &[(Wrap("k"), ALTERED)]),
    fresh(
        &[Delete("key_versions", "version = 1")],
        &[(Wrap("k"), "version 2"), (Wrap("d"), ALTERED), (Unwrap, ALTERED)],
    ),
    fresh(&[Delete("subject_keys", "true")], &[(Subject, "InvalidArgument AAD_MISMATCH")]),
    fresh(&[PutBack("wrap_counts", "true")], &[(Count, "1")]),
    fresh(&[Delete("wrap_counts", "true")], &[(Count, "0")]),
    fresh(&[PutBack("requests", "true")], &[(Again("f"), "the first answer")]),
    fresh(&[Delete("requests", "true")], &[(Again("k"), "AlreadyExists"), (Again(""), "another key")]),
    fresh(
        &[PutBack("signer_heads", "log_name = 'logs/plain'")],
        &[(Head("logs/plain"), INCONSISTENT), (Next("logs/plain"), INCONSISTENT), (Next("logs/alarms"), "Sealed")],
    ),
    seen(
        &[PutBack("signer_heads", "log_name = 'logs/plain'")],
        &[(Head("logs/plain"), INCONSISTENT), (Next("logs/plain"), INCONSISTENT)],
    ),
    fresh(
        &[
            PutBack("signer_heads", "log_name = 'logs/plain'"),
            PutBack("signer_segments", PLAIN_FIRST),
            Delete("signer_segments", PLAIN_LATER),
        ],
        &[(Head("logs/plain"), "size 1, alarms 0"), (Next("logs/plain"), "Ahead")],
    ),
    seen(
        &[
            PutBack("signer_heads", "log_name = 'logs/plain'"),
            PutBack("signer_segments", PLAIN_FIRST),
            Delete("signer_segments", PLAIN_LATER),
        ],
        &[(Head("logs/plain"), INCONSISTENT), (Next("logs/plain"), INCONSISTENT)],
    ),
    fresh(
        &[Delete("signer_heads", "log_name = 'logs/plain'")],
        &[(Head("logs/plain"), NOT_FOUND), (Next("logs/plain"), "Ahead")],
    ),
    seen(
        &[Delete("signer_heads", "log_name = 'logs/plain'")],
        &[(Head("logs/plain"), INCONSISTENT), (Next("logs/plain"), INCONSISTENT)],
    ),
    fresh(
        &[Delete("signer_heads", "log_name = 'logs/alarms'")],
        &[
            (Head("logs/alarms"), INCONSISTENT),
            (Next("logs/alarms"), INCONSISTENT),
            (Head("logs/none"), INCONSISTENT),
            (Next("logs/plain"), "Sealed"),
        ],
    ),
    fresh(
        &[PutBack("signer_segments", PLAIN_FIRST)],
        &[(Head("logs/plain"), "size 3, alarms 0"), (Other(0), "Behind"), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[Delete("signer_segments", PLAIN_NEWEST)],
        &[(Head("logs/plain"), INCONSISTENT), (Next("logs/plain"), INCONSISTENT)],
    ),
    fresh(
        &[Delete("signer_segments", PLAIN_SECOND)],
        &[(Head("logs/plain"), "size 3, alarms 0"), (Other(1), "Stale"), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[PutBack("signer_alarms", "log_name = 'logs/alarms'")],
        &[(Head("logs/alarms"), INCONSISTENT), (Next("logs/alarms"), "Sealed"), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[Delete("signer_alarms", "log_name = 'logs/alarms'")],
        &[(Head("logs/alarms"), INCONSISTENT), (Next("logs/alarms"), "Sealed"), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[Delete("signer_alarms", "log_name = 'logs/none' AND first_index = 7")],
        &[(Head("logs/none"), INCONSISTENT), (Raise, INCONSISTENT), (Head("logs/plain"), "size 3, alarms 0")],
    ),
    fresh(&[PutBack("signer_losses", "true")], &[(Head("logs/found"), INCONSISTENT), (Next("logs/plain"), "Sealed")]),
    fresh(
        &[Delete("signer_losses", "true")],
        &[(Head("logs/lost"), INCONSISTENT), (Next("logs/lost"), INCONSISTENT), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[PutBack("signer_unknown_alarms", "true")],
        &[(Head("logs/none"), INCONSISTENT), (Raise, INCONSISTENT), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[Delete("signer_unknown_alarms", "true")],
        &[(Head("logs/none"), INCONSISTENT), (Raise, INCONSISTENT), (Next("logs/plain"), "Sealed")],
    ),
    fresh(
        &[Delete("signer_unknown_alarms", "true"), Delete("signer_alarms", "log_name = 'logs/none'")],
        &[(Head("logs/none"), NOT_FOUND), (Raise, "Ahead")],
    ),
];

#[tokio::test]
async fn older_rows_and_missing_ones_have_the_stated_outcome() {
    let past = Past::new().await;
    let mut others = past.check(&CONTROL).await;
    for case in CASES {
        others.extend(past.check(case).await);
    }
    assert!(others.is_empty(), "{others:#?}");
    put_rows_back(&past.sql, &past.table_names()).await.unwrap();
    let deeds: Vec<Deed> = CASES.iter().filter_map(|case| case.deeds.first().copied()).collect();
    let unsaid = unsaid(&past.sql, ROLE, &past.table_names(), &NEVER_CHANGED, &deeds).await.unwrap();
    assert!(unsaid.is_empty(), "each table has its outcomes: {unsaid:#?}");
}
