-- The application role may doom single objects only; the sweep keeps those that an export still
-- refers to. A prefix takes whatever lies below it, so prefixes are the worker's.

ALTER TABLE doomed_objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY single_doomed_objects_insert ON doomed_objects FOR INSERT TO multicanvas_app
    WITH CHECK (right(object_key, 1) <> '/');
CREATE POLICY doomed_objects_worker ON doomed_objects TO multicanvas_worker
    USING (true) WITH CHECK (true);
