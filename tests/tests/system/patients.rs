//! Real FHIR patients: every one stored and revealed equal to what was given.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::support::json::doubles;
use crate::support::places::Place;
use crate::support::stacks::on_shared_stack;

/// Where the data lies beside a checkout; not part of the repository.
fn data() -> PathBuf {
    stack::binaries::repository().join("../shared/data/patients.ndjson")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fhir_patient_is_revealed_equal_to_what_was_stored() {
    let Ok(text) = std::fs::read_to_string(data()) else {
        println!("skipped: {} is not there", data().display());
        return;
    };
    on_shared_stack(async |world| {
        let place = Place::new(world).await;
        let patients: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(patients.len() > 100, "only {} patients", patients.len());
        for several in patients.chunks(32) {
            let stored = several.iter().map(async |patient| {
                let id = patient["id"].as_str().unwrap();
                place.create(id, patient).await;
                assert_eq!(place.reveal(id).await, doubles(patient), "{id}");
            });
            futures::future::join_all(stored).await;
        }
        println!("{} patients were stored and revealed equal", patients.len());
    })
    .await;
}
