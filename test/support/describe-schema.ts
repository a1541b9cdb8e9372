import type pg from "pg";

/** Every relation of the database as text: columns, constraints, indexes, view definitions and grants, sorted. */
export async function describeSchema(client: pg.Client): Promise<string> {
  const { rows: relations } = await client.query<{
    oid: number;
    name: string;
    kind: string;
    definition: string | null;
  }>(
    `select c.oid, n.nspname || '.' || c.relname as name, c.relkind as kind,
       case when c.relkind = 'v' then pg_get_viewdef(c.oid, true) end as definition
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'plumbline') and c.relkind in ('r', 'p', 'v', 'm') order by 2`,
  );
  const parts = ["Generated from a migrated database: vitest run -u test/integration/schema.test.ts\n"];
  for (const { oid, name, kind, definition } of relations) {
    parts.push(`${kind === "v" ? "view" : "table"} ${name}`);
    parts.push(...indent(await lines(client, COLUMNS, oid)));
    parts.push(...indent(await lines(client, CONSTRAINTS, oid)), ...indent(await lines(client, INDEXES, oid)));
    parts.push(...indent(await lines(client, GRANTS, oid)));
    if (definition !== null) parts.push(definition.trimEnd());
    parts.push("");
  }
  return parts.join("\n");
}

function indent(texts: readonly string[]): string[] {
  return texts.map((text) => `  ${text}`);
}

async function lines(client: pg.Client, query: string, oid: number): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(query, [oid]);
  return rows.map(({ line }) => line);
}

const COLUMNS = `
  select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end
    || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
    || case attidentity when 'a' then ' generated always as identity' else '' end as line
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = $1 and attnum > 0 and not attisdropped order by attnum`;
const CONSTRAINTS = `
  select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid, true) as line
  from pg_constraint where conrelid = $1 and contype <> 'n' order by conname`;
const INDEXES = "select pg_get_indexdef(indexrelid) as line from pg_index where indrelid = $1 order by 1";
const GRANTS = `
  select 'grant ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || grantee::regrole as line
  from pg_class, aclexplode(relacl) where pg_class.oid = $1 and grantee <> relowner group by grantee
  union all
  select 'grant ' || string_agg(lower(privilege_type) || ' (' || attname || ')', ', ' order by 1) || ' to ' || grantee::regrole
  from pg_attribute, aclexplode(attacl) where attrelid = $1 group by grantee
  order by 1`;
