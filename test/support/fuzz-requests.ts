import type { Random } from "./seed.ts";

/** A request that nobody would send on purpose, or nearly one that somebody would. */
export type FuzzRequest = {
  readonly method: string;
  /** With its query, percent-encoded or wrongly so. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array | undefined;
};

type Schema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
};
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Schema };
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
};
export type OpenApi = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "application/x-ndjson",
  "multipart/form-data",
  "multipart/form-data; boundary=b",
  "application/x-www-form-urlencoded",
  "text/plain",
  "text/csv",
  "a/b",
  ";",
];
/** What breaks parsers, joins, casts and dates. */
const WORDS = [
  "",
  " ",
  "0",
  "-1",
  "1",
  "100",
  "1e999",
  "99999999999999999999999",
  "null",
  "true",
  "NaN",
  "web",
  "approve",
  "lendingclub",
  "applications-1",
  "outcomes-0",
  "applications-99999999999999999999",
  "2026-01-01",
  "2026-01-01T00:00:00.000Z",
  "0000-01-01T00:00:00Z",
  "+275760-09-13T00:00:00.001Z",
  "-271821-04-20T00:00:00.000Z",
  "2s",
  "0ms",
  "\0",
  "\u{1f600}",
  "é",
  "\ud800",
  "'; drop table scores; --",
  '"',
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "toString",
  "%",
  "%00",
  "a b",
  "a.b.*.>",
  "eyJhIjoxfQ",
  "{}",
  "[]",
  "x".repeat(150),
  "x".repeat(3_000),
];

/**
 * Makes requests from an OpenAPI document: most are nearly right, some are anything.
 * @param slow paths that are asked for less often.
 */
export function createFuzz({ paths }: OpenApi, random: Random, slow: readonly string[]): () => FuzzRequest {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const chance = (share: number) => random.next() < share;

  function request(): FuzzRequest {
    let picked = random.pick(operations);
    if (slow.includes(picked.path) && chance(0.9)) picked = random.pick(operations);
    const { path, method, operation } = picked;
    const { parameters = [], requestBody } = operation;
    const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
      const schema = parameters.find((parameter) => parameter.in === "path" && parameter.name === name)?.schema;
      return encoded(word(schema ?? { type: "string" }));
    });
    const query = parameters
      .filter((parameter) => parameter.in === "query" && chance(parameter.required ? 0.9 : 0.4))
      .flatMap(({ name, schema = {} }) => {
        const one = () => `${encoded(name)}=${encoded(word(schema))}`;
        return chance(0.05) ? [one(), one()] : [one()];
      });
    if (chance(0.05)) query.push(encoded(random.pick(WORDS)));
    const asked = query.length > 0 ? `?${query.join("&")}` : "";
    const known = Object.keys(requestBody?.content ?? {});
    const contentType = known.length > 0 && chance(0.9) ? random.pick(known) : random.pick(CONTENT_TYPES);
    const hasBody = known.length > 0 ? chance(0.97) : chance(0.05);
    return {
      method: chance(0.97) ? method : random.pick(METHODS),
      path: chance(0.98) ? `${filled}${asked}` : `/${encoded(random.pick(WORDS))}${asked}`,
      contentType:
        hasBody && contentType.startsWith("multipart/form-data") ? "multipart/form-data; boundary=b" : contentType,
      body: hasBody ? body(contentType, requestBody?.content[contentType]?.schema ?? {}) : undefined,
    };
  }

  function body(contentType: string, schema: Schema): Uint8Array {
    if (chance(0.05)) return Buffer.from(random.pick(WORDS));
    if (chance(0.05)) return Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)));
    const text = contentType.startsWith("multipart") ? multipart(schema) : (JSON.stringify(value(schema, 0)) ?? "");
    if (!chance(0.1)) return Buffer.from(text);
    // Cut off, or with one byte that is another.
    const bytes = Buffer.from(text);
    if (bytes.length > 0 && chance(0.5)) bytes[random.below(bytes.length)] = random.below(256);
    return chance(0.5) ? bytes : bytes.subarray(0, random.below(bytes.length + 1));
  }

  function multipart({ properties = {} }: Schema): string {
    const part = (name: string) => {
      const file = chance(0.8)
        ? `; filename="${random.pick(["a.csv", "a.jsonl", "a.json", "a.CSV.gz", "", "../a.csv"])}"`
        : "";
      const content = chance(0.5)
        ? `application_id,submitted_at,x\n${random.pick(WORDS)},${random.pick(WORDS)},"${random.pick(WORDS)}\n`
        : `${JSON.stringify(anything(0))}\n`;
      return `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
    };
    const names = chance(0.9) ? Object.keys(properties) : [...Object.keys(properties), "other", "__proto__"];
    return `${names.map(part).join("")}--b--\r\n`;
  }

  function word(schema: Schema): string {
    const made = value(schema, 0);
    return typeof made === "object" ? JSON.stringify(made) : String(made);
  }

  /** A value that fits the schema, or one that doesn't. */
  function value(schema: Schema, depth: number): unknown {
    if (chance(0.08)) return anything(depth);
    if (schema.enum !== undefined) return random.pick(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return value(random.pick(choices), depth);
    const type = Array.isArray(schema.type) ? random.pick(schema.type as readonly string[]) : schema.type;
    switch (type) {
      case "object":
        return object(schema, depth);
      case "array":
        return Array.from({ length: chance(0.02) ? 1_001 : random.below(4) }, () =>
          value(schema.items ?? {}, depth + 1),
        );
      case "integer":
        return random.pick([0, 1, -1, 7, 2 ** 31, 2 ** 53, -(2 ** 63)]);
      case "number":
        return random.pick([0, -0, 0.5, 1e300, -1e-300, 7_500, 36]);
      case "boolean":
        return chance(0.5);
      case "null":
        return null;
      case "string":
        return text(schema);
      default:
        return anything(depth);
    }
  }

  function object({ properties = {}, required = [], additionalProperties }: Schema, depth: number): object {
    const entries = Object.entries(properties)
      .filter(([name]) => chance(required.includes(name) ? 0.95 : 0.5))
      .map(([name, schema]): [string, unknown] => [name, value(schema, depth + 1)]);
    const more = typeof additionalProperties === "object" ? additionalProperties : {};
    for (let n = chance(0.3) ? random.below(3) : 0; n > 0; n--) {
      entries.push([random.pick(WORDS), value(more, depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  function text({ pattern, format }: Schema): string {
    if (format === "date-time" && chance(0.7)) return new Date(random.below(2 ** 31) * 1000).toISOString();
    // Short ids come again, with other content or the same.
    if (pattern !== undefined && chance(0.7))
      return random.pick(["web", "a", "b-1", "2s", "10", "7"]) + random.pick(["", "1"]);
    return random.pick(WORDS);
  }

  function anything(depth: number): unknown {
    const kind = random.below(depth > 3 ? 5 : 8);
    if (kind === 0) return null;
    if (kind === 1) return chance(0.5);
    if (kind === 2) return random.pick([0, -1, 1.5, 1e21, 2 ** 53, 1e-7]);
    if (kind < 5) return random.pick(WORDS);
    if (kind === 5) return Array.from({ length: random.below(4) }, () => anything(depth + 1));
    if (kind === 6) return Array.from({ length: 40 }).reduce((inner) => [inner], null);
    return Object.fromEntries(Array.from({ length: random.below(4) }, () => [random.pick(WORDS), anything(depth + 1)]));
  }

  function encoded(word: string): string {
    // Half a surrogate pair can't be encoded, and isn't sent.
    const sendable = word.toWellFormed();
    return chance(0.97) ? encodeURIComponent(sendable) : sendable.replace(/[^\x21-\x7e]|[#?&]/g, "%");
  }

  return request;
}
