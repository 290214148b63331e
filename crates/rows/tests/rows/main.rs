//! Rows with an HMAC against a private PostgreSQL cluster.
#![cfg(test)]

// The name it has everywhere else.
extern crate strongroom_rows as rows;

use db::{Db, Executor as _, Migration, Row, Statement};
use rows::{Carried, Error, NewRow, NewRows, RowKeys, Table, Time};
use secret::SecretBytes;
use test_support::postgres::{Cluster, TestDatabase};
use uuid::Uuid;

const THINGS: Table = Table::new("things").leaving_out(&["body"]);

const MIGRATIONS: [Migration; 1] = [Migration {
    version: 1,
    name: "things",
    sql: "-- compatible from: 1
          CREATE TABLE things (
              thing_uid uuid PRIMARY KEY,
              name      varchar(20) NOT NULL,
              small     smallint NOT NULL,
              number    integer NOT NULL,
              large     bigint NOT NULL,
              is_flag   boolean NOT NULL,
              tags      text[],
              moment    timestamptz,
              body      bytea NOT NULL,
              digest    bytea NOT NULL,
              row_mac   bytea NOT NULL
          );
          GRANT SELECT, INSERT, UPDATE ON things TO strongroom_vault",
}];

const COLUMNS: &str = "thing_uid, name, small, number, large, is_flag, tags, moment, body, digest, row_mac";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Thing {
    uid: Uuid,
    name: String,
    number: u32,
    is_flag: bool,
    tags: Option<Vec<String>>,
    moment: Option<Time>,
}

impl Thing {
    fn of(number: u32) -> Self {
        Self {
            uid: Uuid::from_u128(number.into()),
            name: format!("thing {number}"),
            number,
            is_flag: true,
            tags: Some(vec!["a".to_owned(), String::new()]),
            moment: Some(Time(1_700_000_000_000_001)),
        }
    }

    fn row(&self) -> NewRow<'_> {
        NewRow::of(THINGS)
            .with("thing_uid", self.uid)
            .with("name", self.name.as_str())
            .with("small", -3_i16)
            .with("number", self.number)
            .with("large", u64::from(self.number))
            .with("is_flag", self.is_flag)
            .with("moment", self.moment)
            .with("body", &b"body"[..])
            .with("digest", &[7; 4])
    }

    fn whole_row(&self) -> NewRow<'_> {
        self.row().with("tags", self.tags.as_ref().map(|tags| tags.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn from_row(row: &Row) -> Result<Self, Error> {
        let row = keys().check(THINGS, row)?;
        assert_eq!(row.get::<i16>("small")?, -3);
        assert_eq!(row.get::<u64>("large")?, u64::from(row.get::<u32>("number")?));
        Ok(Self {
            uid: row.get("thing_uid")?,
            name: row.get("name")?,
            number: row.get("number")?,
            is_flag: row.get("is_flag")?,
            tags: row.get("tags")?,
            moment: row.get("moment")?,
        })
    }
}

fn rows_of(things: &[Thing]) -> Vec<NewRow<'_>> {
    things.iter().map(|thing| thing.row().authenticated(&keys())).collect()
}

fn keys() -> RowKeys {
    RowKeys::new(1, SecretBytes::from_slice(&[5; 32]).unwrap())
}

struct World {
    db: Db,
    database: TestDatabase<'static>,
}

impl World {
    async fn new() -> Self {
        let database = Cluster::shared().await.unwrap().database("vault", &MIGRATIONS).await.unwrap();
        Self { db: Db::connect(&database.config(), false).unwrap(), database }
    }

    async fn sql(&self, sql: &str) {
        self.database.superuser().await.unwrap().batch_execute(sql).await.unwrap();
    }

    async fn insert(&self, thing: &Thing) {
        let row = thing.whole_row().authenticated(&keys());
        self.execute(&row.insert(1), &row.params()).await;
    }

    async fn execute(&self, sql: &str, params: &[&(dyn db::types::ToSql + Sync)]) -> u64 {
        self.db.execute(&Statement::built("execute", sql), params).await.unwrap()
    }

    async fn rows(&self, sql: &str) -> Vec<Row> {
        self.db.query(&Statement::built("rows", sql), &[]).await.unwrap()
    }

    async fn things(&self) -> Vec<Result<Thing, Error>> {
        let rows = self.rows(&format!("SELECT {COLUMNS} FROM things ORDER BY number")).await;
        rows.iter().map(Thing::from_row).collect()
    }

    async fn whole(&self) -> Vec<Thing> {
        self.things().await.into_iter().collect::<Result<_, _>>().unwrap()
    }
}

