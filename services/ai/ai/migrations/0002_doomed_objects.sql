-- The application role may name only the objects of generations of the person it acts for: an
-- injected statement could else have another person's images swept. `object_key` is a prefix.

ALTER TABLE doomed_objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_doomed_objects_insert ON doomed_objects FOR INSERT TO multicanvas_app
    WITH CHECK (EXISTS (
        SELECT FROM generation_jobs j
        WHERE j.user_id = (SELECT access.current_actor())
            AND object_key = 'generated/' || j.id::text));
CREATE POLICY worker_doomed_objects ON doomed_objects TO multicanvas_worker
    USING (true) WITH CHECK (true);
