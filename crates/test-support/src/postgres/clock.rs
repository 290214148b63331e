//! A database's clock that a test sets.

use super::database::{Superuser, TestDatabase};
use super::error::Error;

/// What a database's `clock_timestamp()` says to sessions that are opened after it was made.
#[derive(Debug)]
pub struct MovableClock(Superuser);

impl MovableClock {
    /// Puts the clock in front of the database's own. It shows the true time at first.
    pub async fn install(database: &TestDatabase<'_>) -> Result<Self, Error> {
        let superuser = database.superuser().await?;
        let role = database.config().user;
        superuser
            .batch_execute(&format!(
                "CREATE TABLE public.clock_shift (ahead interval NOT NULL);
                 INSERT INTO public.clock_shift VALUES ('0');
                 GRANT SELECT ON public.clock_shift TO PUBLIC;
                 CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                     AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM public.clock_shift';
                 DO $$ BEGIN
                     EXECUTE format('ALTER ROLE {role} IN DATABASE %I SET search_path = public, pg_catalog',
                         current_database());
                 END $$",
            ))
            .await?;
        Ok(Self(superuser))
    }

    /// Sets how far the clock is ahead: an interval, such as `1 year` or `-1 hour`.
    pub async fn set(&self, ahead: &str) -> Result<(), Error> {
        let sql = "UPDATE public.clock_shift SET ahead = $1::text::interval";
        self.0.execute(sql, &[&ahead]).await?;
        Ok(())
    }
}
