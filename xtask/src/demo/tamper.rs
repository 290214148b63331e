//! What somebody with full rights on the vault's database tries: move a ciphertext, swap two records, empty one. The
//! service must refuse to reveal each of them, and reveal it again once the rows are as they were.

use api::vault::v1::View;
use stack::{Service, Stack};
use tonic::Code;

use super::cast::Cast;
use super::records::{self, Scene, reveal};
use super::story::Story;
use crate::outcome::Failure;
use crate::screen;

/// An attack by SQL.
struct Attack {
    what: &'static str,
    sql: String,
    /// Which of the records must be refused afterwards.
    victims: Vec<usize>,
}

/// The attacks on three records of a tenant. The ids are of [a-z0-9.-], so they stand in SQL as they are.
fn attacks(tenant: &str, ids: [&str; 3]) -> Vec<Attack> {
    let [first, second, third] = ids;
    let row = |id: &str| format!("tenant_id = '{tenant}' AND record_id = '{id}'");
    let take = |columns: &str| {
        format!(
            "UPDATE records SET ({columns}) = (SELECT {columns} FROM records WHERE {}) WHERE {}",
            row(second),
            row(first)
        )
    };
    let rename = |from: &str, to: &str| format!("UPDATE records SET record_id = '{to}' WHERE {};", row(from));
    vec![
        Attack { what: "ciphertext moved to another row", sql: take("sealed_fields, revision"), victims: vec![0] },
        Attack {
            what: "ciphertext moved with its wrapped key",
            sql: take("sealed_fields, wrapped_key, revision"),
            victims: vec![0],
        },
        Attack {
            what: "ids of two records swapped",
            sql: rename(first, "aside") + &rename(second, first) + &rename("aside", second),
            victims: vec![0, 1],
        },
        Attack {
            what: "ciphertext emptied",
            sql: format!("UPDATE records SET sealed_fields = '' WHERE {}", row(third)),
            victims: vec![2],
        },
    ]
}

/// The columns of `records` that can be written.
const COLUMNS: &str = "tenant_uid, tenant_id, collection_uid, collection_id, record_uid, record_id, revision, subject, \
                       create_time, update_time, expire_time, field_names, wrapped_key, sealed_fields";

/// Each attack, its refusals, and the repair.
pub(crate) async fn tell(story: &mut Story, cast: &mut Cast, stack: &Stack, scene: &mut Scene) -> Result<(), Failure> {
    story.chapter("Tamper with the vault's database");
    screen::note("as PostgreSQL's superuser, triggers passed by");
    let names: Vec<String> = scene.records.iter().take(3).map(|record| record.name.clone()).collect();
    let ids: Vec<&str> = names.iter().map(|name| records::id(name)).collect();
    let [first, second, third] = ids.as_slice() else { return Err("there are too few records".into()) };
    let ids = [*first, *second, *third];
    let session = stack.sql(Service::Vault).await?;
    let theirs = format!("tenant_id = '{}' AND record_id IN ('{}')", scene.tenant, ids.join("', '"));
    session.batch_execute("SET session_replication_role = replica").await?;
    session
        .batch_execute(&format!("CREATE TEMPORARY TABLE kept AS SELECT {COLUMNS} FROM records WHERE {theirs}"))
        .await?;
    for attack in attacks(&scene.tenant, ids) {
        session.batch_execute(&format!("BEGIN; {}; COMMIT", attack.sql)).await?;
        for victim in attack.victims {
            let (name, id) = (names.get(victim).map_or("", String::as_str), ids.get(victim).unwrap_or(&""));
            let answer = reveal(&mut cast.app, name, View::Full).await;
            story.refused(format_args!("{}: {id}", attack.what), answer, Code::DataLoss, "AAD_MISMATCH");
        }
        let repair =
            format!("DELETE FROM records WHERE {theirs}; INSERT INTO records ({COLUMNS}) SELECT {COLUMNS} FROM kept");
        session.batch_execute(&format!("BEGIN; {repair}; COMMIT")).await?;
    }
    let mut repaired = true;
    for index in 0..ids.len() {
        repaired &= scene.reveals_equal(cast, index).await?;
    }
    story.expect(repaired, "rows put back: all three are revealed as before");
    Ok(())
}
