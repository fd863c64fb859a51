-- People who left: what ai tells of theirs afterwards is not registered any more.
CREATE TABLE departed_users (
    user_id     text PRIMARY KEY,
    departed_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE departed_users ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker_departed_users ON departed_users TO multicanvas_worker
    USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON departed_users TO multicanvas_worker;

-- The application role may name only the objects of the person it acts for: an injected statement
-- could else have another person's files swept.

ALTER TABLE doomed_objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_doomed_objects_insert ON doomed_objects FOR INSERT TO multicanvas_app
    WITH CHECK (starts_with(prefix, 'media/' || (SELECT access.current_actor()) || '/'));
CREATE POLICY worker_doomed_objects ON doomed_objects TO multicanvas_worker
    USING (true) WITH CHECK (true);
