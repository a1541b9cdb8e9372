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
  -- when it was last sent to the broker, which may have it since
  sent_at timestamptz
);

grant usage on schema plumbline to plumbline_alerts;
grant select on public.migrations to plumbline_alerts;
grant select, insert, update on public.alerts to plumbline_alerts, plumbline_gateway;
grant select, insert, update, delete on plumbline.alert_events to plumbline_alerts;
grant insert on plumbline.alert_events to plumbline_gateway;
grant select on public.alerts to plumbline_reader, plumbline_operator;
