-- The gateway: who may ask, who changed what, and how much was asked.

do $$
begin
  if not exists (select from pg_roles where rolname = 'plumbline_gateway') then
    create role plumbline_gateway nologin;
  end if;
exception
  -- Two databases of one cluster migrating at the same time.
  when duplicate_object or unique_violation then null;
end
$$;

-- Tokens that were made here; the tokens themselves are kept nowhere.
create table plumbline.tokens (
  id text primary key,
  name text not null check (length(name) between 1 and 64),
  role text not null check (role in ('viewer', 'publisher', 'reviewer', 'admin', 'alertmanager')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);

-- Every change that somebody made through the gateway or to its tokens.
create table plumbline.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  name text not null,
  -- null for the command line
  token_id text,
  action text not null,
  subject text not null,
  result text not null
);

create table public.api_usage (
  minute timestamptz not null,
  -- the pattern, not the path
  route text not null,
  method text not null,
  status integer not null,
  -- '' for requests without a valid token
  token_name text not null,
  requests bigint not null,
  -- summed over the requests
  seconds double precision not null,
  primary key (minute, route, method, status, token_name)
);

-- A group of an application's values as contracts/content.ts compares them: numbers as doubles, null as absent.
create function plumbline.comparable(members jsonb) returns jsonb
language sql immutable set search_path = pg_catalog
as $$
  select coalesce(
    jsonb_object_agg(
      key, case jsonb_typeof(value) when 'number' then to_jsonb((value #>> '{}')::float8) else value end
    ) filter (where jsonb_typeof(value) <> 'null'),
    '{}')
  from jsonb_each(case jsonb_typeof(members) when 'object' then members else '{}' end)
$$;

-- Whether a decided application has these protected attributes. The gateway has to tell a repetition from a conflict and
-- must not read what they are.
create function plumbline.has_protected(id text, attributes jsonb) returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
  select plumbline.comparable((event -> 'protected')::jsonb) = plumbline.comparable(attributes)
  from plumbline.applications where application_id = id
$$;
revoke execute on function plumbline.comparable(jsonb), plumbline.has_protected(text, jsonb) from public;

grant usage on schema plumbline to plumbline_gateway;
grant select on public.scores, public.models, public.policies, public.routes, public.migrations to plumbline_gateway;
grant execute on function plumbline.has_protected(text, jsonb) to plumbline_gateway;
grant select on plumbline.tokens to plumbline_gateway;
grant select, insert on plumbline.audit to plumbline_gateway;
grant select, insert, update on public.api_usage to plumbline_gateway;

-- What it shows, and which dead letters were requeued; no application as it was received.
grant select on public.drift_reports, public.drift_provisional to plumbline_gateway;
grant select (sequence, dead_letter_reason, requeued_at), update (requeued_at) on plumbline.applications
  to plumbline_gateway;

grant select on public.api_usage to plumbline_reader, plumbline_operator;
-- `plumbline token`
grant select, insert, update (revoked_at) on plumbline.tokens to plumbline_operator;
grant select, insert on plumbline.audit to plumbline_operator;
