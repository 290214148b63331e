//! A database superuser puts older genuine rows back, or deletes rows: what comes of it, as docs/data-model.md says.

use std::collections::BTreeMap;

use api::vault::v1::{CreateRecordRequest, GetCollectionRequest, GetTenantRequest, Record};
use serde_json::json;
use test_support::postgres::{Superuser, keep_rows, put_rows_back};
use test_support::tamper::Deed::{self, Delete, PutBack};
use test_support::tamper::{keep_older, tables_with_hmac, unsaid};
use tonic::Status;
use uuid::Uuid;

use crate::own_keys::forget_fingerprint;
use crate::support::{PATIENTS, Refused, Replica, World, fields, new_record, refused, update_request};

/// The service's role.
const ROLE: &str = "strongroom_vault";
/// What does not open in its place, or is missing.
const ALTERED: &str = "DataLoss AAD_MISMATCH";

/// What is asked of a process that was started afterwards.
#[derive(Debug, Clone, Copy)]
enum Ask {
    /// Which value does a record have?
    Reveal(&'static str),
    /// What comes of an update by somebody who holds the etag of the newest revision of `changed`?
    UpdateNewest,
    /// What does a create answer that is sent again?
    Again(&'static str),
    /// What does a new create answer, which needs the vault's own keys?
    Create,
    /// Is the tenant there?
    Tenant,
    /// Is the collection there?
    Collection,
}
use Ask::{Again, Collection, Create, Reveal, Tenant, UpdateNewest};

/// What comes of rows that are put back or deleted.
struct Case {
    /// What is done, first to the table that the case is about.
    deeds: &'static [Deed],
    /// What is asked, and the answers.
    asks: &'static [(Ask, &'static str)],
}

/// The answers as long as nothing is done.
const CONTROL: Case = Case {
    deeds: &[],
    asks: &[
        (Reveal("changed"), "value 2"),
        (Reveal("deleted"), "NotFound"),
        (UpdateNewest, "updated"),
        (Again("forgotten"), "AlreadyExists"),
        (Again("known"), "the first answer"),
        (Again(""), "the first answer"),
        (Create, "made"),
        (Tenant, "there"),
        (Collection, "there"),
    ],
};

/// Tables of which there are no older rows: the service may not change any.
const NEVER_CHANGED: [&str; 4] = ["collections", "deleted_records", "derived_keys", "tenants"];

const FINGERPRINT: &str = "purpose = 'fingerprint'";

const CASES: [Case; 14] = [
    Case {
        deeds: &[PutBack("records", "record_id = 'changed'")],
        asks: &[(Reveal("changed"), "value 1"), (UpdateNewest, "Aborted ETAG_MISMATCH")],
    },
    Case { deeds: &[PutBack("records", "record_id = 'deleted'")], asks: &[(Reveal("deleted"), ALTERED)] },
    Case { deeds: &[Delete("records", "record_id = 'changed'")], asks: &[(Reveal("changed"), "NotFound")] },
    Case {
        deeds: &[Delete("deleted_records", "true"), PutBack("records", "record_id = 'deleted'")],
        asks: &[(Reveal("deleted"), "value 1")],
    },
    Case { deeds: &[Delete("tenants", "true")], asks: &[(Tenant, "NotFound"), (Reveal("changed"), "NotFound")] },
    Case {
        deeds: &[Delete("collections", "true")],
        asks: &[(Collection, "NotFound"), (Reveal("changed"), "NotFound"), (Tenant, "there")],
    },
    Case { deeds: &[PutBack("derived_key_lists", "true")], asks: &[(Create, ALTERED)] },
    Case {
        deeds: &[PutBack("derived_key_lists", "true"), Delete("derived_keys", FINGERPRINT)],
        asks: &[(Create, "made"), (Again("known"), "InvalidArgument REQUEST_ID_REUSED")],
    },
    Case { deeds: &[Delete("derived_key_lists", "true")], asks: &[(Create, ALTERED)] },
    Case { deeds: &[Delete("derived_keys", FINGERPRINT)], asks: &[(Create, ALTERED)] },
    Case { deeds: &[Delete("derived_keys", "true")], asks: &[(Create, ALTERED)] },
    Case { deeds: &[Delete("derived_keys", "true"), Delete("derived_key_lists", "true")], asks: &[(Create, ALTERED)] },
    Case { deeds: &[PutBack("requests", "true")], asks: &[(Again("forgotten"), "the first answer")] },
    Case {
        deeds: &[Delete("requests", "true")],
        asks: &[(Again("known"), "AlreadyExists"), (Again(""), "another record")],
    },
];

/// An installation that has gone on since its older rows were kept. Nothing runs.
struct Past {
    world: World,
    sql: Superuser,
    /// All tables in which something is done.
    tables: Vec<String>,
    /// The first answers to creates, by the id that was asked for.
    created: BTreeMap<&'static str, Record>,
    /// The newest revision of `changed`.
    etag: String,
}