#[tokio::test]
async fn a_row_changed_by_sql_is_not_read() {
    for change in [
        "thing_uid = gen_random_uuid()",
        "name = 'Thing 1'",
        "small = 4",
        "number = 2",
        "is_flag = false",
        "tags = NULL",
        "tags = '{a}'",
        "tags = '{a,NULL}'",
        "moment = NULL",
        "moment = moment + interval '1 microsecond'",
        "digest = ''",
        "row_mac = ''",
        "row_mac = set_byte(row_mac, 0, 2)",
        "row_mac = set_byte(row_mac, 4, 2)",
    ] {
        let world = World::new().await;
        world.insert(&Thing::of(1)).await;
        world.sql(&format!("UPDATE things SET {change}")).await;
        let answer = world.things().await.pop().unwrap();
        assert!(matches!(answer, Err(Error::Altered { table: "things", .. })), "{change}: {answer:?}");
        let said = answer.unwrap_err().to_string();
        assert!(said.contains(": ") && said.contains("_uid="), "the row is not named: {said}");
    }
}

#[tokio::test]
async fn what_is_left_out_may_change_and_an_unknown_type_is_refused() {
    let world = World::new().await;
    world.insert(&Thing::of(1)).await;
    world.sql("UPDATE things SET body = 'other'").await;
    assert_eq!(world.whole().await, [Thing::of(1)]);
    world.sql("ALTER TABLE things ALTER COLUMN large TYPE numeric").await;
    let answer = World { db: Db::connect(&world.database.config(), false).unwrap(), ..world }.things().await.pop();
    assert!(matches!(answer, Some(Err(Error::Unreadable { table: "things", column })) if column == "large"));
}

#[tokio::test]
async fn a_widened_column_and_a_new_empty_one_leave_rows_valid() {
    let world = World::new().await;
    let thing = Thing::of(1);
    world.insert(&thing).await;
    world
        .sql(
            "ALTER TABLE things ADD COLUMN added text, ALTER COLUMN name TYPE text, ALTER COLUMN small TYPE integer,
                ALTER COLUMN number TYPE bigint",
        )
        .await;
    let world = World { db: Db::connect(&world.database.config(), false).unwrap(), ..world };
    let select = format!("SELECT added, {COLUMNS} FROM things");
    assert_eq!(Thing::from_row(&world.rows(&select).await[0]).unwrap(), thing);
    // The program that knows the narrow columns writes to the wide ones.
    let changed = Thing { is_flag: false, ..thing };
    let row = changed.whole_row().authenticated(&keys());
    assert_eq!(world.execute(&row.update(&["thing_uid"], 1), &row.params()).await, 1);
    assert_eq!(world.whole().await, [changed]);
    world.sql("UPDATE things SET added = 'x'").await;
    assert!(matches!(Thing::from_row(&world.rows(&select).await[0]), Err(Error::Altered { .. })));
}

/// A table that has one column more, and a connection that knows of it.
async fn with_later() -> World {
    let world = World::new().await;
    world.sql("ALTER TABLE things ADD COLUMN later uuid, ADD UNIQUE (number)").await;
    World { db: Db::connect(&world.database.config(), false).unwrap(), ..world }
}

/// The rows as a release reads them that knows the column, and what it says.
async fn with_what_is_later(world: &World) -> Vec<(Thing, Option<Uuid>, Carried)> {
    let rows = world.rows(&format!("SELECT later, {COLUMNS} FROM things ORDER BY number")).await;
    let read = |row| {
        let checked = keys().check(THINGS, row).unwrap();
        (Thing::from_row(row).unwrap(), checked.get("later").unwrap(), checked.carried())
    };
    rows.iter().map(read).collect()
}

#[tokio::test]
async fn a_release_that_only_reads_a_column_changes_rows_in_which_the_next_has_set_it() {
    let world = with_later().await;
    let later = Some(Uuid::from_u128(9));
    let first = Thing::of(1);
    let row = first.whole_row().with("later", later).authenticated(&keys());
    world.execute(&row.insert(1), &row.params()).await;
    world.insert(&Thing::of(2)).await;

    for (thing, _, carried) in with_what_is_later(&world).await {
        let changed = Thing { is_flag: false, tags: None, ..thing };
        let row = changed.whole_row().carrying(&carried).authenticated(&keys());
        assert_eq!(world.execute(&row.update(&["thing_uid"], 1), &row.params()).await, 1);
        let row = changed.whole_row().carrying(&carried).authenticated(&keys());
        let sql = format!("{} {}", row.insert(1), row.on_conflict_update(&["thing_uid"]));
        assert_eq!(world.execute(&sql, &row.params()).await, 1);
    }
    let changed = |number| Thing { is_flag: false, tags: None, ..Thing::of(number) };
    let read: Vec<_> = with_what_is_later(&world).await.into_iter().map(|(thing, later, _)| (thing, later)).collect();
    assert_eq!(read, [(changed(1), later), (changed(2), None)]);
}

