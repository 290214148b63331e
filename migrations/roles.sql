-- Roles of Strongroom and who may enter which database. Run as superuser, as often as you like: before the databases are
-- created and once more after. Passwords are set by whoever deploys; none stands here.
--
--   strongroom_migrator   owns the databases and their schemas, runs `migrate`, and nothing else
--   strongroom_key        key-service   in the database strongroom_key
--   strongroom_vault      vault-service in the database strongroom_vault
--   strongroom_audit      audit-service in the database strongroom_audit
--
-- What a service's role may do to which table is granted table by table in migrations/{key,vault,audit}: it owns nothing,
-- so it can neither alter a table nor grant anything on.

DO $roles$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['strongroom_migrator', 'strongroom_key', 'strongroom_vault', 'strongroom_audit']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
        -- INHERIT is how the migrator, as the owner of a database, may create tables in its schema.
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT', role_name);
        -- Names resolve in one schema only, whatever a database says.
        EXECUTE format('ALTER ROLE %I SET search_path = public', role_name);
    END LOOP;
END
$roles$;

DO $databases$
DECLARE
    database_name text;
BEGIN
    FOREACH database_name IN ARRAY ARRAY['strongroom_key', 'strongroom_vault', 'strongroom_audit']
    LOOP
        IF EXISTS (SELECT FROM pg_database WHERE datname = database_name) THEN
            EXECUTE format('ALTER DATABASE %I OWNER TO strongroom_migrator', database_name);
            -- Each service enters its own database only; PUBLIC would let all of them into each other's.
            EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', database_name);
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', database_name, database_name);
        END IF;
    END LOOP;
END
$databases$;
