//! An installation with a past, and what it answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::key::v1::{
    AdvanceHeadRequest, CloseAlarmRequest, CreateKeyRequest, DeclareLossRequest, GetHeadRequest, GetKeyRequest, Key,
    KeyPurpose, SealBatchRequest, SealOutcome, Segment,
};
use audit::{Outbox, OutboxConfig, OutboxKeySlot};
use clock::{SharedClock, SystemClock, Timestamp};
use key_service::seal::FileSeal;
use key_service::store::Store;
use key_service::unseal::unseal;
use test_support::poll_until;
use test_support::postgres::{Superuser, keep_rows, put_rows_back};
use test_support::tamper::{keep_older, tables_with_hmac};
use tonic::Status;
use uuid::Uuid;

use super::Ask::{
    self, Again, Count, Get, Head, Next, Other, OwnKey, Raise, Subject, Unseal, Unwrap, Wrap, WrapsNoMore,
};
use super::Case;
use super::Process::Seen;
use crate::seal::{forget_vault_service, take_away};
use crate::support::{Calls, Chain, LIMIT, Replica, World, head, open_ids, refused};

const TENANT: &str = "0190a5a0-0000-7000-8000-000000000001";
const CONTEXT: [(&str, &str); 1] = [("record", "r-1")];

/// An installation that has gone on since its older rows were kept. Nothing runs.
pub(super) struct Past {
    world: World,
    pub(super) sql: Superuser,
    tables: Vec<String>,
    /// The logs as audit-service has them, by name.
    logs: BTreeMap<&'static str, Chain>,
    /// `logs/plain` at each of its sizes.
    plain: Vec<Chain>,
    /// A data key for a subject under the tenant's key.
    wrapped: Vec<u8>,
    /// One under version 1 of the key k.
    old: Vec<u8>,
    /// The first answers to creates, by the id that was asked for.
    created: BTreeMap<&'static str, Key>,
    own_key: Uuid,
}

fn create(id: &str) -> CreateKeyRequest {
    let request = id.bytes().fold(9, |sum, byte| sum * 256 + u128::from(byte));
    CreateKeyRequest {
        key_id: id.to_owned(),
        key: Some(Key { purpose: KeyPurpose::Wrap.into(), ..Key::default() }),
        request_id: Uuid::from_u128(request).to_string(),
        ..Default::default()
    }
}

/// A segment beyond the end of a log that was never sealed.
fn beyond(log: &str, first_index: u64) -> Segment {
    Segment { first_index: Some(first_index), ..Chain::new(log).segment([1]).0 }
}

async fn created(operator: &mut Calls, id: &str) -> Result<Key, Status> {
    Ok(operator.keys.create_key(create(id)).await?.into_inner().key.unwrap())
}

async fn own_key(sql: &Superuser) -> Uuid {
    sql.query_one("SELECT key_uid FROM keys WHERE key_id = 'vault-service'", &[]).await.unwrap().get(0)
}

async fn count(world: &World, replica: &Replica) -> i64 {
    world.calls(replica, "operator").version("keys/k/versions/1").await.unwrap().wrap_count
}

async fn counted(world: &World, replica: &Replica, wraps: i64) {
    poll_until(LIMIT, "wraps are counted", async || (count(world, replica).await == wraps).then_some(()))
        .await
        .unwrap();
}

/// Removes the first segment of a log, as if it were acknowledged and a day old.
async fn forget_first_segment(sql: &Superuser, log: &str) {
    let forget = "DELETE FROM signer_segments WHERE first_index = 0 AND log_id = $1";
    let log = tlog::log_id(&log.parse().unwrap()).as_uuid();
    assert_eq!(sql.execute(forget, &[&log]).await.unwrap(), 1);
}

