-- The record: what was received, what was decided, by which model and policy.
-- `plumbline` holds what only some roles may read; `public` holds what dashboards and analysts may.

create schema plumbline;

do $$
begin
  if not exists (select from pg_roles where rolname = 'plumbline_scorer') then
    create role plumbline_scorer nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'plumbline_operator') then
    create role plumbline_operator nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'plumbline_reader') then
    create role plumbline_reader nologin;
  end if;
exception
  -- Two databases of one cluster migrating at the same time.
  when duplicate_object or unique_violation then null;
end
$$;

create table public.models (
  id integer generated always as identity primary key,
  name text not null,
  version text not null,
  -- of model.onnx
  sha256 text not null,
  -- of the bundle: manifest, model and reference profile
  bundle_sha256 text not null,
  manifest jsonb not null,
  registered_at timestamptz not null default now(),
  unique (name, version)
);

-- Thresholds can move without a new model; the newest one is in force.
create table public.policies (
  model_name text not null,
  version text not null,
  approve_below double precision not null,
  decline_at_or_above double precision not null check (decline_at_or_above >= approve_below),
  low_below double precision not null,
  high_at_or_above double precision not null check (high_at_or_above >= low_below),
  in_force_from timestamptz not null default now(),
  primary key (model_name, version)
);

-- Which model decides a channel's applications; '*' is every channel without a row of its own.
create table public.routes (
  channel text primary key check (channel = '*' or channel ~ '^[a-z0-9_-]{1,32}$'),
  model_name text not null
);

-- One row per message that was accounted for by something new: its decision, or its dead letter. A sequence is
-- accounted for once and an application is decided once, whoever tries, because both are keys of the same table.
-- (A repetition of a decided application is accounted for by that application's row.)
-- No foreign keys: each inserted row would lock the one row of its model, for every scorer at once.
create table plumbline.applications (
  sequence bigint primary key,
  -- null for a dead letter
  application_id text unique,
  channel text,
  submitted_at timestamptz,
  received_at timestamptz not null,
  scored_at timestamptz,
  model_id integer,
  policy_version text,
  score double precision,
  risk_band text,
  decision text,
  reasons jsonb,
  -- how the reasons were found
  reason_method text,
  -- the event as received, `protected` included
  event json,
  dead_letter_reason text,
  dead_letter_error text,
  -- set when the dead letter was published again; a late redelivery must not bring it back
  requeued_at timestamptz,
  check ((application_id is null) = (dead_letter_reason is not null)),
  check (application_id is null or (decision is not null and score between 0 and 1))
);

create view public.scores as
select
  a.application_id, a.channel, a.submitted_at, a.received_at, a.scored_at, a.sequence,
  m.name as model_name, m.version as model_version, a.policy_version,
  a.score, a.risk_band, a.decision, a.reasons, (a.event -> 'features')::jsonb as features,
  m.sha256 as model_sha256, a.event ->> 'supersedes' as supersedes, a.reason_method
from plumbline.applications a
join public.models m on m.id = a.model_id
where a.application_id is not null;

-- How often an application was scored alone without an end to it: the process died, or scoring failed.
create table plumbline.scoring_attempts (
  sequence bigint primary key,
  attempts integer not null,
  last_attempt_at timestamptz not null default now()
);

-- Which stream the sequences are of. One that starts again at 1 would collide with what is stored.
create table plumbline.streams (
  name text primary key,
  created_at text not null
);

grant usage on schema plumbline to plumbline_scorer;
grant select, insert on plumbline.applications to plumbline_scorer;
grant select, insert, update, delete on plumbline.scoring_attempts to plumbline_scorer;
grant select, insert, update on plumbline.streams to plumbline_scorer;
grant select, insert on public.models, public.policies, public.routes to plumbline_scorer;
grant select on public.scores, public.migrations to plumbline_scorer;
grant select on public.scores, public.models, public.policies, public.routes to plumbline_reader;

-- `plumbline deadletters requeue`
grant usage on schema plumbline to plumbline_operator;
grant select, update (requeued_at) on plumbline.applications to plumbline_operator;
grant select on public.scores, public.models, public.policies, public.routes, public.migrations to plumbline_operator;
