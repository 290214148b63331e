//! Where rows stand that are written again and again.
//!
//! As long as a snapshot is held for which they live, PostgreSQL keeps all versions that a row has had, and its key leads to
//! each of them in turn. Its place, the system column `ctid`, leads to one. PostgreSQL's manual says what a place is good
//! for: it finds a row version fast, and it is another one after every update. So a place that is kept is a guess: another row
//! may stand there by now, or none. A statement that looks there names the key as well, so that it never locks another's row;
//! what it does not find is looked for by the key alone. Within a transaction that has the row locked, its place is right.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// `ctid` of a row version as text, such as `(17,3)`.
pub type Place = String;

/// Most rows whose places are known: some 10 MB.
const MOST: usize = 65_536;

/// Where rows of one table stood last, by their ids. Bounded: all are forgotten when there are too many.
#[derive(Debug)]
pub struct RowPlaces {
    known: Mutex<HashMap<Uuid, Place>>,
    most: usize,
}

impl Default for RowPlaces {
    fn default() -> Self {
        Self { known: Mutex::default(), most: MOST }
    }
}

impl RowPlaces {
    /// Those of the rows whose places are known, and their places.
    pub fn of(&self, ids: &[Uuid]) -> (Vec<Uuid>, Vec<Place>) {
        let known = self.known();
        ids.iter().filter_map(|id| Some((*id, known.get(id)?.clone()))).unzip()
    }

    /// A row stands there.
    pub fn learn(&self, id: Uuid, place: Place) {
        let mut known = self.known();
        if known.len() >= self.most && !known.contains_key(&id) {
            known.clear();
        }
        known.insert(id, place);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Uuid, Place>> {
        // A panic elsewhere leaves guesses behind, as always.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_of_each_row_is_known_and_never_of_too_many() {
        let places = RowPlaces { most: 2, ..RowPlaces::default() };
        let [one, two, three] = [1, 2, 3].map(Uuid::from_u128);
        places.learn(one, "(0,1)".to_owned());
        assert_eq!(places.of(&[two, one]), (vec![one], vec!["(0,1)".to_owned()]));
        places.learn(two, "(0,2)".to_owned());
        places.learn(one, "(1,1)".to_owned());
        assert_eq!(places.of(&[two, one]).1, ["(0,2)", "(1,1)"]);
        places.learn(three, "(0,3)".to_owned());
        assert_eq!(places.of(&[one, two, three]).0, [three]);
    }
}