/// A log of two entries whose first one is declared lost.
async fn lose_the_first(world: &World, replica: &Replica, log: &str) {
    forget_first_segment(&world.sql().await, log).await;
    let stale = world.calls(replica, "audit-service").seal_one(Chain::new(log).segment([9]).0).await;
    assert_eq!(stale.outcome(), SealOutcome::Stale);
    let loss =
        DeclareLossRequest { log: log.to_owned(), first_index: Some(0), last_index: Some(0), ..Default::default() };
    world.calls(replica, "operator").signer.declare_loss(loss).await.unwrap();
}

impl Past {
    pub(super) async fn new() -> Self {
        let (world, replica) = World::start().await;
        let sql = world.sql().await;
        let mut past = Self {
            tables: tables_with_hmac(&sql).await.unwrap(),
            sql,
            logs: BTreeMap::new(),
            plain: Vec::new(),
            wrapped: Vec::new(),
            old: Vec::new(),
            created: BTreeMap::new(),
            own_key: Uuid::nil(),
            world,
        };
        let replica = past.own_keys(replica).await;
        let replica = past.losses(replica).await;
        past.requests(&replica).await;
        past.keys(&replica).await;
        let first = past.logs(&replica).await;
        past.logs_go_on(&replica, first).await;
        replica.stop().await;
        past.world.disable("d").await;
        past.own_key = own_key(&past.sql).await;
        keep_rows(&past.sql, &past.table_names()).await.unwrap();
        past
    }

    pub(super) fn table_names(&self) -> Vec<&str> {
        self.tables.iter().map(String::as_str).collect()
    }

    async fn older(&self, tables: &[&str]) {
        for table in tables {
            keep_older(&self.sql, table).await.unwrap();
        }
    }

    /// A version of the service that has one key of its own, and then one that has a further one.
    async fn own_keys(&self, replica: Replica) -> Replica {
        replica.stop().await;
        forget_vault_service(&self.world).await;
        take_away(&self.world, "vault-service").await;
        self.older(&["own_keys"]).await;
        self.world.replica().await
    }

    /// Two logs of which an entry was declared lost. One is found again: the declaration was made while the signer was
    /// restored to before a snapshot that knows of no loss, to which it is brought forward.
    async fn losses(&mut self, replica: Replica) -> Replica {
        let world = &self.world;
        let mut audit = world.calls(&replica, "audit-service");
        for log in ["logs/lost", "logs/found"] {
            let mut chain = Chain::new(log);
            chain.seal(&mut audit, [1]).await;
            chain.seal(&mut audit, [2]).await;
            self.logs.insert(log, chain);
        }
        world.back_up().await;
        let found = self.logs.get_mut("logs/found").unwrap();
        let newest = found.seal(&mut audit, [3]).await;
        replica.stop().await;
        world.restore().await;
        let replica = world.replica().await;
        for log in ["logs/lost", "logs/found"] {
            lose_the_first(world, &replica, log).await;
        }
        keep_older(&self.sql, "signer_losses").await.unwrap();
        let advance = AdvanceHeadRequest {
            log: "logs/found".to_owned(),
            snapshot: newest.snapshot,
            from_size: Some(2),
            consistency_proof: found.proof_from(2),
            ..Default::default()
        };
        world.calls(&replica, "operator").signer.advance_head(advance).await.unwrap();
        replica
    }

    /// Creates, the first of which is forgotten after a day.
    async fn requests(&mut self, replica: &Replica) {
        let mut operator = self.world.calls(replica, "operator");
        self.created.insert("f", created(&mut operator, "f").await.unwrap());
        self.older(&["requests"]).await;
        let store = &Store::new(self.world.database.connect().unwrap(), self.world.row_keys().await);
        let forget = store.requests_delete_before(store.db(), Timestamp::from_nanos(i64::MAX));
        assert_eq!(forget.await.unwrap(), 1);
        for id in ["k", "d", ""] {
            self.created.insert(id, created(&mut operator, id).await.unwrap());
        }
    }

