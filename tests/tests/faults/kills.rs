//! Services killed at random while clients work; and the controls of the checks, which show that they can fail.

use std::collections::BTreeMap;
use std::time::Instant;

use stack::Service;

use crate::support::checks::{all_delivered, all_holds, logs_are_intact, read_back};
use crate::support::evidence::{Evidence, Row, disagreements};
use crate::support::ledger::{CREATE, Ledger, REVEAL, Told};
use crate::support::load::Load;
use crate::support::random::Random;
use crate::support::world::{LOG, World};

const KILLS: usize = 51;
const CLIENTS: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_kills_lose_nothing_and_leave_nothing_untold() {
    let mut random = Random::announced();
    let mut world = World::start(|_| ()).await;
    let started = Instant::now();
    let load = Load::start("k", (0..CLIENTS).map(|_| world.records("vault")), &mut random);
    let mut killed: BTreeMap<&str, usize> = BTreeMap::new();
    while killed.values().sum::<usize>() < KILLS {
        load.answers(1 + random.below(16)).await;
        // Now and then two at once, so that none finds its peer as it left it.
        let victims = if random.below(5) == 0 { 2 } else { 1 };
        let mut names = ["key", "vault", "audit"];
        names.rotate_left(usize::try_from(random.below(3)).unwrap());
        for name in &names[..victims] {
            world.kill_now(name);
            *killed.entry(name).or_default() += 1;
        }
        for name in &names[..victims] {
            world.start_again(name).await;
        }
    }
    load.answers(50).await;
    let ledger = load.stop().await;
    println!("killed {killed:?} in {:.1} s under load", started.elapsed().as_secs_f64());
    println!("{}", ledger.figures());
    assert!(ledger.unknown > 0, "the kills disturbed nobody");
    assert!(killed.len() == 3, "not every service was killed");
    all_holds(&world, ledger).await;
    println!("checked after {:.1} s", started.elapsed().as_secs_f64());
}

/// What two clients did, and the evidence of it.
async fn small_run(world: &World) -> Ledger {
    let load = Load::start("c", (0..2).map(|_| world.records("vault")), &mut Random::of(7));
    load.answers(40).await;
    let mut ledger = load.stop().await;
    read_back(&world.records("vault"), &mut ledger).await;
    ledger
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_checks_find_what_is_missing_or_too_much() {
    let mut world = World::start(|_| ()).await;
    let ledger = small_run(&world).await;
    all_delivered(&world).await;
    let evidence = Evidence::of(&world).await;
    assert_eq!(disagreements(&ledger, &evidence), Vec::<String>::new());
    changed_knowledge_is_found(&ledger, &evidence);
    changed_evidence_is_found(&ledger, &evidence);

    // A row that is dropped before it was forwarded: the log is intact, and yet something is missing in it.
    world.kill_now("audit");
    let later = dropping_a_row(&world).await;
    world.start_again("audit").await;
    all_delivered(&world).await;
    let found = disagreements(&later, &Evidence::of(&world).await);
    assert!(!found.is_empty(), "a dropped outbox row went unnoticed");
    println!("a dropped outbox row shows as: {}", found.join("; "));
    logs_are_intact(&world).await;
}

/// Works while audit-service is away, then removes one row that waits for it.
async fn dropping_a_row(world: &World) -> Ledger {
    let load = Load::start("d", [world.records("vault")], &mut Random::of(8));
    load.answers(10).await;
    let ledger = load.stop().await;
    let sql = "DELETE FROM audit_outbox WHERE outbox_id = \
               (SELECT outbox_id FROM audit_outbox WHERE log_name = $1 ORDER BY outbox_id LIMIT 1)";
    let dropped = world.sql(Service::Vault).await.unwrap().execute(sql, &[&LOG]).await.unwrap();
    assert_eq!(dropped, 1);
    ledger
}

fn changed_knowledge_is_found(ledger: &Ledger, evidence: &Evidence) {
    let told = |action, event_id| Told { action, name: ledger.writes[0].name.clone(), revision: 9_999, event_id };
    let mut one_write_more = ledger.clone();
    one_write_more.writes.push(told(CREATE, None));
    assert_eq!(disagreements(&one_write_more, evidence).len(), 1);
    let mut one_reveal_more = ledger.clone();
    one_reveal_more.reveals.push(told(REVEAL, Some("0190a000-0000-7000-8000-000000000000".into())));
    assert_eq!(disagreements(&one_reveal_more, evidence).len(), 1);
    let mut another_event = ledger.clone();
    another_event.writes[0].event_id = ledger.reveals[0].event_id.clone();
    assert_eq!(disagreements(&another_event, evidence).len(), 1);
}

fn changed_evidence_is_found(ledger: &Ledger, evidence: &Evidence) {
    let of_write = evidence.entries.iter().position(|entry| entry.is_done && entry.action == CREATE).unwrap();
    let mut one_entry_less = evidence.clone();
    one_entry_less.entries.remove(of_write);
    assert!(!disagreements(ledger, &one_entry_less).is_empty());
    let mut one_entry_twice = evidence.clone();
    one_entry_twice.entries.push(evidence.entries[of_write].clone());
    assert!(!disagreements(ledger, &one_entry_twice).is_empty());
    let mut untold_unwraps = evidence.clone();
    untold_unwraps.unwraps.clear();
    assert_eq!(disagreements(ledger, &untold_unwraps).len(), evidence.opened().count());
    let mut untold_update = evidence.clone();
    untold_update.rows[0].revision += 1;
    assert_eq!(disagreements(ledger, &untold_update).len(), 1);
    let mut untold_create = evidence.clone();
    untold_create.rows.push(Row { name: "x".into(), uid: "x".into(), revision: 1 });
    assert_eq!(disagreements(ledger, &untold_create).len(), 1);
    let mut untold_delete = evidence.clone();
    untold_delete.rows.remove(0);
    assert_eq!(disagreements(ledger, &untold_delete).len(), 1);
}
