//! What an update is asked to change, and what of it is wrong.

use std::collections::BTreeSet;

use names::{Etag, RecordName};
use uuid::Uuid;

use crate::error::Error;
use crate::fields::{Fields, GivenFields};
use crate::once::Canonical;
use crate::permissions::RecordsUpdate;
use crate::places::Place;
use crate::policy::never_store::Folded;
use crate::problems::Problems;
use crate::records::create::check_expire_time;
use crate::time::Micros;

/// What a caller asks for, with what is wrong with it so far.
#[derive(Debug)]
pub struct UpdateRecord {
    /// The record.
    pub name: RecordName,
    /// The revision that it must have.
    pub etag: Option<Etag>,
    /// Which fields it is about.
    pub update_fields: UpdateFields,
    /// The new fields.
    pub fields: GivenFields,
    /// Whom the record is about.
    pub subject: Change<String>,
    /// When it may be purged.
    pub expire_time: Change<Micros>,
    /// Makes a retry safe.
    pub request_id: Option<Uuid>,
    /// What is wrong.
    pub problems: Problems,
}

/// Which fields an update is about; every other one is carried over.
#[derive(Debug, PartialEq, Eq)]
pub enum UpdateFields {
    /// Those that are given.
    Given,
    /// Those named: replaced where they are given, else removed.
    Named(Vec<String>),
    /// All of them.
    All,
}

/// What becomes of something beside the fields.
#[derive(Debug, Clone)]
pub enum Change<T> {
    /// It is carried over.
    Keep,
    /// It is replaced.
    Set(Option<T>),
}

impl<T: Clone> Change<T> {
    pub(super) fn of(&self, old: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => old.cloned(),
            Self::Set(new) => new.clone(),
        }
    }

    /// Adds what is to become of it to a request's canonical bytes.
    fn part_of(&self, canonical: &mut Canonical, bytes: impl Fn(&T) -> Vec<u8>) {
        match self {
            Self::Keep => canonical.part("keep"),
            Self::Set(new) => canonical.part("set").optional(new.as_ref().map(bytes)),
        };
    }
}

/// An update that passed every check that needs no row.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) name: RecordName,
    pub(super) etag: Option<Etag>,
    pub(super) update_fields: UpdateFields,
    pub(super) fields: Fields,
    pub(super) subject: Change<String>,
    pub(super) expire_time: Change<Micros>,
}

impl UpdateRecord {
    /// Reports everything that is wrong with the request at once. If nothing but the time is, the update is there, and that
    /// it expires before `now`.
    pub(super) fn checked(self, place: &Place, now: Micros) -> Result<(Checked, Problems), Error> {
        let policies = &place.collection.policies;
        let mut problems = self.problems;
        let mut of_record = Problems::default();
        match &self.update_fields {
            UpdateFields::Named(named) => {
                let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
                for (name, _) in self.fields.iter().filter(|(name, _)| !named.contains(name)) {
                    of_record.add(format!("fields.{name}"), "is given but not named in update_fields");
                }
            }
            UpdateFields::Given if self.fields.is_empty() && !changes_beside(&self.subject, &self.expire_time) => {
                of_record.add("fields", "nothing is given to be changed");
            }
            UpdateFields::Given | UpdateFields::All => {}
        }
        let (fields, unreadable) = policies.check(self.fields, &mut Folded::default(), &mut of_record);
        // Here, and not only once the old revision is open: the new one has all that is given.
        match &self.update_fields {
            UpdateFields::All => policies.check_record(&fields, &unreadable, &mut of_record),
            UpdateFields::Given | UpdateFields::Named(_) => fields.check_size(&unreadable, &mut of_record),
        }
        problems.extend("record", of_record);
        let mut expired = Problems::default();
        if let Change::Set(time) = self.expire_time {
            check_expire_time(time, now, "record.expire_time", &mut expired);
        }
        if !problems.is_empty() {
            problems.append(std::mem::take(&mut expired));
        }
        problems.finish()?;
        let (subject, expire_time) = (self.subject, self.expire_time);
        let checked = Checked {
            name: self.name,
            etag: self.etag,
            update_fields: self.update_fields,
            fields,
            subject,
            expire_time,
        };
        Ok((checked, expired))
    }
}

impl Checked {
    /// The canonical bytes of the request.
    pub(super) fn canonical(&self) -> Canonical {
        let mut canonical = Canonical::new::<RecordsUpdate>(&self.name.to_string());
        canonical.optional(self.etag.map(|etag| etag.to_string()));
        match &self.update_fields {
            UpdateFields::Given => canonical.part("given"),
            UpdateFields::All => canonical.part("all"),
            UpdateFields::Named(names) => canonical.part("named").texts(names),
        };
        self.subject.part_of(&mut canonical, |subject| subject.clone().into_bytes());
        self.expire_time.part_of(&mut canonical, |time| time.get().to_be_bytes().to_vec());
        canonical.fields(&self.fields);
        canonical
    }
}

/// Whether an update changes anything beside the fields.
fn changes_beside(subject: &Change<String>, expire_time: &Change<Micros>) -> bool {
    matches!(subject, Change::Set(_)) || matches!(expire_time, Change::Set(_))
}