#[tokio::test]
async fn rows_with_a_carried_column_and_without_one_are_changed_by_one_statement() {
    let world = with_later().await;
    let later = Some(Uuid::from_u128(9));
    let of = |number| Thing { tags: None, ..Thing::of(number) };
    for (number, later) in [(1, None), (2, later)] {
        let thing = of(number);
        let row = thing.row().with("later", later).authenticated(&keys());
        world.execute(&row.insert(1), &row.params()).await;
    }
    let stored = with_what_is_later(&world).await;
    // The third is new.
    let things = [1, 2, 3].map(|number| Thing { is_flag: false, ..of(number) });
    let none = Carried::default();
    let carried = stored.iter().map(|(_, _, carried)| carried).chain([&none]);
    let rows = things.iter().zip(carried).map(|(thing, carried)| thing.row().carrying(carried).authenticated(&keys()));
    let many = NewRows::of(THINGS, rows.collect()).unwrap();
    let sql = format!("{} {}", many.insert(1), many.on_conflict_update(&["number"]));
    assert_eq!(world.execute(&sql, &many.params()).await, 3);
    let read: Vec<_> = with_what_is_later(&world).await.into_iter().map(|(thing, later, _)| (thing, later)).collect();
    let [first, second, third] = things;
    assert_eq!(read, [(first, None), (second, later), (third, None)]);
}

#[tokio::test]
async fn a_genuine_value_that_is_not_known_is_newer_and_not_altered() {
    let world = World::new().await;
    let thing = Thing::of(1);
    let row = thing.whole_row().authenticated(&keys());
    world.execute(&row.insert(1), &row.params()).await;
    let rows = world.rows(&format!("SELECT {COLUMNS} FROM things")).await;
    let checked = keys().check(THINGS, &rows[0]).unwrap();
    for newer in [checked.get::<u64>("small").map(drop), checked.get::<i64>("name").map(drop)] {
        assert!(matches!(newer, Err(Error::Newer { table: "things", .. })), "{newer:?}");
    }
    for unvouched in ["nowhere", "body"] {
        let answer = checked.get::<i64>(unvouched);
        assert!(matches!(answer, Err(Error::Unreadable { .. })), "{unvouched}: {answer:?}");
    }
}

#[tokio::test]
async fn many_rows_are_written_and_changed_by_one_statement() {
    let world = World::new().await;
    let things: Vec<_> = (1..=3).map(|number| Thing { tags: None, ..Thing::of(number) }).collect();
    let many = NewRows::of(THINGS, rows_of(&things)).unwrap();
    assert_eq!(world.execute(&many.insert(1), &many.params()).await, 3);
    assert_eq!(world.whole().await, things);

    let changed: Vec<_> = things.iter().map(|thing| Thing { moment: None, is_flag: false, ..thing.clone() }).collect();
    let many = NewRows::of(THINGS, rows_of(&changed[..2])).unwrap();
    assert_eq!(world.execute(&many.update(&["thing_uid"], 1), &many.params()).await, 2);
    assert_eq!(world.whole().await, [&changed[..2], &things[2..]].concat());

    world.sql("ALTER TABLE things ADD UNIQUE (number)").await;
    let many = NewRows::of(THINGS, rows_of(&changed)).unwrap();
    let sql = format!("{} {}", many.insert(1), many.on_conflict_update(&["number"]));
    assert_eq!(world.execute(&sql, &many.params()).await, 3);
    assert_eq!(world.whole().await, changed);
}

#[tokio::test]
async fn rows_that_are_unlike_or_have_arrays_are_not_written_together() {
    let thing = Thing::of(1);
    let unlike = NewRows::of(THINGS, vec![thing.row(), thing.whole_row()]);
    assert!(matches!(unlike, Err(Error::Unlike { table: "things" })));
    assert!(matches!(NewRows::of(THINGS, vec![thing.whole_row()]), Err(Error::Unlike { .. })));
    assert!(matches!(NewRows::of(Table::new("other"), vec![thing.row()]), Err(Error::Unlike { .. })));
}

#[tokio::test]
async fn a_joined_row_is_checked_by_its_prefix_and_may_be_missing() {
    let world = World::new().await;
    world.insert(&Thing::of(1)).await;
    world.insert(&Thing::of(2)).await;
    let prefixed: Vec<_> = COLUMNS.split(", ").map(|column| format!("b.{column} AS b_{column}")).collect();
    let sql = format!(
        "SELECT a.number, {} FROM things a LEFT JOIN things b ON b.number = a.number + 1 ORDER BY a.number",
        prefixed.join(", ")
    );
    let numbers = |rows: &[Row]| -> Vec<_> {
        let read = |row| {
            let checked = keys().check_joined(THINGS, "b_", row)?;
            checked.map(|checked| checked.get::<u32>("number")).transpose()
        };
        rows.iter().map(|row| read(row).map_err(|error: Error| error.to_string())).collect()
    };
    assert_eq!(numbers(&world.rows(&sql).await), [Ok(Some(2)), Ok(None)]);
    world.sql("UPDATE things SET small = 1 WHERE number = 2").await;
    assert!(numbers(&world.rows(&sql).await)[0].is_err());
}
