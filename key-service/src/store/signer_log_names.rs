//! What do we store? The names of logs, of their heads and of their alarms.

use db::{Executor, statement};
use names::LogName;

use super::{Error, Store};

impl Store {
    /// At most `limit` names of logs that have entries or alarms, sorted, after `after`. A name that is none was put there by
    /// SQL and is passed over: it hides no log. One that is longer than any is not even read.
    pub async fn signer_log_names(&self, db: &impl Executor, after: &str, limit: i64) -> Result<Vec<LogName>, Error> {
        let (wanted, mut after) = (usize::try_from(limit).unwrap_or(usize::MAX), after.to_owned());
        let mut names = Vec::new();
        loop {
            let page = self.signer_log_names_page(db, &after, limit).await?;
            let is_last = page.len() < wanted;
            if let Some(last) = page.last() {
                after.clone_from(last);
            }
            names.extend(page.iter().filter_map(|name| name.parse().ok()));
            if is_last || names.len() >= wanted {
                names.truncate(wanted);
                return Ok(names);
            }
        }
    }

    async fn signer_log_names_page(&self, db: &impl Executor, after: &str, limit: i64) -> Result<Vec<String>, Error> {
        let rows = db
            .query(
                &statement!(
                "signer_log_names",
                "SELECT log_name FROM (
                    (SELECT log_name FROM signer_heads WHERE log_name > $1 /* after */ AND octet_length(log_name) <= 255
                        ORDER BY log_name LIMIT $2 /* limit */)
                    UNION
                    (SELECT DISTINCT log_name FROM signer_alarms WHERE log_name > $1 /* after */ AND octet_length(log_name) <= 255
                        ORDER BY log_name LIMIT $2 /* limit */)
                ) AS named ORDER BY log_name LIMIT $2 /* limit */"
            ),
                &[&after, &limit],
            )
            .await?;
        rows.iter().map(|row| Ok(row.try_get("log_name").map_err(db::Error::from)?)).collect()
    }
}
