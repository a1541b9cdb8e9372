-- What drift is computed from, and what came of it.

do $$
begin
  if not exists (select from pg_roles where rolname = 'plumbline_drift') then
    create role plumbline_drift nologin;
  end if;
exception
  -- Two databases of one cluster migrating at the same time.
  when duplicate_object or unique_violation then null;
end
$$;

-- The reference profile of the bundle, so that whoever compares with it needs no files.
alter table public.models add column reference json;

-- Verdicts compare with it, so it is written once: a scorer may add the one that is missing and can change none.
create function plumbline.keep_reference() returns trigger language plpgsql as $$
begin
  raise exception 'the reference profile of a registered model can''t be changed: register a new version';
end
$$;
create trigger keep_reference before update of reference on public.models
  for each row when (old.reference is not null and old.reference::text is distinct from new.reference::text)
  execute function plumbline.keep_reference();

-- The feature whose type made a dead letter, counted as a type error of its channel and time of submission.
alter table plumbline.applications add column rejected_feature text;

-- One row per batch of decisions, written by the statement that writes the decisions: counts not passed on yet.
create table plumbline.observations (
  id bigint generated always as identity primary key,
  model_id integer not null,
  -- the scorer, and the latest event time in the batch
  observer uuid not null,
  latest_event_at timestamptz,
  pane_ms bigint not null,
  pane_offset_ms bigint not null,
  -- null when not all of the batch was new; then `owed` lists the sequences that were, and counting is to be made up for
  cells json,
  owed bigint[],
  created_at timestamptz not null default clock_timestamp(),
  check ((cells is null) <> (owed is null))
);

-- Counts on their way to the drift consumer, merged from many rows of the table above. A row is deleted by the
-- transaction that adds it to the panes, so that it is added once, however often its message comes.
create table plumbline.observation_messages (
  id uuid primary key default gen_random_uuid(),
  model_id integer not null,
  pane_ms bigint not null,
  observers json not null,
  cells json not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);

-- Sums of observations by pane of event time. `cut` tells panes of one width and alignment from those of another:
-- "<width>+<offset>" in milliseconds.
create table plumbline.drift_panes (
  model_id integer not null,
  cut text not null,
  pane_start timestamptz not null,
  channel text not null,
  applications bigint not null,
  -- slots and values as in an observation
  counts json not null,
  primary key (model_id, cut, pane_start, channel)
);

-- How far a model's windows have been judged. Locked by whoever adds to its panes.
create table plumbline.drift_progress (
  model_id integer primary key,
  watermark timestamptz,
  late_applications bigint not null default 0
);

create table plumbline.drift_observers (
  model_id integer not null,
  observer uuid not null,
  latest_event_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (model_id, observer)
);

-- One row per model, channel ('*' for all together) and window: its newest revision.
create table public.drift_reports (
  id bigint generated always as identity primary key,
  model_name text not null,
  model_version text not null,
  channel text not null,
  -- the width and the offset of the windows, which may be extended; reports of other settings stay beside each other
  cut text not null,
  window_start timestamptz not null,
  window_end timestamptz not null check (window_end > window_start),
  revision integer not null,
  status text not null check (status in ('judged', 'insufficient')),
  severity text not null check (severity in ('none', 'warning', 'critical')),
  applications bigint not null,
  drift_score double precision not null,
  drifted_feature_ratio double precision not null,
  report jsonb not null,
  created_at timestamptz not null default now(),
  unique (model_name, model_version, channel, cut, window_start, window_end)
);
create index on public.drift_reports (model_name, channel, window_end desc);

-- Windows whose report was withdrawn when late applications moved their borders, with the revision of that event: one that
-- comes back goes on from it.
create table plumbline.drift_withdrawn (
  model_name text not null,
  model_version text not null,
  channel text not null,
  cut text not null,
  window_start timestamptz not null,
  window_end timestamptz not null,
  revision integer not null,
  primary key (model_name, model_version, channel, cut, window_start, window_end)
);

-- Single channels' windows that closed after 30 days with too few applications for a report: the next one begins there,
-- also when the panes are gone.
create table plumbline.drift_insufficient (
  model_name text not null,
  model_version text not null,
  channel text not null,
  cut text not null,
  window_start timestamptz not null,
  window_end timestamptz not null,
  primary key (model_name, model_version, channel, cut, window_start, window_end)
);

-- The sliding view between verdicts: one row per model and channel.
create table public.drift_provisional (
  model_name text not null,
  model_version text not null,
  channel text not null,
  report jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (model_name, model_version, channel)
);

-- Thresholds of a model's verdicts that differ from the defaults (docs/drift.md).
create table public.drift_settings (
  model_name text primary key,
  settings jsonb not null
);

-- Events to be published: written with what they tell, deleted when the broker has them.
create table plumbline.outgoing_events (
  id uuid primary key default gen_random_uuid(),
  subject text not null,
  payload text not null,
  position bigint generated always as identity,
  created_at timestamptz not null default now()
);

grant update (reference) on public.models to plumbline_scorer;
grant insert on plumbline.observations to plumbline_scorer;
grant select, update, delete on plumbline.observations to plumbline_scorer;
grant select, insert, update, delete on plumbline.observation_messages to plumbline_scorer;

grant usage on schema plumbline to plumbline_drift;
grant select on public.models, public.migrations to plumbline_drift;
grant select on plumbline.observations to plumbline_drift;
grant select, update, delete on plumbline.observation_messages to plumbline_drift;
grant select, insert, update, delete on
  plumbline.drift_panes, plumbline.drift_progress,
  plumbline.drift_observers, plumbline.drift_withdrawn, plumbline.drift_insufficient, plumbline.outgoing_events, public.drift_reports,
  public.drift_provisional
  to plumbline_drift;

grant select on public.drift_settings to plumbline_drift;
grant select on public.drift_reports, public.drift_provisional, public.drift_settings
  to plumbline_reader, plumbline_operator;
