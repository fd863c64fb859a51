-- Phase 1 of the data model: formats, templates, categories, projects, collaborators, and the
-- timeline elements that the later phases extend. Seed columns first, in the seed's order; columns
-- of our own behind them (README). Rows are read models of the event log.

create table social_formats (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    slug text not null unique,
    platform text not null check (platform in
        ('instagram', 'tiktok', 'facebook', 'linkedin', 'twitter', 'youtube', 'pinterest')),
    width integer not null,
    height integer not null,
    aspect_ratio text not null,
    max_duration integer,
    recommended_formats jsonb default '[]',
    max_file_size bigint,
    supported_features jsonb not null,
    safe_zones jsonb default '[]',
    branding_guidelines jsonb,
    is_active boolean default true,
    sort_order integer default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    limits jsonb default '{}',
    encoding jsonb default '{}'
);

create table template_categories (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    slug text not null unique,
    description text,
    icon text,
    parent_id uuid references template_categories (id),
    is_active boolean default true,
    sort_order integer default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (parent_id <> id)
);

create table templates (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    category_id uuid not null references template_categories (id),
    tags jsonb default '[]',
    social_format_id uuid not null references social_formats (id),
    thumbnail_url text not null,
    preview_url text,
    template_data jsonb not null,
    ai_prompts jsonb,
    placeholders jsonb default '[]',
    usage_count integer default 0,
    rating numeric(3, 2) default 0,
    rating_count integer default 0,
    created_by text,
    team_id uuid,
    visibility text default 'public'
        check (visibility in ('public', 'private', 'team', 'premium')),
    is_active boolean default true,
    is_featured boolean default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    slug text unique
);
create index template_format_category_idx on templates (social_format_id, category_id);
create index template_created_by_idx on templates (created_by);
create index template_team_idx on templates (team_id);
create index idx_templates_category_active on templates (category_id, is_active, is_featured);
create index idx_templates_format_rating on templates (social_format_id, rating desc);

create table projects (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    template_id uuid references templates (id),
    social_format_id uuid not null references social_formats (id),
    canvases jsonb not null,
    active_canvas_id text,
    project_data jsonb not null,
    owner_id text not null,
    team_id uuid,
    status text default 'draft'
        check (status in ('draft', 'in_progress', 'review', 'approved', 'published', 'archived')),
    last_edited_by text,
    last_edited_at timestamptz default now(),
    exports jsonb default '[]',
    share_settings jsonb,
    ai_generations_used integer default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer default 0,
    command_number integer default 0,
    check (jsonb_array_length(canvases) > 0)
);
create index project_owner_idx on projects (owner_id);
create index project_team_idx on projects (team_id);
create index project_template_idx on projects (template_id);
create index project_format_idx on projects (social_format_id);
create index idx_projects_owner_created on projects (owner_id, created_at desc);

create table project_collaborators (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references projects (id) on delete cascade,
    user_id text not null,
    role text not null check (role in ('viewer', 'editor', 'admin')),
    permissions jsonb not null,
    status text default 'active' check (status in ('pending', 'active', 'removed')),
    invited_by text,
    invited_at timestamptz,
    joined_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index project_user_idx on project_collaborators (project_id, user_id);
create index project_collaborators_user on project_collaborators (user_id, status);

create table timeline_elements (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references projects (id) on delete cascade,
    canvas_id text not null,
    type text not null check (type in ('text', 'image', 'video', 'audio', 'shape', 'ai-text',
                                       'ai-image', 'background', 'sticker', 'transition')),
    name text not null,
    track_index integer not null,
    start_time numeric(10, 3) not null,
    duration numeric(10, 3) not null,
    x numeric(10, 2) default 0,
    y numeric(10, 2) default 0,
    width numeric(10, 2),
    height numeric(10, 2),
    rotation numeric(6, 2) default 0,
    opacity numeric(4, 3) default 1,
    properties jsonb not null,
    ai_generated boolean default false,
    ai_generation_id uuid,
    ai_provider text,
    is_synced boolean default false,
    sync_group text,
    z_index integer default 1,
    is_locked boolean default false,
    is_hidden boolean default false,
    created_by text,
    last_edited_by text,
    last_edited_at timestamptz default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    overrides jsonb default '[]'
);
create index timeline_element_project_idx on timeline_elements (project_id);
create index timeline_element_canvas_idx on timeline_elements (canvas_id);
create index timeline_element_track_time_idx on timeline_elements (track_index, start_time);
create index timeline_element_sync_idx on timeline_elements (sync_group);
create index idx_timeline_elements_project_track
    on timeline_elements (project_id, track_index, start_time);

-- The teams of a person, as identity tells of them; nobody is in a team before it does.
create table team_access (
    team_id uuid not null,
    user_id text not null,
    role text not null,
    primary key (team_id, user_id)
);
create index team_access_user on team_access (user_id);
