-- The media library. Columns carry the seed's names and order; extra ones follow and are
-- listed with their reason in the service's README.

CREATE TABLE media_folders (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id     text NOT NULL,
    team_id     uuid,
    name        text NOT NULL,
    description text,
    color       text DEFAULT '#3b82f6',
    parent_id   uuid REFERENCES media_folders (id),
    is_shared   boolean DEFAULT false,
    sort_order  integer DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX media_folder_user_idx ON media_folders (user_id);
CREATE INDEX media_folder_team_idx ON media_folders (team_id);
CREATE INDEX media_folder_parent_idx ON media_folders (parent_id);

CREATE TABLE user_media (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id          text NOT NULL,
    team_id          uuid,
    filename         text NOT NULL,
    original_name    text NOT NULL,
    mime_type        text NOT NULL,
    file_size        bigint NOT NULL,
    storage_provider text NOT NULL
        CHECK (storage_provider IN ('s3', 'cloudinary', 'uploadthing', 'local')),
    storage_key      text NOT NULL,
    public_url       text NOT NULL,
    media_type       text NOT NULL CHECK (media_type IN ('image', 'video', 'audio', 'document')),
    dimensions       jsonb,
    duration         numeric(10, 3),
    thumbnail_url    text,
    tags             jsonb DEFAULT '[]',
    description      text,
    folder_id        uuid REFERENCES media_folders (id),
    usage_count      integer DEFAULT 0,
    last_used_at     timestamptz,
    ai_analysis      jsonb,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    sha256           text,
    has_audio        boolean DEFAULT false
);
CREATE INDEX user_media_user_idx ON user_media (user_id);
CREATE INDEX user_media_team_idx ON user_media (team_id);
CREATE INDEX user_media_type_idx ON user_media (media_type);
CREATE INDEX user_media_folder_idx ON user_media (folder_id);
CREATE INDEX user_media_user_created ON user_media (user_id, created_at DESC, id DESC);

-- Uploads in progress are plain rows (D1): nothing has happened before the file is checked.
CREATE TABLE uploads (
    id          uuid PRIMARY KEY,
    user_id     text NOT NULL,
    filename    text NOT NULL,
    mime_type   text NOT NULL,
    file_size   bigint NOT NULL,
    sha256      text,
    object_key  text NOT NULL,
    media_id    uuid NOT NULL,
    status      text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'checking', 'ready', 'refused')),
    reason      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX uploads_user ON uploads (user_id, created_at DESC);
CREATE INDEX uploads_expiry ON uploads (expires_at) WHERE status = 'pending';

ALTER TABLE media_folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_media ENABLE ROW LEVEL SECURITY;
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_own_folders_select ON media_folders FOR SELECT TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_media_select ON user_media FOR SELECT TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_media_insert ON user_media FOR INSERT TO multicanvas_app
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_media_update ON user_media FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_media_delete ON user_media FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_uploads_select ON uploads FOR SELECT TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_uploads_insert ON uploads FOR INSERT TO multicanvas_app
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_uploads_update ON uploads FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY users_own_uploads_delete ON uploads FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));

CREATE POLICY worker_folders ON media_folders TO multicanvas_worker USING (true) WITH CHECK (true);
CREATE POLICY worker_media ON user_media TO multicanvas_worker USING (true) WITH CHECK (true);
CREATE POLICY worker_uploads ON uploads TO multicanvas_worker USING (true) WITH CHECK (true);

GRANT SELECT ON media_folders TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_media, uploads TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON media_folders, user_media, uploads TO multicanvas_worker;

-- Prefixes of objects whose rows are gone; the sweep removes the bytes and then the row here.
CREATE TABLE doomed_objects (
    prefix   text PRIMARY KEY,
    added_at timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON doomed_objects TO multicanvas_app;
GRANT SELECT, INSERT, DELETE ON doomed_objects TO multicanvas_worker;