    /// Logs with alarms and without; returns what goes on when the older rows are kept.
    async fn logs(&mut self, replica: &Replica) -> Vec<Chain> {
        let mut audit = self.world.calls(replica, "audit-service");
        let mut plain = Chain::new("logs/plain");
        self.plain.push(plain.clone());
        plain.seal(&mut audit, [1]).await;
        audit.acknowledge(plain.acknowledgement()).await;
        let mut alarms = Chain::new("logs/alarms");
        let begin = alarms.clone();
        alarms.seal(&mut audit, [1, 2]).await;
        for events in [vec![7, 8], vec![7, 8, 9]] {
            audit.seal_one(begin.segment(events).1.segment([10]).0).await;
        }
        audit.seal_one(beyond("logs/none", 7)).await;
        vec![plain, alarms, begin]
    }

    /// Keys that go on: of each of their tables a row is changed after the older ones were kept.
    async fn keys(&mut self, replica: &Replica) {
        let world = &self.world;
        let (mut vault, mut operator) = (world.calls(replica, "vault-service"), world.calls(replica, "operator"));
        let tenant = vault.provision(TENANT).await.unwrap().name;
        self.wrapped = vault.generate_for(&tenant, "p-1", &CONTEXT).await.unwrap().wrapped_key;
        self.old = vault.generate("keys/k", &CONTEXT).await.unwrap().wrapped_key;
        counted(world, replica, 1).await;
        self.older(&["keys", "key_versions", "root_key", "subject_keys", "wrap_counts"]).await;
        vault.generate("keys/k", &CONTEXT).await.unwrap();
        counted(world, replica, 2).await;
        operator.rotate("keys/k").await.unwrap();
    }

    /// Logs that go on, likewise.
    async fn logs_go_on(&mut self, replica: &Replica, chains: Vec<Chain>) {
        let [mut plain, mut alarms, begin] = <[Chain; 3]>::try_from(chains).ok().unwrap();
        let world = &self.world;
        self.older(&["signer_heads", "signer_segments", "signer_alarms", "signer_unknown_alarms"]).await;
        let mut operator = world.calls(replica, "operator");
        let mut audit = world.calls(replica, "audit-service");
        for number in [2, 3] {
            self.plain.push(plain.clone());
            plain.seal(&mut audit, [number]).await;
        }
        forget_first_segment(&self.sql, "logs/plain").await;
        alarms.seal(&mut audit, [3]).await;
        audit.acknowledge(alarms.acknowledgement()).await;
        let log = "logs/alarms".to_owned();
        let alarm_ids = open_ids(&head(&mut audit, &log).await, "FORKED");
        let close =
            CloseAlarmRequest { log: log.clone(), alarm_ids, reference: "INC-8".to_owned(), ..Default::default() };
        operator.signer.close_alarm(close).await.unwrap();
        audit.seal_one(begin.segment([7, 8]).1.segment([11]).0).await;
        audit.seal_one(beyond("logs/none", 9)).await;
        self.logs.extend([("logs/plain", plain), ("logs/alarms", alarms)]);
    }

    /// Does what a case says, and asks; returns the answers that are others than stated.
    pub(super) async fn check(&self, Case { deeds, process, asks }: &Case) -> Vec<String> {
        put_rows_back(&self.sql, &self.table_names()).await.unwrap();
        let seen = if *process == Seen { Some(self.who_has_seen(asks).await) } else { None };
        for deed in *deeds {
            assert!(deed.done(&self.sql).await.unwrap() > 0, "{deed:?} found nothing in {deeds:?}");
        }
        let (mut replica, mut others) = (seen, Vec::new());
        for (ask, outcome) in *asks {
            let answer = match ask {
                Unseal => self.unsealed().await,
                OwnKey if own_key(&self.sql).await == self.own_key => "the same".to_owned(),
                OwnKey => "made anew".to_owned(),
                _ => {
                    if replica.is_none() {
                        replica = Some(self.world.replica().await);
                    }
                    self.asked(replica.as_ref().unwrap(), *ask).await.unwrap_or_else(|status| {
                        let refused = refused::<()>(Err(status));
                        format!("{:?} {}", refused.code, refused.reason).trim_end().to_owned()
                    })
                }
            };
            if answer != *outcome {
                others.push(format!("{deeds:?}, {process:?}: {ask:?} was answered {answer}, not {outcome}"));
            }
        }
        if let Some(replica) = replica {
            replica.stop().await;
        }
        others
    }

