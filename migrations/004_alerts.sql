-- Alerts: what Alertmanager told, and what is told on.

do $$
begin
  if not exists (select from pg_roles where rolname = 'plumbline_alerts') then
    create role plumbline_alerts nologin;
  end if;
exception
  -- Two databases of one cluster migrating at the same time.
  when duplicate_object or unique_violation then null;
end
$$;

-- One row per episode: an alert from when it began to fire until it stopped.
create table public.alerts (
  id bigint generated always as identity primary key,
  -- of the labels, as Alertmanager computes it
  fingerprint text not null,
  name text not null,
  severity text not null check (severity in ('page', 'ticket', 'none')),
  status text not null check (status in ('firing', 'resolved')),
  labels jsonb not null,
  annotations jsonb not null,
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at >= starts_at),
  received_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- how it was first heard of
  source text not null check (source in ('webhook', 'reconciled')),
  unique (fingerprint, starts_at),
  check ((status = 'resolved') = (ends_at is not null))
);
-- An alert fires once at a time.
create unique index on public.alerts (fingerprint) where status = 'firing';
create index on public.alerts (status, starts_at desc, id desc);

-- Events to be published: written with what they tell, deleted when the broker has them.
create table plumbline.alert_events (
  id uuid primary key default gen_random_uuid(),
  alert_id bigint not null,
  subject text not null,
  payload text not null,
  position bigint generated always as identity,
  created_at timestamptz not null default now(),
  -- when it was first sent to the broker, which may have it since
  sent_at timestamptz
);

grant usage on schema plumbline to plumbline_alerts;
grant select on public.migrations to plumbline_alerts;
grant select, insert, update on public.alerts to plumbline_alerts, plumbline_gateway;
grant select, insert, update, delete on plumbline.alert_events to plumbline_alerts;
grant insert on plumbline.alert_events to plumbline_gateway;
grant select on public.alerts to plumbline_reader, plumbline_operator;

-- Upkeep: how the system was, a row per process and minute, and one of role `system` for all of it.
create table public.system_health (
  at timestamptz not null,
  role text not null,
  -- host and process id; '' for the system
  instance text not null,
  ready boolean not null,
  -- of the process; CPU and lag over the minute, the lag as the highest 99th percentile of two seconds
  cpu_cores double precision,
  memory_bytes bigint,
  event_loop_lag_seconds double precision,
  -- of the system: of the disk under the alerts role's home, what the last decision was made with, in the minute, and now
  disk_free_bytes bigint,
  disk_size_bytes bigint,
  live_model text,
  decisions bigint,
  dead_letters bigint,
  error_rate double precision,
  pending bigint,
  primary key (at, role, instance)
);
grant select, insert on public.system_health to plumbline_alerts;
grant select on public.system_health to plumbline_gateway, plumbline_reader, plumbline_operator;

alter table plumbline.drift_withdrawn add column created_at timestamptz not null default now();
alter table plumbline.drift_insufficient add column created_at timestamptz not null default now();

-- Since when windows of a model may still be judged again, because late applications came.
create view plumbline.first_panes as
select m.name as model_name, m.version as model_version, min(p.pane_start) as since
from plumbline.drift_panes p join public.models m on m.id = p.model_id
group by m.name, m.version;

-- Deletes the oldest rows of a relation that are older than `keep`, at most so many; returns how many. Whoever may call it
-- can delete nothing else: what is kept longest has a least age here as well.
create function plumbline.prune(relation text, keep interval, most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before timestamptz := now() - keep;
  gone bigint;
begin
  if keep < (case relation
    when 'applications' then interval '90 days'
    when 'audit' then interval '365 days'
    else interval '1 day'
  end) then
    raise exception '% may not be deleted after %', relation, keep;
  end if;
  case relation
    when 'api_usage' then
      delete from public.api_usage u using (
        select ctid from public.api_usage where minute < before order by minute limit most) old
      where u.ctid = old.ctid;
    when 'system_health' then
      delete from public.system_health h using (
        select ctid from public.system_health where at < before order by at limit most) old
      where h.ctid = old.ctid;
    when 'alerts' then
      delete from public.alerts where id in (
        select id from public.alerts where status = 'resolved' and ends_at < before order by id limit most);
    when 'audit' then
      delete from plumbline.audit where id in (
        select id from plumbline.audit where at < before order by id limit most);
    when 'tokens' then
      delete from plumbline.tokens where id in (
        select id from plumbline.tokens where expires_at < before limit most);
    -- A window whose panes are still there may be judged again, and would be told as a new one if nothing were known of it.
    -- The newest of each chain stays: the next window begins where it ends.
    when 'drift_reports' then
      delete from public.drift_reports where id in (
        select id from public.drift_reports r left join plumbline.first_panes p using (model_name, model_version)
        where r.created_at < before and r.window_end <= coalesce(p.since, 'infinity') and exists (
          select from public.drift_reports n
          where (n.model_name, n.model_version, n.channel, n.cut) = (r.model_name, r.model_version, r.channel, r.cut)
            and n.window_end > r.window_end)
        order by id limit most);
    when 'drift_withdrawn' then
      delete from plumbline.drift_withdrawn w using (
        select r.ctid from plumbline.drift_withdrawn r left join plumbline.first_panes p using (model_name, model_version)
        where r.created_at < before and r.window_end <= coalesce(p.since, 'infinity') limit most) old
      where w.ctid = old.ctid;
    when 'drift_insufficient' then
      delete from plumbline.drift_insufficient i using (
        select r.ctid from plumbline.drift_insufficient r left join plumbline.first_panes p using (model_name, model_version)
        where r.created_at < before and r.window_end <= coalesce(p.since, 'infinity') and exists (
          select from plumbline.drift_insufficient n
          where (n.model_name, n.model_version, n.channel, n.cut) = (r.model_name, r.model_version, r.channel, r.cut)
            and n.window_end > r.window_end)
        limit most) old
      where i.ctid = old.ctid;
    -- By the key, which follows the time closely enough, so that no look goes through the whole table.
    -- What waited for longer than it is kept is counted from its decision: the broker may not know yet that there is one.
    when 'applications' then
      delete from plumbline.applications where greatest(received_at, scored_at) < before and sequence in (
        select sequence from plumbline.applications order by sequence limit most);
    else
      raise exception 'nothing is deleted from %', relation;
  end case;
  get diagnostics gone = row_count;
  return gone;
end
$$;
revoke execute on function plumbline.prune(text, interval, integer) from public;
grant execute on function plumbline.prune(text, interval, integer) to plumbline_alerts;

-- `plumbline doctor` counts what scorers have tried in vain; people on call run it.
grant select on plumbline.scoring_attempts to plumbline_operator;