fn create(id: &str) -> CreateRecordRequest {
    let request = id.bytes().fold(9, |sum, byte| sum * 256 + u128::from(byte));
    CreateRecordRequest { request_id: Uuid::from_u128(request).to_string(), ..new_record(id, &json!({ "a": 1 })) }
}

impl Past {
    async fn new() -> Self {
        let (world, vault) = World::start().await;
        let sql = world.sql().await;
        let mut app = world.calls(&vault, "app");
        let mut created = BTreeMap::new();
        for id in ["changed", "deleted"] {
            app.create(id, &json!({ "a": 1 })).await.unwrap();
        }
        keep_older(&sql, "records").await.unwrap();
        let etag = app.update("changed", &["a"], &json!({ "a": 2 })).await.unwrap().etag;
        app.delete("deleted", "").await.unwrap();

        created.insert("forgotten", app.create_record(create("forgotten")).await.unwrap());
        keep_older(&sql, "requests").await.unwrap();
        assert_eq!(sql.execute("DELETE FROM requests", &[]).await.unwrap(), 1, "as after a day");
        for id in ["known", ""] {
            created.insert(id, app.create_record(create(id)).await.unwrap());
        }
        vault.stop().await;

        let mut tables = tables_with_hmac(&sql).await.unwrap();
        tables.push("records".to_owned());
        let past = Self { world, sql, tables, created, etag };
        past.keep().await;
        // A version that did not need fingerprints wrote the older list.
        forget_fingerprint(&past.world, &*past.world.row_keys().await).await;
        keep_older(&past.sql, "derived_key_lists").await.unwrap();
        past.restore().await;
        for table in NEVER_CHANGED {
            keep_older(&past.sql, table).await.unwrap();
        }
        past
    }

    fn table_names(&self) -> Vec<&str> {
        self.tables.iter().map(String::as_str).collect()
    }

    async fn keep(&self) {
        keep_rows(&self.sql, &self.table_names()).await.unwrap();
    }

    async fn restore(&self) {
        put_rows_back(&self.sql, &self.table_names()).await.unwrap();
    }

    /// Does what a case says, and asks; returns the answers that are others than stated.
    async fn check(&self, Case { deeds, asks }: &Case) -> Vec<String> {
        self.restore().await;
        for deed in *deeds {
            assert!(deed.done(&self.sql).await.unwrap() > 0, "{deed:?} found nothing in {deeds:?}");
        }
        let fresh = self.world.replica().await;
        let mut others = Vec::new();
        for (ask, stated) in *asks {
            let answer = self.asked(&fresh, *ask).await.unwrap_or_else(|status| {
                let Refused { code, reason, .. } = refused::<()>(Err(status));
                format!("{code:?} {reason}").trim_end().to_owned()
            });
            if answer != *stated {
                others.push(format!("{deeds:?}: {ask:?} was answered {answer}, not {stated}"));
            }
        }
        fresh.stop().await;
        others
    }

    async fn asked(&self, vault: &Replica, ask: Ask) -> Result<String, Status> {
        let [mut app, mut operator] = ["app", "operator"].map(|caller| self.world.calls(vault, caller));
        let answer = match ask {
            Reveal(id) => {
                let revealed = app.reveal(id).await?;
                let is = |value: u32| revealed == fields(&json!({ "a": value }));
                return Ok(format!("value {}", (1..3).find(|value| is(*value)).unwrap()));
            }
            UpdateNewest => {
                let mut request = update_request("changed", &["a"], &json!({ "a": 3 }));
                request.record.as_mut().unwrap().etag.clone_from(&self.etag);
                app.update_record(request).await?;
                "updated"
            }
            Again(id) if app.create_record(create(id)).await? == self.created[id] => "the first answer",
            Again(_) => "another record",
            Create => {
                app.create_record(create("new")).await?;
                "made"
            }
            Tenant => {
                let get = GetTenantRequest { name: "tenants/acme".to_owned(), ..Default::default() };
                operator.tenants.get_tenant(get).await?;
                "there"
            }
            Collection => {
                let get = GetCollectionRequest { name: PATIENTS.to_owned(), ..Default::default() };
                operator.collections.get_collection(get).await?;
                "there"
            }
        };
        Ok(answer.to_owned())
    }
}

#[tokio::test]
async fn older_rows_and_missing_ones_have_the_stated_outcome() {
    let past = Past::new().await;
    let mut others = past.check(&CONTROL).await;
    for case in &CASES {
        others.extend(past.check(case).await);
    }
    assert!(others.is_empty(), "{others:#?}");
    past.restore().await;
    let deeds: Vec<Deed> = CASES.iter().filter_map(|case| case.deeds.first().copied()).collect();
    let unsaid = unsaid(&past.sql, ROLE, &past.table_names(), &NEVER_CHANGED, &deeds).await.unwrap();
    assert!(unsaid.is_empty(), "each table has its outcomes: {unsaid:#?}");
}
