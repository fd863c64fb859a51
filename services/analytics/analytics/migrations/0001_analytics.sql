-- The audit trail and its first summary. `project_analytics` carries the seed's columns; its key
-- is (id, created_at) because a partitioned table's key holds the partition column (Q19).

CREATE TABLE project_analytics (
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL,
    user_id    text NOT NULL,
    event_type text NOT NULL CHECK (event_type IN (
        'project_created', 'project_opened', 'project_saved', 'template_applied',
        'element_added', 'element_edited', 'ai_text_generated', 'ai_image_generated',
        'export_started', 'export_completed', 'collaboration_invited', 'collaboration_joined')),
    event_data jsonb,
    canvas_id  text,
    element_id text,
    session_id text,
    user_agent text,
    ip_address text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX analytics_project_idx ON project_analytics (project_id);
CREATE INDEX analytics_user_idx ON project_analytics (user_id);
CREATE INDEX analytics_event_idx ON project_analytics (event_type);
CREATE INDEX analytics_date_idx ON project_analytics (created_at);
CREATE INDEX idx_project_analytics_user_event_date
    ON project_analytics (user_id, event_type, created_at);
CREATE INDEX project_analytics_page ON project_analytics (project_id, created_at DESC, id DESC);

-- Which months of the trail are kept; one row, set by the operator.
CREATE TABLE retention (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    months   integer NOT NULL DEFAULT 24 CHECK (months > 0)
);
INSERT INTO retention DEFAULT VALUES;

-- Makes the partitions of a span of months, first to last day, safe when several callers race.
CREATE FUNCTION ensure_partitions(_from date, _to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp AS $$
DECLARE
    month date := date_trunc('month', _from)::date;
    part  text;
    made  integer := 0;
BEGIN
    WHILE month <= _to LOOP
        part := 'project_analytics_' || to_char(month, 'YYYY_MM');
        IF to_regclass('public.' || part) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('project_analytics partitions'));
            IF to_regclass('public.' || part) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF project_analytics FOR VALUES FROM (%L) TO (%L)',
                    part, month, month + interval '1 month');
                made := made + 1;
            END IF;
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION ensure_partitions(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions(date, date) TO multicanvas_worker;
SELECT ensure_partitions((now() - interval '1 month')::date, (now() + interval '3 months')::date);

CREATE TABLE project_totals (
    project_id        uuid PRIMARY KEY,
    owner_id          text,
    commands          bigint NOT NULL DEFAULT 0,
    events            bigint NOT NULL DEFAULT 0,
    elements_added    bigint NOT NULL DEFAULT 0,
    elements_edited   bigint NOT NULL DEFAULT 0,
    elements_deleted  bigint NOT NULL DEFAULT 0,
    templates_applied bigint NOT NULL DEFAULT 0,
    ai_texts          bigint NOT NULL DEFAULT 0,
    ai_images         bigint NOT NULL DEFAULT 0,
    exports_requested bigint NOT NULL DEFAULT 0,
    exports_started   bigint NOT NULL DEFAULT 0,
    exports_completed bigint NOT NULL DEFAULT 0,
    exports_failed    bigint NOT NULL DEFAULT 0,
    export_bytes      bigint NOT NULL DEFAULT 0,
    export_millis     bigint NOT NULL DEFAULT 0,
    first_event_at    timestamptz,
    last_event_at     timestamptz
);

-- Up to which event time each projection has seen the log.
CREATE TABLE projection_freshness (
    projection text PRIMARY KEY,
    as_of      timestamptz NOT NULL
);

ALTER TABLE project_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_totals ENABLE ROW LEVEL SECURITY;

CREATE POLICY accessible_project_analytics_select ON project_analytics FOR SELECT
    TO multicanvas_app USING (project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY accessible_project_totals_select ON project_totals FOR SELECT
    TO multicanvas_app USING (project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY worker_analytics ON project_analytics TO multicanvas_worker
    USING (true) WITH CHECK (true);
CREATE POLICY worker_totals ON project_totals TO multicanvas_worker USING (true) WITH CHECK (true);

-- Partitions carry no grants of their own: read directly they would bypass the parent's policy.
GRANT SELECT ON project_analytics, project_totals, projection_freshness TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON project_analytics, project_totals, projection_freshness TO multicanvas_worker;
GRANT SELECT ON retention TO multicanvas_worker;
