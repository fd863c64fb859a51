-- Users, sessions, accounts and verifications, as Better Auth names them.
-- Foreign keys are deferred: the rows of one sign-up are written in any order.

create table users (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_lower check (email = lower(email))
);

create table sessions (
  id text primary key,
  expires_at timestamptz not null,
  -- SHA-256 of the token, hex: the token itself lives in the person's cookie alone.
  token text not null unique constraint sessions_token_hashed check (token ~ '^[0-9a-f]{64}$'),
  user_id text not null references users (id) on delete cascade deferrable initially deferred,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user_idx on sessions (user_id);
create index sessions_expires_idx on sessions (expires_at);

create table accounts (
  id text primary key,
  account_id text not null,
  provider_id text not null,
  user_id text not null references users (id) on delete cascade deferrable initially deferred,
  -- Provider tokens are stored encrypted under the user's key; the marks keep clear ones out.
  access_token text constraint accounts_access_token_sealed check (access_token like 'sealed:%'),
  refresh_token text constraint accounts_refresh_token_sealed check (refresh_token like 'sealed:%'),
  id_token text constraint accounts_id_token_sealed check (id_token like 'sealed:%'),
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text constraint accounts_password_hashed check (password like '$argon2id$%'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint accounts_provider_account_key unique (provider_id, account_id)
);
create index accounts_user_idx on accounts (user_id);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create index verifications_identifier_idx on verifications (identifier);

alter table users enable row level security;
alter table sessions enable row level security;
alter table accounts enable row level security;
alter table verifications enable row level security;
alter table users force row level security;
alter table sessions force row level security;
alter table accounts force row level security;
alter table verifications force row level security;

-- A person sees and changes their own rows. Before anybody is known (a sign-in by e-mail, a
-- session by its token) identity reads as itself: a signed service context, and only to read.
create policy users_own_users_select on users for select to multicanvas_app
  using (id = (select access.current_actor()) or (select access.is_service()));
create policy users_own_users_insert on users for insert to multicanvas_app
  with check (id = (select access.current_actor()));
create policy users_own_users_update on users for update to multicanvas_app
  using (id = (select access.current_actor()))
  with check (id = (select access.current_actor()));
create policy users_own_users_delete on users for delete to multicanvas_app
  using (id = (select access.current_actor()));

create policy users_own_sessions_select on sessions for select to multicanvas_app
  using (user_id = (select access.current_actor()) or (select access.is_service()));
create policy users_own_sessions_insert on sessions for insert to multicanvas_app
  with check (user_id = (select access.current_actor()));
create policy users_own_sessions_update on sessions for update to multicanvas_app
  using (user_id = (select access.current_actor()))
  with check (user_id = (select access.current_actor()));
create policy users_own_sessions_delete on sessions for delete to multicanvas_app
  using (user_id = (select access.current_actor()));

create policy users_own_accounts_select on accounts for select to multicanvas_app
  using (user_id = (select access.current_actor()) or (select access.is_service()));
create policy users_own_accounts_insert on accounts for insert to multicanvas_app
  with check (user_id = (select access.current_actor()));
create policy users_own_accounts_update on accounts for update to multicanvas_app
  using (user_id = (select access.current_actor()))
  with check (user_id = (select access.current_actor()));
create policy users_own_accounts_delete on accounts for delete to multicanvas_app
  using (user_id = (select access.current_actor()));

create policy verifications_service_all on verifications for all to multicanvas_app
  using ((select access.is_service())) with check ((select access.is_service()));

create policy users_worker on users for all to multicanvas_worker using (true) with check (true);
create policy sessions_worker on sessions for all to multicanvas_worker
  using (true) with check (true);
create policy accounts_worker on accounts for all to multicanvas_worker
  using (true) with check (true);
create policy verifications_worker on verifications for all to multicanvas_worker
  using (true) with check (true);

grant select, insert, update, delete on users, sessions, accounts, verifications
  to multicanvas_app, multicanvas_worker;
