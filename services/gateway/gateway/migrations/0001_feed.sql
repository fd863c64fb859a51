-- The feed of a person: what happened to their exports, generations and files, in an order of
-- their own. Kept for seven days.

create table feed_head (
  user_id text primary key,
  last bigint not null
);

create table feed (
  user_id text not null,
  position bigint not null,
  type text not null,
  subject text not null,
  occurred_at timestamptz not null,
  -- The open part of the message only: ids, states and numbers, nothing a person wrote.
  data jsonb not null,
  primary key (user_id, position)
);
create index feed_occurred_idx on feed (occurred_at);

-- People who are gone: what still arrives about their things is not theirs to hear. Kept as long
-- as messages may be told at all.
create table feed_closed (
  user_id text primary key,
  closed_at timestamptz not null
);

alter table feed_head enable row level security;
alter table feed enable row level security;
alter table feed_closed enable row level security;
alter table feed_head force row level security;
alter table feed force row level security;
alter table feed_closed force row level security;

create policy users_own_feed_head_select on feed_head for select to multicanvas_app
  using (user_id = (select access.current_actor()));
create policy users_own_feed_select on feed for select to multicanvas_app
  using (user_id = (select access.current_actor()));

create policy feed_head_worker on feed_head for all to multicanvas_worker
  using (true) with check (true);
create policy feed_worker on feed for all to multicanvas_worker using (true) with check (true);
create policy feed_closed_worker on feed_closed for all to multicanvas_worker
  using (true) with check (true);

grant select on feed_head, feed to multicanvas_app;
grant select, insert, update, delete on feed_head, feed, feed_closed to multicanvas_worker;
