//! Snapshots: all that the signer knows of a log after a segment, under its MAC.
//!
//! audit-service keeps the newest one beside the log. After the key database was restored from a backup, it tells the
//! signer what it had known: `AdvanceHead` takes it over.
//!
//! ```text
//! snapshot = 01 ‖ MAC 44 ‖ state
//! MAC      = HMAC(MAC key version, "strongroom/audit/snapshot/v1\0" ‖ state)
//! state    = log id 16 ‖ size u64 ‖ head 32 ‖ lp(compact range) ‖ last time logged i64 ns ‖ digest of MACs 32
//!          ‖ prune mark: 00, or 01 ‖ size u64 ‖ head 32 ‖ lp(compact range)
//!          ‖ lp(losses: each first index u64 ‖ last index u64 ‖ head 32 ‖ lp(compact range) ‖ digest of MACs 32 ‖ declared i64 ns)
//!          ‖ number of alarms u64 ‖ their digest 32
//! ```
//! `lp` is a length as u32 and the bytes; numbers are big-endian; a compact range is its size u64 and its hashes.

use bytes::Bytes;
use names::LogId;
use uuid::Uuid;

use crate::compact_range::CompactRange;
use crate::hash::{Hash, length_prefix};
use crate::mac::{MAC_BYTES, Mac, MacVerdict, MacVersion, ReadyMacKey, ReadyMacKeyring};
use crate::protocol::{Loss, Tally};

const LABEL: &[u8] = b"strongroom/audit/snapshot/v1\0";
const FORMAT: u8 = 1;

/// Longest snapshot in bytes: a compact range of 64 hashes for each of the losses that a log may have, and its own.
pub const MAX_SNAPSHOT_BYTES: usize = 256 * 1024;

/// What the signer knew of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The log.
    pub log_id: LogId,
    /// Head after the last entry.
    pub head: Hash,
    /// Compact range over all entries; its size is the log's.
    pub range: CompactRange,
    /// Time logged of the last entry, nanoseconds since 1970.
    pub last_logged_ns: i64,
    /// Running digest over the entries' MACs.
    pub macs_digest: Hash,
    /// Up to where entries were pruned.
    pub prune_mark: Option<PruneMark>,
    /// Ranges declared lost, in order.
    pub losses: Vec<Loss>,
    /// All alarms of the log, open or closed.
    pub alarms: Tally,
}

/// Where a log begins whose older entries were pruned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruneMark {
    /// Head before the first entry that is kept.
    pub head: Hash,
    /// Compact range over the pruned entries; its size is the index of the first entry that is kept.
    pub range: CompactRange,
}

/// Why bytes are no snapshot that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes are no snapshot of a format that this program knows.
    #[error("the snapshot cannot be read")]
    Malformed,
    /// The key version that made its MAC is not at hand.
    #[error("the snapshot was made under version {} ({}) of the MAC key, which is not here", .0.number, .0.birth_mark)]
    UnknownVersion(MacVersion),
    /// Its MAC is wrong.
    #[error("the snapshot's mac does not verify")]
    Mac,
}

