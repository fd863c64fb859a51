-- People who left: a rebuild reads their events again, and must leave them out again.
CREATE TABLE forgotten_users (
    user_id      text PRIMARY KEY,
    forgotten_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE forgotten_users ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker_forgotten_users ON forgotten_users TO multicanvas_worker
    USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON forgotten_users TO multicanvas_worker;

-- The first moment that the trail keeps. A whole month: so a rebuild and the dropping of old
-- partitions leave exactly the same rows.
CREATE FUNCTION kept_since() RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = public, pg_catalog, pg_temp AS $$
    SELECT date_trunc('month', now() - make_interval(months => months), 'UTC') FROM retention
$$;
REVOKE ALL ON FUNCTION kept_since() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kept_since() TO multicanvas_worker;

-- Bounds of partitions are whole months of UTC, whatever the session's time zone.
ALTER FUNCTION ensure_partitions(date, date) SET timezone = 'UTC';

-- Drops the months of the trail that retention has passed; returns how many.
CREATE FUNCTION drop_old_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
    part    record;
    dropped integer := 0;
BEGIN
    FOR part IN
        SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.project_analytics'::regclass
            AND to_date(right(c.relname, 7), 'YYYY_MM') < (kept_since() AT TIME ZONE 'UTC')::date
    LOOP
        EXECUTE format('DROP TABLE public.%I', part.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_old_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_old_partitions() TO multicanvas_worker;
