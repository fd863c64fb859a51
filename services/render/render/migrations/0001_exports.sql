-- Exports. `project_exports` has exactly the seed's columns; what the service needs beside them
-- (the queue, where the file lies, what it is) is `render_jobs`, one row per export.

CREATE TABLE project_exports (
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id              uuid NOT NULL,
    user_id                 text NOT NULL,
    canvas_id               text NOT NULL,
    social_format_id        uuid NOT NULL,
    export_settings         jsonb NOT NULL,
    status                  text DEFAULT 'pending'
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    output_url              text,
    thumbnail_url           text,
    file_size               bigint,
    duration                numeric(10, 3),
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    processing_time         integer,
    error_message           text,
    download_count          integer DEFAULT 0,
    last_downloaded_at      timestamptz,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN project_exports.output_url IS 'object key; signed when read';
COMMENT ON COLUMN project_exports.thumbnail_url IS 'object key; signed when read';
CREATE INDEX export_project_idx ON project_exports (project_id);
CREATE INDEX export_user_idx ON project_exports (user_id);
CREATE INDEX export_status_idx ON project_exports (status);
CREATE INDEX project_exports_recent ON project_exports (created_at DESC, id DESC);

CREATE TABLE render_jobs (
    id               uuid PRIMARY KEY REFERENCES project_exports (id) ON DELETE CASCADE,
    project_id       uuid NOT NULL,
    user_id          text NOT NULL,
    document_key     text,
    document_hash    text NOT NULL,
    document_version integer NOT NULL,
    state            text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'running', 'over')),
    attempts         integer NOT NULL DEFAULT 0,
    available_at     timestamptz NOT NULL DEFAULT now(),
    lease            uuid,
    lease_until      timestamptz,
    progress         real NOT NULL DEFAULT 0,
    error_code       text,
    provider         text,
    bucket           text,
    mime_type        text,
    width            integer,
    height           integer,
    sha256           text,
    reused           boolean NOT NULL DEFAULT false
);
CREATE INDEX render_jobs_queue ON render_jobs (available_at) WHERE state <> 'over';
CREATE INDEX render_jobs_running ON render_jobs (user_id) WHERE state = 'running';

-- A finished file by everything that decides its bytes, so that the same request reuses it.
CREATE TABLE render_results (
    project_id    uuid NOT NULL,
    fingerprint   text NOT NULL,
    provider      text NOT NULL,
    bucket        text NOT NULL,
    output_key    text NOT NULL,
    thumbnail_key text NOT NULL,
    mime_type     text NOT NULL,
    file_size     bigint NOT NULL,
    width         integer NOT NULL,
    height        integer NOT NULL,
    duration      double precision NOT NULL,
    sha256        text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, fingerprint)
);
CREATE INDEX render_results_output ON render_results (output_key);

-- Requests whose download was counted already.
CREATE TABLE export_downloads (
    export_id   uuid NOT NULL REFERENCES project_exports (id) ON DELETE CASCADE,
    user_id     text NOT NULL,
    request_key text NOT NULL,
    PRIMARY KEY (export_id, user_id, request_key)
);

-- What social formats want of a file: from the projects service's catalogue.
CREATE TABLE format_needs (
    social_format_id uuid PRIMARY KEY,
    supports_video   boolean NOT NULL,
    max_file_size    bigint,
    image_max_bytes  bigint,
    encoding         jsonb NOT NULL
);

-- Keys (or prefixes ending in /) whose rows are gone; the sweep removes the bytes.
CREATE TABLE doomed_objects (
    object_key text PRIMARY KEY,
    added_at   timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE project_exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE render_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE render_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE export_downloads ENABLE ROW LEVEL SECURITY;

CREATE POLICY project_exports_select ON project_exports FOR SELECT TO multicanvas_app
    USING (user_id = (SELECT access.current_actor())
        OR project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY project_exports_update ON project_exports FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY project_exports_delete ON project_exports FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));
CREATE POLICY render_jobs_select ON render_jobs FOR SELECT TO multicanvas_app
    USING (user_id = (SELECT access.current_actor())
        OR project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY render_jobs_update ON render_jobs FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));

CREATE POLICY exports_worker ON project_exports TO multicanvas_worker
    USING (true) WITH CHECK (true);
CREATE POLICY jobs_worker ON render_jobs TO multicanvas_worker USING (true) WITH CHECK (true);
CREATE POLICY results_worker ON render_results TO multicanvas_worker USING (true) WITH CHECK (true);
CREATE POLICY downloads_worker ON export_downloads TO multicanvas_worker
    USING (true) WITH CHECK (true);

GRANT SELECT, UPDATE, DELETE ON project_exports TO multicanvas_app;
GRANT SELECT, UPDATE ON render_jobs TO multicanvas_app;
GRANT INSERT ON doomed_objects TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON project_exports, render_jobs, render_results, export_downloads, format_needs, doomed_objects
    TO multicanvas_worker;
