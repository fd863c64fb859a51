-- What the bus side remembers beyond the tables of the first file.

-- Which projections the live consumer feeds. While `live` is false a rebuild feeds them instead.
CREATE TABLE eventlog.consumer_projection (
  name       text        NOT NULL,
  topic      text        NOT NULL,
  consumer   text        NOT NULL,             -- the group that feeds it
  live       boolean     NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (name, topic)
);

-- A letter is open until someone retries it with success, drops it, or rebuilds its projection.
ALTER TABLE eventlog.dead_letter
  ADD COLUMN resolution text CHECK (resolution IN ('retried', 'dropped', 'rebuilt')),
  ADD COLUMN resolved_by text;

-- The same poison delivered again makes no second letter.
CREATE UNIQUE INDEX dead_letter_once ON eventlog.dead_letter (projection, event_id)
  WHERE event_id IS NOT NULL AND resolution IS NULL;
CREATE UNIQUE INDEX dead_letter_once_unreadable
  ON eventlog.dead_letter (projection, topic, partition, kafka_offset, md5(value))
  WHERE event_id IS NULL;

-- Raw messages of the worker itself, which acts for nobody and so has no signed context. `_shard`
-- null: by key. A republished event names its aggregate's shard and stays in that shard's order.
CREATE FUNCTION eventlog.enqueue_as_worker(
  _destination text, _key bytea, _value bytea, _headers jsonb, _shard smallint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  mine xid8 := pg_current_xact_id();           -- taken before any seq
BEGIN
  INSERT INTO eventlog.raw_messages (xid, seq, shard, destination, key, value, headers)
  VALUES (mine, nextval('eventlog.position'), coalesce(_shard, get_byte(sha256(_key), 0) & 15),
          _destination, _key, _value, _headers);
END $$;
REVOKE ALL ON FUNCTION eventlog.enqueue_as_worker(text, bytea, bytea, jsonb, smallint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION eventlog.enqueue_as_worker(text, bytea, bytea, jsonb, smallint)
  TO multicanvas_worker;

GRANT SELECT, INSERT, UPDATE, DELETE ON eventlog.consumer_projection TO multicanvas_worker;
GRANT SELECT ON eventlog.consumer_projection TO multicanvas_app;
ALTER TABLE eventlog.consumer_projection ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker_all ON eventlog.consumer_projection TO multicanvas_worker
  USING (true) WITH CHECK (true);
CREATE POLICY app_reads_progress ON eventlog.consumer_projection FOR SELECT TO multicanvas_app
  USING (true);