impl Snapshot {
    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.range.size()
    }

    /// The snapshot's bytes under the signer's MAC.
    pub fn seal(&self, key: &ReadyMacKey) -> Bytes {
        let state = self.state();
        let mac = key.sign(&[LABEL, &state]);
        let mut out = Vec::with_capacity(1 + MAC_BYTES + state.len());
        out.push(FORMAT);
        out.extend_from_slice(mac.as_bytes());
        out.extend_from_slice(&state);
        Bytes::from(out)
    }

    /// Reads a snapshot and checks its MAC.
    pub fn open(sealed: &[u8], keys: &ReadyMacKeyring) -> Result<Self, SnapshotError> {
        let (mac, state) = split(sealed).ok_or(SnapshotError::Malformed)?;
        match keys.verify_message(&[LABEL, state].concat(), &mac) {
            MacVerdict::Valid => Self::read(state).ok_or(SnapshotError::Malformed),
            MacVerdict::Wrong => Err(SnapshotError::Mac),
            MacVerdict::UnknownVersion => Err(SnapshotError::UnknownVersion(mac.version())),
        }
    }

    /// Reads a snapshot without checking its MAC: what it says is only a claim.
    pub fn peek(sealed: &[u8]) -> Result<Self, SnapshotError> {
        let (_, state) = split(sealed).ok_or(SnapshotError::Malformed)?;
        Self::read(state).ok_or(SnapshotError::Malformed)
    }

    fn state(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(self.log_id.as_bytes());
        out.extend_from_slice(&self.size().to_be_bytes());
        out.extend_from_slice(&self.head);
        put(&mut out, &self.range.encode());
        out.extend_from_slice(&self.last_logged_ns.to_be_bytes());
        out.extend_from_slice(&self.macs_digest);
        match &self.prune_mark {
            None => out.push(0),
            Some(mark) => {
                out.push(1);
                out.extend_from_slice(&mark.range.size().to_be_bytes());
                out.extend_from_slice(&mark.head);
                put(&mut out, &mark.range.encode());
            }
        }
        put(&mut out, &encode_losses(&self.losses));
        out.extend_from_slice(&self.alarms.number.to_be_bytes());
        out.extend_from_slice(&self.alarms.digest);
        out
    }

    fn read(state: &[u8]) -> Option<Self> {
        let mut reader = Reader(state);
        let log_id = LogId::new(Uuid::from_bytes(reader.array()?));
        let size = reader.number()?;
        let head = reader.array()?;
        let range = reader.range(size)?;
        let last_logged_ns = i64::from_be_bytes(reader.array()?);
        let macs_digest = reader.array()?;
        let prune_mark = match reader.array()? {
            [0] => None,
            [1] => {
                let size = reader.number()?;
                Some(PruneMark { head: reader.array()?, range: reader.range(size)? })
            }
            _ => return None,
        };
        let losses = decode_losses(reader.part()?)?;
        let alarms = Tally { number: reader.number()?, digest: reader.array()? };
        let snapshot = Self { log_id, head, range, last_logged_ns, macs_digest, prune_mark, losses, alarms };
        reader.0.is_empty().then_some(snapshot)
    }
}

impl Tally {
    /// The tally of these losses, in their order: `SHA-256("strongroom/audit/losses/v1\0" ‖ each as in a snapshot)`.
    pub fn of_losses(losses: &[Loss]) -> Self {
        Self::new(losses.len(), b"strongroom/audit/losses/v1\0", &encode_losses(losses))
    }
}

/// The bytes of losses, as snapshots and their tally have them.
fn encode_losses(losses: &[Loss]) -> Vec<u8> {
    let mut out = Vec::new();
    for loss in losses {
        out.extend_from_slice(&loss.first_index.to_be_bytes());
        out.extend_from_slice(&loss.last_index.to_be_bytes());
        out.extend_from_slice(&loss.head);
        put(&mut out, &loss.range.encode());
        out.extend_from_slice(&loss.macs_digest);
        out.extend_from_slice(&loss.declared_ns.to_be_bytes());
    }
    out
}

fn decode_losses(bytes: &[u8]) -> Option<Vec<Loss>> {
    let mut reader = Reader(bytes);
    let mut losses = Vec::new();
    while !reader.0.is_empty() {
        let (first_index, last_index) = (reader.number()?, reader.number()?);
        losses.push(Loss {
            first_index,
            last_index,
            head: reader.array()?,
            range: reader.range(last_index.checked_add(1)?)?,
            macs_digest: reader.array()?,
            declared_ns: i64::from_be_bytes(reader.array()?),
        });
    }
    Some(losses)
}

fn split(sealed: &[u8]) -> Option<(Mac, &[u8])> {
    let (format, rest) = sealed.split_first().filter(|_| sealed.len() <= MAX_SNAPSHOT_BYTES)?;
    let (mac, state) = rest.split_at_checked(MAC_BYTES)?;
    Some((Mac::from_slice(mac)?, state)).filter(|_| *format == FORMAT)
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length_prefix(bytes.len()));
    out.extend_from_slice(bytes);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).ok()?;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    fn range(&mut self, size: u64) -> Option<CompactRange> {
        CompactRange::decode(self.part()?).filter(|range| range.size() == size)
    }
}
