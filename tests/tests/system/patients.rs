//! FHIR resources: every one stored and revealed equal to what was given.

use std::path::PathBuf;

use serde_json::Value as Json;

use crate::support::json::doubles;
use crate::support::places::Place;
use crate::support::stacks::on_shared_stack;

/// Resources that are part of the repository.
const FHIR: &str = include_str!("../../data/fhir.ndjson");

/// Where many more may lie beside a checkout.
fn more() -> PathBuf {
    stack::binaries::repository().join("../shared/data/patients.ndjson")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fhir_resource_is_revealed_equal_to_what_was_stored() {
    let more = std::fs::read_to_string(more()).unwrap_or_default();
    on_shared_stack(async |world| {
        let place = Place::new(world).await;
        let lines = FHIR.lines().chain(more.lines());
        let patients: Vec<Json> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(patients.len() >= 10, "only {} resources", patients.len());
        for several in patients.chunks(32) {
            let stored = several.iter().map(async |patient| {
                let id = patient["id"].as_str().unwrap();
                place.create(id, patient).await;
                assert_eq!(place.reveal(id).await, doubles(patient), "{id}");
            });
            futures::future::join_all(stored).await;
        }
        println!("{} resources were stored and revealed equal", patients.len());
    })
    .await;
}
