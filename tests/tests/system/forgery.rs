//! Audit entries, outbox rows and histories that nobody sealed: none becomes an entry, all are found.
//!
//! # Layout
//! - this file: events and histories offered to the services
//! - `verdicts`: logs changed by SQL, and what `audit-service verify` says of them

mod verdicts;

use api::audit::v1::append_result::Result as Answer;
use api::audit::v1::{AppendEventsRequest, Event};
use api::key::v1::{GenerateDataKeyRequest, GetHeadRequest, Head, SealBatchRequest, SealOutcome, Segment};
use bytes::Bytes;
use names::EventId;
use prost::Message as _;
use serde_json::json;
use stack::Service;
use test_support::entries::event_of;
use tlog::Place as EntryPlace;
use tlog::entry::{decode, encode};
use uuid::Uuid;

use crate::support::entries::{all_delivered, entries, entry_of, log_id, verify, wait_for};
use crate::support::eventually;
use crate::support::places::{Place, uuid};
use crate::support::specimens::event;
use crate::support::sql::Sql;
use crate::support::stacks::{World, on_shared_stack};

const SYSTEM: &str = "logs/system";

/// Puts an event into an outbox, with a MAC that is no MAC; its id.
async fn forge(outbox: &Sql, log: &str, mac: &[u8]) -> (Uuid, Uuid) {
    let forged = event(log);
    let event_id = Uuid::from_slice(&forged.event_id).unwrap();
    let outbox_id: Uuid = uuid().parse().unwrap();
    let events = AppendEventsRequest { events: vec![forged] }.encode_to_vec();
    let sql = "INSERT INTO audit_outbox (outbox_id, log_name, time_ns, events, mac) VALUES ($1, $2, 1, $3, $4)";
    outbox.change_one(sql, &[&outbox_id, &log, &events, &mac]).await;
    (outbox_id, event_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_sql_puts_into_an_outbox_is_set_aside_and_never_becomes_an_entry() {
    on_shared_stack(async |world| {
        let (place, audit) = (Place::new(world).await, world.sql(Service::Audit).await);
        for (service, log) in [(Service::Vault, place.log()), (Service::Key, SYSTEM.to_owned())] {
            let outbox = world.sql(service).await;
            let mut forged = Vec::new();
            for mac in [vec![0; 32], vec![7; 32], Vec::new()] {
                world.journal().announce(&["outbox"]);
                forged.push(forge(&outbox, &log, &mac).await);
            }
            for (outbox_id, _) in &forged {
                let sql = "SELECT reason FROM audit_outbox_refused WHERE outbox_id = $1";
                let reason: String = eventually("a forged row set aside", async || {
                    outbox.rows(sql, &[outbox_id]).await.first().map(|row| row.get(0))
                })
                .await;
                assert_eq!(reason, "FORGED");
            }
            // What is genuine goes on, and when it is there the forged ones are not.
            place.create("", &json!({"name": "Ada"})).await;
            all_delivered(world).await;
            let found = entries(&audit, &log, 0).await;
            let is_forged = |id: EventId| forged.iter().any(|(_, event_id)| *event_id == id.as_uuid());
            assert!(!found.iter().any(|entry| is_forged(entry.event.event_id)), "a forged event became an entry");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_event_that_sql_delivers_again_or_alters_is_in_its_log_once_and_as_it_was() {
    on_shared_stack(async |world| {
        let (place, audit) = (Place::new(world).await, world.sql(Service::Audit).await);
        let outbox = world.sql(Service::Vault).await;
        let stolen = format!("stolen_{}", place.tenant.uid.replace('-', ""));
        // A trigger of the superuser's keeps a copy of what goes through.
        let trap = format!(
            "CREATE TABLE {stolen} AS SELECT * FROM audit_outbox WITH NO DATA;
             CREATE FUNCTION {stolen}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN INSERT INTO public.{stolen} SELECT NEW.*; RETURN NEW; END $$;
             CREATE TRIGGER {stolen} BEFORE INSERT ON audit_outbox FOR EACH ROW WHEN (NEW.log_name = '{}')
             EXECUTE FUNCTION {stolen}()",
            place.log()
        );
        outbox.run(&trap).await;
        let created = place.try_create("p-1", &json!({"name": "Ada"})).await.unwrap();
        let id = created.metadata().get("strongroom-event-id").unwrap().to_str().unwrap().to_owned();
        entry_of(&audit, &place.log(), &id).await;
        all_delivered(world).await;
        outbox.run(&format!("DROP TRIGGER {stolen} ON audit_outbox")).await;
        let row = outbox.row(&format!("SELECT events FROM {stolen} LIMIT 1"), &[]).await;
        let mut altered = AppendEventsRequest::decode(row.get::<_, &[u8]>(0)).unwrap();
        altered.events[0].actor = "spiffe://strongroom.dev/somebody-else".into();
        outbox.run(&format!("INSERT INTO audit_outbox SELECT * FROM {stolen}")).await;
        all_delivered(world).await;
        let of_event = |found: Vec<crate::support::entries::LoggedEntry>| {
            found.into_iter().filter(|entry| entry.event.event_id.to_string() == id).collect::<Vec<_>>()
        };
        assert_eq!(of_event(entries(&audit, &place.log(), 0).await).len(), 1, "delivered twice, logged twice");
        world.journal().announce(&["outbox"]);
        let insert = format!(
            "INSERT INTO audit_outbox SELECT gen_random_uuid(), log_name, time_ns, $1, mac, created_at FROM {stolen}"
        );
        outbox.change(&insert, &[&altered.encode_to_vec()]).await;
        all_delivered(world).await;
        let logged = of_event(entries(&audit, &place.log(), 0).await);
        assert_eq!(logged.len(), 1);
        assert_eq!(logged[0].event.actor, "spiffe://strongroom.dev/app");
        outbox.run(&format!("DROP TABLE {stolen}; DROP FUNCTION {stolen}()")).await;
        assert_eq!(verify(world, &["--log", &place.log()]).status, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_id_that_another_producer_takes_first_hides_no_event() {
    on_shared_stack(async |world| {
        let (place, audit) = (Place::new(world).await, world.sql(Service::Audit).await);
        // Whoever holds vault-service learns the id of key-service's event before key-service reports it.
        let vault_service = world.caller("vault-service");
        let context = api::context_entries([("what", "a stolen event id")]);
        let generate = GenerateDataKeyRequest {
            key: format!("keys/{}", place.tenant.uid),
            subject: String::new(),
            context,
            ..Default::default()
        };
        let mut taken = Vec::new();
        for _ in 0..4 {
            let answer = vault_service.data_keys().generate_data_key(generate.clone()).await.unwrap();
            let id: Uuid = answer.metadata().get("strongroom-event-id").unwrap().to_str().unwrap().parse().unwrap();
            let harmless = Event { event_id: id.as_bytes().to_vec(), ..event(SYSTEM) };
            let foreign = Event { action: "dataKeys.generate".into(), ..harmless.clone() };
            let request = AppendEventsRequest { events: vec![harmless, foreign] };
            let results = vault_service.ingest().append_events(request).await.unwrap().into_inner().results;
            assert!(matches!(results[0].result, Some(Answer::Receipt(_))), "{results:?}");
            let Some(Answer::Refusal(refusal)) = &results[1].result else { panic!("{results:?}") };
            assert_eq!(refusal.reason, "FOREIGN_ACTION");
            taken.push(id);
        }
        for id in taken {
            let both = wait_for(&audit, SYSTEM, 2, |entry| entry.event.event_id.as_uuid() == id).await;
            let mut who: Vec<_> =
                both.iter().map(|entry| (entry.event.producer.as_str(), entry.event.action.as_ref())).collect();
            who.sort_unstable();
            assert_eq!(who, [("key-service", "dataKeys.generate"), ("vault-service", "records.get")]);
        }
    })
    .await;
}

/// A log with some sealed and acknowledged entries, and what the signer says of it.
async fn sealed_log(world: &World) -> (Place, Head) {
    let place = Place::new(world).await;
    for _ in 0..3 {
        place.create("", &json!({"name": "Ada"})).await;
    }
    wait_for(&world.sql(Service::Audit).await, &place.log(), 3, |entry| entry.event.action == "records.create").await;
    all_delivered(world).await;
    let head = head(world, &place.log()).await;
    (place, head)
}

async fn head(world: &World, log: &str) -> Head {
    let request = GetHeadRequest { log: log.into() };
    world.caller("auditor").signer().get_head(request).await.unwrap().into_inner().head.unwrap()
}

/// Whoever holds audit-service's certificate asks for a segment to be sealed.
async fn seal(world: &World, segment: Segment) -> api::key::v1::SegmentResult {
    let request = SealBatchRequest { segments: vec![segment], ..Default::default() };
    let answer = world.caller("audit-service").signer().seal_batch(request).await.unwrap().into_inner();
    answer.results.into_iter().next().unwrap()
}

/// The entry at `index` as it was sealed, with another actor, on top of `previous_head`.
async fn rewritten(audit: &Sql, log: &str, index: i64, previous_head: Option<tlog::Hash>) -> Vec<u8> {
    let sql = "SELECT entry FROM entries WHERE log_id = $1 AND entry_index = $2";
    let bytes: Vec<u8> = audit.row(sql, &[&log_id(log), &index]).await.get(0);
    let genuine = decode(&bytes).unwrap();
    let mut event = event_of(&genuine, &log.parse().unwrap());
    event.actor = "spiffe://strongroom.dev/somebody-else".into();
    let previous_head = previous_head.unwrap_or(genuine.place.previous_head);
    encode(&EntryPlace { previous_head, ..genuine.place }, &event).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_history_offered_to_the_signer_is_refused_kept_as_an_alarm_and_found() {
    on_shared_stack(async |world| {
        let (place, genuine) = sealed_log(world).await;
        let (log, audit) = (place.log(), world.sql(Service::Audit).await);
        let size = genuine.size.unwrap();
        world.journal().announce_tampering(&log);
        assert!(verify(world, &["--log", &log]).findings(&log).is_empty());
        // From inside: another last entry, upon a head that never was.
        let index = i64::try_from(size).unwrap() - 1;
        let wrong_head = [7; 32];
        let forged = rewritten(&audit, &log, index, Some(wrong_head)).await;
        let segment = Segment {
            log: log.clone(),
            first_index: Some(size - 1),
            previous_head: wrong_head.to_vec(),
            entries: vec![Bytes::from(forged)],
        };
        let result = seal(world, segment.clone()).await;
        assert_eq!(result.outcome(), SealOutcome::Forked, "{result:?}");
        assert_eq!(seal(world, segment).await.outcome(), SealOutcome::Forked, "asking twice helps");
        let now = head(world, &log).await;
        assert_eq!((now.size, &now.head), (genuine.size, &genuine.head), "the signer's history moved");
        assert!(now.alarms.iter().any(|alarm| alarm.kind == "FORKED"), "{now:?}");
        let found = verify(world, &["--log", &log]);
        assert_eq!(found.status, 1, "{}", found.output);
        assert!(found.findings(&log).iter().any(|(kind, ..)| kind == "FORKED"), "{}", found.output);
        // A quarantined log says so instead of taking entries silently; other tenants go on.
        let other = Place::new(world).await;
        other.create("p-1", &json!({"name": "Ada"})).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_beyond_the_end_and_a_rewritten_old_one_are_not_sealed() {
    on_shared_stack(async |world| {
        let (place, genuine) = sealed_log(world).await;
        let (log, audit) = (place.log(), world.sql(Service::Audit).await);
        let size = genuine.size.unwrap();
        world.journal().announce_tampering(&log);
        let first: Vec<u8> = rewritten(&audit, &log, 0, None).await;
        let genesis = tlog::genesis(&log.parse().unwrap()).to_vec();
        let old =
            Segment { log: log.clone(), first_index: Some(0), previous_head: genesis, entries: vec![first.into()] };
        let result = seal(world, old).await;
        // An honest retry after a crash has other bytes too: the answer is what is sealed, and no alarm.
        assert_eq!(result.outcome(), SealOutcome::Behind);
        assert!(result.macs.is_empty(), "MACs for a rewritten entry");
        assert!(head(world, &log).await.alarms.is_empty());
        let ahead = Segment {
            log: log.clone(),
            first_index: Some(size + 5),
            previous_head: genuine.head.clone(),
            entries: vec![Bytes::from(rewritten(&audit, &log, 0, None).await)],
        };
        let result = seal(world, ahead).await;
        assert!(matches!(result.outcome(), SealOutcome::Ahead | SealOutcome::Malformed), "{result:?}");
        assert!(result.macs.is_empty());
        let now = head(world, &log).await;
        assert_eq!((now.size, now.head), (genuine.size, genuine.head));
    })
    .await;
}
