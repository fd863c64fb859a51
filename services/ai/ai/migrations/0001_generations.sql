-- Generations. The two ledgers carry the seed's columns and hold successes only (Q14); a
-- generation's whole life, and the queue of those still to be made, is `generation_jobs`.

CREATE TABLE ai_text_generations (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id         uuid NOT NULL,
    user_id            text NOT NULL,
    prompt             text NOT NULL,
    context            jsonb,
    provider           text NOT NULL
        CHECK (provider IN ('openai', 'anthropic', 'runware', 'builtin')),
    model              text NOT NULL,
    generated_text     text NOT NULL,
    alternatives       jsonb DEFAULT '[]',
    tokens_used        integer,
    cost               numeric(10, 6),
    response_time      integer,
    applied_to_element text,
    is_used            boolean DEFAULT false,
    user_rating        integer CHECK (user_rating BETWEEN 1 AND 5),
    user_feedback      text,
    created_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ai_text_project_idx ON ai_text_generations (project_id);
CREATE INDEX ai_text_user_idx ON ai_text_generations (user_id);
CREATE INDEX ai_text_provider_idx ON ai_text_generations (provider);
CREATE INDEX idx_ai_generations_user_date ON ai_text_generations (user_id, created_at DESC);

CREATE TABLE ai_image_generations (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id         uuid NOT NULL,
    user_id            text NOT NULL,
    prompt             text NOT NULL,
    negative_prompt    text,
    style              text,
    provider           text NOT NULL
        CHECK (provider IN ('runware', 'openai', 'midjourney', 'stable-diffusion', 'builtin')),
    width              integer NOT NULL,
    height             integer NOT NULL,
    seed               bigint,
    steps              integer,
    guidance           numeric(4, 2),
    image_url          text NOT NULL,
    thumbnail_url      text,
    alternatives       jsonb DEFAULT '[]',
    generation_time    integer,
    cost               numeric(10, 6),
    applied_to_element text,
    is_used            boolean DEFAULT false,
    user_rating        integer CHECK (user_rating BETWEEN 1 AND 5),
    user_feedback      text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    media_id           uuid
);
CREATE INDEX ai_image_project_idx ON ai_image_generations (project_id);
CREATE INDEX ai_image_user_idx ON ai_image_generations (user_id);
CREATE INDEX ai_image_provider_idx ON ai_image_generations (provider);

CREATE TABLE generation_jobs (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL,
    user_id         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('text', 'image')),
    provider        text NOT NULL,
    model           text NOT NULL,
    prompt          text NOT NULL,
    context         jsonb,
    negative_prompt text,
    style           text,
    width           integer,
    height          integer,
    seed            bigint,
    apply_to        uuid,
    status          text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'completed', 'failed', 'refused', 'cancelled')),
    attempts        integer NOT NULL DEFAULT 0,
    available_at    timestamptz NOT NULL DEFAULT now(),
    lease_until     timestamptz,
    error_code      text,
    error_message   text,
    apply_error     text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX generation_jobs_queue ON generation_jobs (available_at)
    WHERE status IN ('pending', 'running');
CREATE INDEX generation_jobs_project ON generation_jobs (project_id, created_at DESC, id DESC);
CREATE INDEX generation_jobs_user ON generation_jobs (user_id, created_at DESC, id DESC);

ALTER TABLE ai_text_generations ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_image_generations ENABLE ROW LEVEL SECURITY;
ALTER TABLE generation_jobs ENABLE ROW LEVEL SECURITY;

CREATE POLICY project_text_generations_select ON ai_text_generations FOR SELECT
    TO multicanvas_app USING (user_id = (SELECT access.current_actor())
        OR project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY own_text_generations_update ON ai_text_generations FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY own_text_generations_delete ON ai_text_generations FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));

CREATE POLICY project_image_generations_select ON ai_image_generations FOR SELECT
    TO multicanvas_app USING (user_id = (SELECT access.current_actor())
        OR project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY own_image_generations_update ON ai_image_generations FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY own_image_generations_delete ON ai_image_generations FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));

CREATE POLICY project_jobs_select ON generation_jobs FOR SELECT
    TO multicanvas_app USING (user_id = (SELECT access.current_actor())
        OR project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY own_jobs_insert ON generation_jobs FOR INSERT TO multicanvas_app
    WITH CHECK (user_id = (SELECT access.current_actor())
        AND project_id = ANY (ARRAY(SELECT unnest(access.my_projects()))));
CREATE POLICY own_jobs_update ON generation_jobs FOR UPDATE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()))
    WITH CHECK (user_id = (SELECT access.current_actor()));
CREATE POLICY own_jobs_delete ON generation_jobs FOR DELETE TO multicanvas_app
    USING (user_id = (SELECT access.current_actor()));

CREATE POLICY worker_texts ON ai_text_generations TO multicanvas_worker
    USING (true) WITH CHECK (true);
CREATE POLICY worker_images ON ai_image_generations TO multicanvas_worker
    USING (true) WITH CHECK (true);
CREATE POLICY worker_jobs ON generation_jobs TO multicanvas_worker USING (true) WITH CHECK (true);

GRANT SELECT, UPDATE, DELETE ON ai_text_generations, ai_image_generations TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON generation_jobs TO multicanvas_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON ai_text_generations, ai_image_generations, generation_jobs TO multicanvas_worker;

-- Keys of objects whose rows are gone; the sweep removes the bytes and then the row here.
CREATE TABLE doomed_objects (
    object_key text PRIMARY KEY,
    added_at   timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON doomed_objects TO multicanvas_app;
GRANT SELECT, INSERT, DELETE ON doomed_objects TO multicanvas_worker;
