//! Every RPC for every caller: who may call what is a golden matrix; a denied call changes nothing and is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rpc::{AuditClass, MethodTable};
use stack::Service;
use stack::certificates::spiffe_id;
use tlog::Outcome;
use tonic::Code;
use uuid::Uuid;

use crate::support::calls::{CALLERS, Caller};
use crate::support::entries::{LoggedEntry, all_delivered, entries, entries_of, log_id, size};
use crate::support::message::methods;
use crate::support::places::{Place, unique};
use crate::support::specimens::{Fixture, Specimen};
use crate::support::sql::{Sql, Tables};
use crate::support::stacks::{World, on_quiet_stack, on_shared_stack};
use crate::support::{PATIENCE, eventually, golden};

const GOLDEN: &str = "authz_matrix.txt";
const SYSTEM: &str = "logs/system";

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_has_a_good_request_to_be_denied_or_spoilt() {
    on_quiet_stack(async |world| {
        let specimens = Fixture::new(world).await.specimens();
        let covered: BTreeSet<&str> = specimens.iter().map(|specimen| specimen.path).collect();
        let missing: Vec<String> =
            methods().into_iter().map(|(path, _)| path).filter(|path| !covered.contains(path.as_str())).collect();
        assert_eq!(missing, Vec::<String>::new(), "add specimens for them in tests/tests/system/support/specimens.rs");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_is_allowed_to_exactly_the_callers_of_the_golden_matrix_and_a_denied_call_changes_nothing() {
    on_quiet_stack(async |world| {
        let fixture = Fixture::new(world).await;
        let specimens = fixture.specimens();
        let callers: Vec<Caller> = CALLERS.iter().map(|name| world.caller(name)).collect();
        if !golden::updating() {
            let denied = denied_by(&golden::read(GOLDEN), &specimens, &callers);
            assert!(denied.len() > 100, "the golden matrix denies next to nothing");
            let before = State::settled(world).await;
            for (specimen, caller) in &denied {
                assert_denied(specimen, caller).await;
            }
            let accounted = accounted(world, &before, &denied).await;
            State::read(world).await.assert_same_but_denials(&before, &accounted);
        }
        let before = State::settled(world).await;
        let matrix = matrix(&specimens, &callers).await;
        golden::compare(GOLDEN, &matrix);
        // The control: the same comparison sees what allowed calls change.
        let after = State::settled(world).await;
        for (table, rows) in ["key.keys", "key.key_versions", "vault.tenants", "vault.collections", "vault.records"]
            .map(|table| (table, &after.tables[table]))
        {
            assert_ne!(before.tables[table], *rows, "allowed calls have not changed {table}");
        }
    })
    .await;
}

/// The pairs that the golden matrix denies.
fn denied_by<'a>(matrix: &str, specimens: &'a [Specimen], callers: &'a [Caller]) -> Vec<(&'a Specimen, &'a Caller)> {
    let mut denied = Vec::new();
    for specimen in specimens {
        let row = matrix.lines().find(|line| line.split(" | ").next().unwrap().trim() == specimen.label());
        let cells: Vec<&str> = row.unwrap_or_default().split(" | ").skip(1).map(str::trim).collect();
        denied.extend(callers.iter().zip(cells).filter(|(_, cell)| *cell == "-").map(|(caller, _)| (specimen, caller)));
    }
    denied
}

async fn assert_denied(specimen: &Specimen, caller: &Caller) {
    let context = format!("{} by {}", specimen.label(), caller.name);
    let refused = caller.call(specimen.path, specimen.message.clone()).await;
    let Err(refused) = refused else { panic!("{context}: answered, but the golden matrix denies it") };
    assert_eq!(refused.details.code, Code::PermissionDenied, "{context}");
    assert_eq!(refused.details.message, "permission denied", "{context}: the text tells something");
    assert!(refused.details.violations.is_empty() && refused.details.reason.is_empty(), "{context}");
}

/// Calls everything as everybody. What a caller may is checked with a request that would be carried out.
async fn matrix(specimens: &[Specimen], callers: &[Caller]) -> String {
    let mut text = String::from(
        "# Who may call what: every RPC with a good request, every caller. yes: anything but PERMISSION_DENIED.\n",
    );
    let width = specimens.iter().map(|specimen| specimen.label().len()).max().unwrap();
    writeln!(text, "{:width$} | {}", "#", CALLERS.join(" | ")).unwrap();
    for specimen in specimens {
        write!(text, "{:width$}", specimen.label()).unwrap();
        for caller in callers {
            let answer = caller.call(specimen.path, specimen.message.clone()).await;
            let denied = matches!(&answer, Err(refused) if refused.details.code == Code::PermissionDenied);
            if let Err(refused) = &answer {
                let code = refused.details.code;
                assert!(
                    !matches!(code, Code::Internal | Code::Unknown | Code::Unimplemented | Code::Unavailable),
                    "{} by {}: {refused:?}",
                    specimen.label(),
                    caller.name
                );
            }
            write!(text, " | {:^1$}", if denied { "-" } else { "yes" }, caller.name.len()).unwrap();
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn every_good_request_is_carried_out_for_its_holder() {
    on_quiet_stack(async |world| {
        for specimen in Fixture::new(world).await.specimens() {
            // Nothing was restored from an old backup, nothing is lost and there is no alarm: nothing to be done about it.
            if ["/AdvanceHead", "/CloseAlarm", "/DeclareLoss"].iter().any(|path| specimen.path.ends_with(path)) {
                continue;
            }
            let answer = world.caller(specimen.holder).call(specimen.path, specimen.message.clone()).await;
            assert!(answer.is_ok(), "{} by {}: {answer:?}", specimen.label(), specimen.holder);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_certificate_may_ask_for_health_and_none_may_call_what_does_not_exist() {
    on_shared_stack(async |world| {
        for name in CALLERS {
            let caller = world.caller(name);
            for channel in [&caller.key, &caller.vault, &caller.audit] {
                let health = crate::contract::health(channel).await;
                assert_eq!(health, 1, "{name}: not SERVING");
            }
            let refused = caller.call("/strongroom.vault.v1.RecordService/Nothing", Vec::new()).await.unwrap_err();
            assert_eq!(refused.details.code, Code::Unimplemented);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_bound_to_one_tenant_is_denied_in_every_other_and_that_stands_in_the_others_log() {
    on_shared_stack(async |world| {
        let (own, other) = (Place::new(world).await, Place::new(world).await);
        for place in [&own, &other] {
            place.create("p-1", &serde_json::json!({"name": "Ada"})).await;
        }
        let name = unique("bound");
        let identity = world.certificates().identity(&name, stack::certificates::Usage::Caller).unwrap();
        let bound = world.caller_with(&name, &identity);
        let mut policy = std::fs::read_to_string(world.policy()).unwrap();
        let (subject, scope) = (spiffe_id(&name), &own.tenant.name);
        write!(policy, "\n[[bindings]]\nsubject = {subject:?}\nrole = \"app\"\nscope = {scope:?}\n").unwrap();
        world.replace_policy(&policy);
        eventually("the new binding", async || bound.records().reveal_record(own.revelation("p-1")).await.ok()).await;
        let refused = bound.records().reveal_record(other.revelation("p-1")).await;
        bound.refused(refused, Code::PermissionDenied, "");
        let missing = bound.records().reveal_record(other.revelation("missing")).await;
        let missing = bound.refused(missing, Code::PermissionDenied, "");
        assert_eq!(missing.message, "permission denied");
        let audit = world.sql(Service::Audit).await;
        let denial = |entry: &LoggedEntry| entry.event.outcome == Outcome::DENIED && entry.event.actor == subject;
        let found = crate::support::entries::wait_for(&audit, &other.log(), 1, denial).await;
        assert!(found.iter().all(|entry| entry.event.action == "records.reveal"), "{found:?}");
        assert!(entries(&audit, &own.log(), 0).await.iter().all(|entry| entry.event.outcome != Outcome::DENIED));
    })
    .await;
}

/// The other dimension of the matrix: whoever holds every role, but below other names, may do nothing here.
#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_is_denied_to_a_caller_who_holds_all_roles_elsewhere() {
    on_quiet_stack(async |world| {
        let (own, other) = (Fixture::new(world).await, Fixture::new(world).await);
        let name = unique("elsewhere");
        let identity = world.certificates().identity(&name, stack::certificates::Usage::Caller).unwrap();
        let caller = world.caller_with(&name, &identity);
        let mut policy = std::fs::read_to_string(world.policy()).unwrap();
        let roles: BTreeSet<String> =
            policy.lines().filter_map(|line| line.strip_prefix("name = ").map(str::to_owned)).collect();
        assert!(roles.len() >= 6, "{roles:?}");
        for scope in own.scopes() {
            for role in &roles {
                let subject = spiffe_id(&name);
                write!(policy, "\n[[bindings]]\nsubject = {subject:?}\nrole = {role}\nscope = {scope:?}\n").unwrap();
            }
        }
        world.replace_policy(&policy);
        // The control, which also waits until every service has the new bindings: the same requests about what is below its own
        // names.
        let named: Vec<Specimen> = own
            .specimens()
            .into_iter()
            .filter(|specimen| !specimen.names.is_empty() && specimen.variant.is_empty())
            .collect();
        assert!(named.len() >= 15, "{}", named.len());
        for specimen in named {
            eventually(&specimen.label(), async || {
                let answer = caller.call(specimen.path, specimen.message.clone()).await;
                let denied = matches!(&answer, Err(refused) if refused.details.code == Code::PermissionDenied);
                (!denied).then_some(())
            })
            .await;
        }
        let others = other.specimens();
        for specimen in others.iter().filter(|specimen| !specimen.path.contains("AccessService")) {
            assert_denied(specimen, &caller).await;
        }
    })
    .await;
}

/// The denials that must be accounted for: caller and path.
type Denials = BTreeSet<(String, String)>;

/// Waits until every denied call stands in an entry.
async fn accounted(world: &World, before: &State, denied: &[(&Specimen, &Caller)]) -> Denials {
    let table = MethodTable::of_api().unwrap();
    let is_accounted = |path: &str| table.get(path).unwrap().audit() != AuditClass::None;
    let wanted: Denials = denied
        .iter()
        .filter(|(specimen, _)| is_accounted(specimen.path))
        .map(|(specimen, caller)| (spiffe_id(&caller.name), specimen.path.to_owned()))
        .collect();
    let audit = world.sql(Service::Audit).await;
    let mut missing = wanted.clone();
    let all = test_support::poll_until(PATIENCE, "an entry for every denied call", async || {
        let found = entries(&audit, SYSTEM, before.system_size).await;
        let found: Denials = found.iter().filter_map(denial_of).collect();
        missing = wanted.difference(&found).cloned().collect();
        missing.is_empty().then_some(())
    });
    let in_time = all.await.is_ok();
    assert!(in_time, "denied calls without an entry: {missing:#?}");
    wanted
}

fn denial_of(entry: &LoggedEntry) -> Option<(String, String)> {
    let is_denial = entry.event.outcome == Outcome::DENIED && entry.attribute("count").parse::<u64>().is_ok();
    is_denial.then(|| (entry.event.actor.clone(), entry.attribute("method").to_owned()))
}

/// What the databases hold, without what is on its way to the logs.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) tables: Tables,
    pub(crate) system_size: i64,
    system_entries: Vec<LoggedEntry>,
    log_sizes: BTreeMap<Uuid, i64>,
}

impl State {
    /// Reads it once nothing is on its way any more.
    pub(crate) async fn settled(world: &World) -> Self {
        /// Counts of wraps and refusals are written once a second: unchanged for longer means written.
        const AT_REST: Duration = Duration::from_millis(2500);
        let (mut last, mut since) = (None, Instant::now());
        eventually("a system at rest", async || {
            all_delivered(world).await;
            let state = Self::read(world).await;
            let seen = Some((state.tables.clone(), state.system_size));
            if seen != last {
                (last, since) = (seen, Instant::now());
            }
            (since.elapsed() >= AT_REST).then_some(state)
        })
        .await
    }

    /// Reads it.
    pub(crate) async fn read(world: &World) -> Self {
        let system = log_id(SYSTEM);
        let other_logs = format!("log_id <> '{system}'");
        let filtered = [
            ("signer_heads", other_logs.as_str()),
            ("signer_segments", &other_logs),
            ("logs", &other_logs),
            ("entries", &other_logs),
        ];
        let mut tables = Tables::new();
        for service in Service::ALL {
            let sql = world.sql(service).await;
            let read = sql.tables(&["audit_outbox"], &filtered).await;
            tables.extend(read.into_iter().map(|(name, rows)| (format!("{}.{name}", service.short()), rows)));
        }
        let audit: Sql = world.sql(Service::Audit).await;
        let system_entries = entries(&audit, SYSTEM, 0).await;
        let log_sizes = audit.rows("SELECT log_id, size FROM logs", &[]).await;
        let log_sizes = log_sizes.iter().map(|row| (row.get(0), row.get(1))).collect();
        Self { tables, system_size: size(&audit, SYSTEM).await, system_entries, log_sizes }
    }

    /// Fails unless everything is as it was `before`, but for entries of calls that were refused, and of reading.
    pub(crate) async fn assert_same_but_refusals(&self, world: &World, before: &Self) {
        const LOGS: [&str; 4] = ["audit.logs", "audit.entries", "key.signer_heads", "key.signer_segments"];
        let all_else = |state: &Self| -> Tables {
            let tables = state.tables.iter().filter(|(name, _)| !LOGS.contains(&name.as_str()));
            tables.map(|(name, rows)| (name.clone(), rows.clone())).collect()
        };
        assert_eq!(all_else(before), all_else(self), "refused calls have changed a table");
        let audit = world.sql(Service::Audit).await;
        for log in self.log_sizes.keys() {
            let first = before.log_sizes.get(log).copied().unwrap_or(0);
            for entry in entries_of(&audit, *log, first).await {
                let reads = entry.event.action.contains(".list") || entry.event.action.contains(".get");
                assert!(entry.event.outcome != Outcome::OK || reads, "a refused call did something: {entry:#?}");
            }
        }
    }

    /// Fails unless everything is as it was `before`, but for entries of these denials.
    fn assert_same_but_denials(&self, before: &Self, denials: &Denials) {
        assert_eq!(before.tables, self.tables, "denied calls have changed a table");
        for entry in self.system_entries.iter().filter(|entry| entry.index >= before.system_size) {
            let denial = denial_of(entry);
            assert!(denial.is_some_and(|denial| denials.contains(&denial)), "no entry of a denied call: {entry:#?}");
        }
    }
}