    /// A process that has met what will be asked for.
    async fn who_has_seen(&self, asks: &[(Ask, &str)]) -> Replica {
        let replica = self.world.replica().await;
        for (ask, _) in asks {
            let ask = if let WrapsNoMore(id) = ask { Wrap(id) } else { *ask };
            if matches!(ask, Get(_) | Wrap(_) | Head(_)) {
                self.asked(&replica, ask).await.unwrap();
            }
        }
        replica
    }

    async fn unsealed(&self) -> String {
        let (db, clock): (_, SharedClock) = (self.world.database.connect().unwrap(), Arc::new(SystemClock));
        let outbox = Outbox::new(db.clone(), OutboxKeySlot::empty(), Arc::clone(&clock), &OutboxConfig::default());
        match unseal(&db, &FileSeal::new(&self.world.seal_file(), false), &clock, &outbox).await {
            Ok(_) => "unsealed",
            Err(error) if error.is_alarm() => "sealed, an alarm",
            Err(_) => "sealed",
        }
        .to_owned()
    }

    async fn asked(&self, replica: &Replica, ask: Ask) -> Result<String, Status> {
        let [mut operator, mut vault, mut audit] =
            ["operator", "vault-service", "audit-service"].map(|caller| self.world.calls(replica, caller));
        let version = |name: &str| format!("version {}", name.rsplit('/').next().unwrap());
        Ok(match ask {
            Unseal | OwnKey => panic!("no process is asked"),
            Get(id) => {
                let get = GetKeyRequest { name: format!("keys/{id}"), ..Default::default() };
                version(&operator.keys.get_key(get).await?.into_inner().key.unwrap().primary_version)
            }
            Wrap(id) => version(&vault.generate(&format!("keys/{id}"), &CONTEXT).await?.key_version),
            WrapsNoMore(id) => {
                let wraps = async || vault.clone().generate(&format!("keys/{id}"), &CONTEXT).await.err();
                return Err(poll_until(LIMIT, "the key wraps no more", wraps).await.unwrap());
            }
            Unwrap => {
                vault.unwrap("keys/k", &CONTEXT, &self.old).await?;
                "opens".to_owned()
            }
            Subject => {
                let key = &format!("keys/{TENANT}");
                vault.generate_for(key, "p-1", &CONTEXT).await?;
                vault.unwrap_for((key, "p-1"), &CONTEXT, &self.wrapped).await?;
                "opens".to_owned()
            }
            Count => count(&self.world, replica).await.to_string(),
            Again(id) if created(&mut operator, id).await? == self.created[id] => "the first answer".to_owned(),
            Again(_) => "another key".to_owned(),
            Head(log) => {
                let head =
                    audit.signer.get_head(GetHeadRequest { log: log.to_owned() }).await?.into_inner().head.unwrap();
                format!("size {}, alarms {}", head.size(), head.alarms_in_all)
            }
            Next(log) => sealed(&mut audit, self.logs[log].segment([20]).0).await?,
            Other(place) => sealed(&mut audit, self.plain[place].segment([20]).0).await?,
            Raise => sealed(&mut audit, beyond("logs/further", 5)).await?,
        })
    }
}

async fn sealed(audit: &mut Calls, segment: Segment) -> Result<String, Status> {
    let request = SealBatchRequest { segments: vec![segment], ..Default::default() };
    let answer = audit.signer.seal_batch(request).await?.into_inner();
    Ok(format!("{:?}", answer.results[0].outcome()))
}
