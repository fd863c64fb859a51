-- The event log of one service, and what its relay and its consumers remember.
--
-- Order of reading is (xid, seq) below pg_snapshot_xmin(pg_current_snapshot()): a transaction that
-- is still open can only add rows at or above that horizon, so nothing appears behind a reader.
-- multicanvas_app has no right on any table that holds events: it comes in by the definer
-- functions at the end, which check the signed context (access.current_actor) and log_access.
-- Nothing here locks a table and nothing notifies: both would line the writers up.

CREATE SCHEMA eventlog;

-- Store ---------------------------------------------------------------------------------------

-- One sequence for events and raw messages: both travel in one order within a shard.
CREATE SEQUENCE eventlog.position AS bigint CACHE 1;

CREATE TABLE eventlog.events (
  xid                xid8        NOT NULL,
  seq                bigint      NOT NULL,
  shard              smallint    NOT NULL
                     GENERATED ALWAYS AS (get_byte(uuid_send(originator_id), 15) & 15) STORED,
  originator_id      uuid        NOT NULL,
  originator_version integer     NOT NULL CHECK (originator_version > 0),
  topic              text        NOT NULL,
  class_version      smallint    NOT NULL CHECK (class_version > 0),
  state              bytea       NOT NULL,
  metadata           jsonb       NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX events_shard_position ON eventlog.events (shard, xid, seq);
CREATE UNIQUE INDEX events_position ON eventlog.events (xid, seq);

CREATE TABLE eventlog.snapshots (
  originator_id      uuid        NOT NULL,
  originator_version integer     NOT NULL,
  topic              text        NOT NULL,
  class_version      smallint    NOT NULL,
  state              bytea       NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (originator_id, originator_version)
);

CREATE TABLE eventlog.log_access (
  aggregate_id uuid    NOT NULL,
  actor        text    NOT NULL,           -- a user id, or '*' for everyone who has a context
  can_read     boolean NOT NULL,
  can_write    boolean NOT NULL,
  PRIMARY KEY (aggregate_id, actor)
);

CREATE TABLE eventlog.idempotency (
  actor        text        NOT NULL,
  key          text        NOT NULL,
  request_hash bytea       NOT NULL,
  status       smallint    NOT NULL,
  etag         text,
  wrote        text        NOT NULL,
  body         bytea       NOT NULL,       -- encrypted whole
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_age ON eventlog.idempotency (created_at);

-- Relay ---------------------------------------------------------------------------------------

-- Messages that are no event of this service: dead letters and repair requests.
CREATE TABLE eventlog.raw_messages (
  xid         xid8        NOT NULL,
  seq         bigint      NOT NULL,
  shard       smallint    NOT NULL,
  destination text        NOT NULL,
  key         bytea       NOT NULL,
  value       bytea       NOT NULL,
  headers     jsonb       NOT NULL DEFAULT '{}',
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (shard, xid, seq)
);

-- What a relay publishes. The event table is its own outbox: an event has `topic` and `state`, a
-- raw message has `destination` and `value`, the other columns are null. Read one shard at a time:
--   WHERE shard = $1 AND (xid, seq) > ($2, $3)
--     AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq LIMIT $4
CREATE VIEW eventlog.outbox AS
  SELECT shard, xid, seq, created_at, originator_id, originator_version, topic, class_version,
         state, metadata, NULL::text AS destination, NULL::bytea AS key, NULL::bytea AS value,
         NULL::jsonb AS headers
    FROM eventlog.events
  UNION ALL
  SELECT shard, xid, seq, created_at, NULL::uuid, NULL::integer, NULL::text, NULL::smallint,
         NULL::bytea, NULL::jsonb, destination, key, value, headers
    FROM eventlog.raw_messages;

CREATE TABLE eventlog.outbox_cursor (
  shard      smallint    PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
  xid        xid8        NOT NULL DEFAULT '0',
  seq        bigint      NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
INSERT INTO eventlog.outbox_cursor (shard) SELECT generate_series(0, 15);

CREATE TABLE eventlog.relay_broker (          -- which broker a topic was last seen on
  topic   text        PRIMARY KEY,
  marker  text        NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE eventlog.relay_partition (       -- how far that broker acknowledged
  topic        text    NOT NULL,
  partition    integer NOT NULL,
  acked_offset bigint  NOT NULL,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Consumers -----------------------------------------------------------------------------------

CREATE TABLE eventlog.consumer_gate (         -- last sequence applied of each foreign aggregate
  projection    text        NOT NULL,
  subject       text        NOT NULL,
  last_sequence bigint      NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (projection, subject)
) WITH (fillfactor = 70);

CREATE TABLE eventlog.parked_key (            -- aggregates whose messages wait, and why
  projection          text        NOT NULL,
  subject             text        NOT NULL,
  reason              text        NOT NULL CHECK (reason IN ('gap', 'poison')),
  sought_back_at      timestamptz,
  repair_requested_at timestamptz,
  repair_attempts     integer     NOT NULL DEFAULT 0,
  parked_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (projection, subject)
);

CREATE TABLE eventlog.parked (                -- the messages themselves, as they came
  projection   text        NOT NULL,
  subject      text        NOT NULL,
  sequence     bigint      NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  kafka_offset bigint      NOT NULL,
  key          bytea,
  value        bytea       NOT NULL,
  headers      jsonb       NOT NULL DEFAULT '{}',
  parked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (projection, subject, sequence),
  FOREIGN KEY (projection, subject) REFERENCES eventlog.parked_key ON DELETE CASCADE
);

CREATE TABLE eventlog.dead_letter (
  id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  projection   text        NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  kafka_offset bigint      NOT NULL,
  key          bytea,
  value        bytea,
  headers      jsonb       NOT NULL DEFAULT '{}',
  event_id     uuid,
  type         text,
  subject      text,
  sequence     bigint,
  reason       text        NOT NULL,
  attempts     integer     NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at  timestamptz
);
CREATE INDEX dead_letter_subject ON eventlog.dead_letter (projection, subject, sequence);

CREATE TABLE eventlog.consumer_offset (
  consumer    text    NOT NULL,
  marker      text    NOT NULL,
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint  NOT NULL,
  PRIMARY KEY (consumer, marker, topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE eventlog.inbox (
  reaction   text        NOT NULL,
  event_id   uuid        NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (reaction, event_id)
);

-- Functions: the only way in for the application role -------------------------------------------

-- The actor of this transaction; refuses a missing, forged or expired context.
CREATE FUNCTION eventlog.actor() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me text := access.current_actor();
BEGIN
  IF me IS NULL THEN
    RAISE EXCEPTION 'no valid context' USING ERRCODE = '42501';
  END IF;
  RETURN me;
END $$;

CREATE FUNCTION eventlog.may_read(_aggregate uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me text := eventlog.actor();
BEGIN
  RETURN starts_with(me, 'service:') OR EXISTS (
    SELECT FROM eventlog.log_access a
     WHERE a.aggregate_id = _aggregate AND a.actor IN (me, '*') AND a.can_read);
END $$;

-- Events after version _after up to _upto (null: to the end). No right and no event look the same.
CREATE FUNCTION eventlog.load_events(_aggregate uuid, _after integer, _upto integer DEFAULT NULL)
RETURNS TABLE (originator_version integer, topic text, class_version smallint, state bytea,
               metadata jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT eventlog.may_read(_aggregate) THEN RETURN; END IF;
  RETURN QUERY
    SELECT e.originator_version, e.topic, e.class_version, e.state, e.metadata
      FROM eventlog.events e
     WHERE e.originator_id = _aggregate AND e.originator_version > _after
       AND e.originator_version <= coalesce(_upto, 2147483647)
     ORDER BY e.originator_version;
END $$;

CREATE FUNCTION eventlog.history_events(_aggregate uuid, _after integer, _limit integer)
RETURNS TABLE (originator_version integer, topic text, class_version smallint, state bytea,
               metadata jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT * FROM eventlog.load_events(_aggregate, _after, _after + _limit);
END $$;

-- The newest snapshot of exactly this shape, not newer than _upto.
CREATE FUNCTION eventlog.load_snapshot(
  _aggregate uuid, _topic text, _class_version integer, _upto integer DEFAULT NULL)
RETURNS TABLE (originator_version integer, topic text, class_version smallint, state bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT eventlog.may_read(_aggregate) THEN RETURN; END IF;
  RETURN QUERY
    SELECT s.originator_version, s.topic, s.class_version, s.state
      FROM eventlog.snapshots s
     WHERE s.originator_id = _aggregate AND s.topic = _topic
       AND s.class_version = _class_version
       AND s.originator_version <= coalesce(_upto, 2147483647)
     ORDER BY s.originator_version DESC LIMIT 1;
END $$;

-- The stored answer to this actor's own key, at most 24 hours old.
CREATE FUNCTION eventlog.idempotent_answer(_key text)
RETURNS TABLE (request_hash bytea, status smallint, etag text, wrote text, body bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me text := eventlog.actor();
BEGIN
  RETURN QUERY
    SELECT i.request_hash, i.status, i.etag, i.wrote, i.body
      FROM eventlog.idempotency i
     WHERE i.actor = me AND i.key = _key AND i.created_at > clock_timestamp() - interval '24 hours';
END $$;

-- Append events, take the first actor of a new aggregate as its owner, keep the answer to an
-- idempotency key: one call, one round trip. Returns this transaction's id.
--   40001 the predecessor of an event is missing, invisible, or has a larger transaction id:
--         reading in (xid, seq) order would show the successor first. Load again and retry.
--   23505 someone else wrote that version, or a twin of this request stored its answer first.
--   42501 the actor may not write that aggregate, or signs with another's name.
--   22023 the versions of one aggregate are not consecutive.
CREATE FUNCTION eventlog.append_events(
  _ids uuid[], _versions integer[], _topics text[], _class_versions integer[], _states bytea[],
  _metadata text[],
  _key text DEFAULT NULL, _request_hash bytea DEFAULT NULL, _status integer DEFAULT NULL,
  _etag text DEFAULT NULL, _wrote text DEFAULT NULL, _body bytea DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  mine       xid8 := pg_current_xact_id();       -- taken before any seq
  me         text := eventlog.actor();
  is_service boolean := starts_with(me, 'service:');
  head       record;
BEGIN
  FOR head IN
    SELECT h.id, min(h.v) AS first, max(h.v) AS final, count(*) AS n
      FROM unnest(_ids, _versions) AS h (id, v) GROUP BY h.id
  LOOP
    IF head.final - head.first + 1 <> head.n THEN
      RAISE EXCEPTION 'versions of % are not consecutive', head.id USING ERRCODE = '22023';
    END IF;
    CONTINUE WHEN head.first = 1;
    IF NOT is_service AND NOT EXISTS (
      SELECT FROM eventlog.log_access a
       WHERE a.aggregate_id = head.id AND a.actor IN (me, '*') AND a.can_write) THEN
      RAISE EXCEPTION 'no right to write %', head.id USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (
      SELECT FROM eventlog.events e
       WHERE e.originator_id = head.id AND e.originator_version = head.first - 1
         AND e.xid <= mine) THEN
      RAISE EXCEPTION 'predecessor of % version % missing or newer than this transaction',
        head.id, head.first USING ERRCODE = '40001';
    END IF;
  END LOOP;

  INSERT INTO eventlog.events (xid, seq, originator_id, originator_version, topic, class_version,
                               state, metadata)
  SELECT mine, nextval('eventlog.position'), n.id, n.version, n.topic, n.class_version, n.state,
         n.metadata::jsonb
    FROM unnest(_ids, _versions, _topics, _class_versions, _states, _metadata)
      WITH ORDINALITY AS n (id, version, topic, class_version, state, metadata, place)
   ORDER BY n.place;

  IF NOT is_service AND EXISTS (
    SELECT FROM unnest(_metadata) AS m (one) WHERE m.one::jsonb ->> 'actor' IS DISTINCT FROM me)
  THEN
    RAISE EXCEPTION 'events signed by another actor' USING ERRCODE = '42501';
  END IF;

  IF 1 = ANY (_versions) THEN
    INSERT INTO eventlog.log_access (aggregate_id, actor, can_read, can_write)
    SELECT n.id, n.metadata::jsonb ->> 'actor', true, true
      FROM unnest(_ids, _versions, _metadata) AS n (id, version, metadata)
     WHERE n.version = 1 AND n.metadata::jsonb ->> 'actor' <> 'anonymous'
       AND NOT starts_with(n.metadata::jsonb ->> 'actor', 'service:')
    ON CONFLICT DO NOTHING;
  END IF;

  IF _key IS NOT NULL THEN
    DELETE FROM eventlog.idempotency i
     WHERE i.actor = me AND i.key = _key AND i.created_at <= clock_timestamp() - interval '24 hours';
    INSERT INTO eventlog.idempotency (actor, key, request_hash, status, etag, wrote, body)
    VALUES (me, _key, _request_hash, _status, _etag, _wrote, _body);
  END IF;
  RETURN mine::text;
END $$;

-- Give, change or (false, false) take away someone's right. Needs the right to write oneself.
CREATE FUNCTION eventlog.grant_access(
  _aggregate uuid, _actor text, _can_read boolean, _can_write boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  me text := eventlog.actor();
BEGIN
  IF NOT starts_with(me, 'service:') AND NOT EXISTS (
    SELECT FROM eventlog.log_access a
     WHERE a.aggregate_id = _aggregate AND a.actor = me AND a.can_write) THEN
    RAISE EXCEPTION 'no right to share %', _aggregate USING ERRCODE = '42501';
  END IF;
  IF _can_read OR _can_write THEN
    INSERT INTO eventlog.log_access AS a (aggregate_id, actor, can_read, can_write)
    VALUES (_aggregate, _actor, _can_read, _can_write)
    ON CONFLICT (aggregate_id, actor)
    DO UPDATE SET can_read = excluded.can_read, can_write = excluded.can_write;
  ELSE
    DELETE FROM eventlog.log_access a WHERE a.aggregate_id = _aggregate AND a.actor = _actor;
  END IF;
END $$;

-- True when this log was restored into a cluster younger than its transaction ids: everything at
-- or above the horizon would stay hidden.
CREATE FUNCTION eventlog.is_from_the_future() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((SELECT e.xid >= pg_snapshot_xmax(pg_current_snapshot())
                     FROM eventlog.events e ORDER BY e.xid DESC, e.seq DESC LIMIT 1), false)
      OR coalesce((SELECT r.xid >= pg_snapshot_xmax(pg_current_snapshot())
                     FROM eventlog.raw_messages r ORDER BY r.xid DESC LIMIT 1), false)
$$;

-- The remedy, run by the owner with the service stopped. seq alone keeps every aggregate's order:
-- a successor takes its seq after its predecessor was visible.
CREATE FUNCTION eventlog.rebase_positions() RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  UPDATE eventlog.events SET xid = '0';
  UPDATE eventlog.raw_messages SET xid = '0';
  UPDATE eventlog.outbox_cursor SET xid = '0', seq = 0;
$$;

-- Rights --------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA eventlog TO multicanvas_app, multicanvas_worker;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA eventlog FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  eventlog.load_events(uuid, integer, integer),
  eventlog.history_events(uuid, integer, integer),
  eventlog.load_snapshot(uuid, text, integer, integer),
  eventlog.idempotent_answer(text),
  eventlog.append_events(uuid[], integer[], text[], integer[], bytea[], text[],
                         text, bytea, integer, text, text, bytea),
  eventlog.grant_access(uuid, text, boolean, boolean),
  eventlog.is_from_the_future()
  TO multicanvas_app, multicanvas_worker;

-- Events are written by append_events alone, by the worker too.
GRANT SELECT ON eventlog.events, eventlog.outbox, eventlog.log_access TO multicanvas_worker;
GRANT SELECT, INSERT, DELETE ON eventlog.snapshots TO multicanvas_worker;
GRANT SELECT, DELETE ON eventlog.idempotency, eventlog.raw_messages TO multicanvas_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON
  eventlog.outbox_cursor, eventlog.relay_broker, eventlog.relay_partition, eventlog.consumer_gate,
  eventlog.parked_key, eventlog.parked, eventlog.dead_letter, eventlog.consumer_offset,
  eventlog.inbox
  TO multicanvas_worker;
-- How far a projection is: ids and numbers only, for requests that wait for their own writes.
GRANT SELECT ON eventlog.consumer_gate, eventlog.parked_key TO multicanvas_app;

DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'eventlog' LOOP
    EXECUTE format('ALTER TABLE eventlog.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker_all ON eventlog.%I TO multicanvas_worker '
                   'USING (true) WITH CHECK (true)', name);
  END LOOP;
END $$;
CREATE POLICY app_reads_progress ON eventlog.consumer_gate FOR SELECT TO multicanvas_app USING (true);
CREATE POLICY app_reads_progress ON eventlog.parked_key FOR SELECT TO multicanvas_app USING (true);
