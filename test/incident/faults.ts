import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../src/app/environment.ts";
import type { ScorerProcess } from "../support/scorer-process.ts";
import type { BedWithPostgres } from "../support/test-bed.ts";
import type { Fault } from "./scene.ts";
import type { Traffic } from "./traffic.ts";

export type Cast = {
  readonly bed: BedWithPostgres;
  readonly traffic: Traffic;
  readonly drift: ScorerProcess;
  /** Those that run now. */
  scorers: readonly ScorerProcess[];
  startScorer(environment?: Readonly<Record<string, string>>): Promise<ScorerProcess>;
};

/** Longer than the run's ack wait. */
const HANGS_MS = 3_500;

/** The limit of the second bundle; the shipped one has 0.12. */
const MORE_APPROVED = 0.15;

/** What goes wrong in the run, in this order. */
export function faultsOf(cast: Cast): Fault[] {
  const { bed, traffic, drift } = cast;
  const change = (to: Partial<Traffic>) => Object.assign(traffic, to);
  let undo = async () => {};
  return [
    {
      name: "both scorers are killed",
      inflict() {
        for (const scorer of cast.scorers) scorer.signal("SIGKILL");
      },
      async repair() {
        cast.scorers = await Promise.all([cast.startScorer(), cast.startScorer()]);
      },
      told: ["RoleAbsent page"],
      heldBack: ["ScoringStalled page"],
    },
    {
      name: "the broker is killed",
      inflict: () => bed.broker.kill(),
      repair: () => bed.broker.restart(),
      told: ["NatsDisconnected page"],
      heldBack: ["RoleNotReady page", "HighApiErrorRate page"],
      later: "events",
    },
    {
      name: "PostgreSQL is stopped",
      inflict: () => bed.postgres.stopImmediately(),
      repair: () => bed.postgres.restart(),
      told: ["DatabaseErrors page"],
      heldBack: ["ScoringStalled page", "RoleNotReady page", "HighApiErrorRate page"],
      later: "everything",
    },
    {
      name: "the drift consumer hangs, and applications come late",
      inflict() {
        drift.signal("SIGSTOP");
        change({ late: 0.05 });
      },
      repair() {
        drift.signal("SIGCONT");
        change({ late: 0 });
      },
      told: ["RoleAbsent page"],
      heldBack: [],
    },
    {
      name: "a scorer has another bundle",
      async inflict() {
        const other = await cast.startScorer({ SCORER_BUNDLE: await writeSecondBundle(bed.home) });
        undo = () => other.stop();
      },
      repair: () => undo(),
      told: ["ModelVersionSkew ticket"],
      heldBack: [],
    },
    {
      name: "other applicants come",
      inflict: () => change({ population: "shifted" }),
      repair: () => change({ population: "usual" }),
      told: ["DataDriftCritical page", "ScoreDrift ticket", "ApprovalRateShift ticket"],
      heldBack: ["DataDriftWarning ticket", "DriftedFeatures ticket", "FeatureDrift ticket"],
    },
    // The budget's slowest alerts fire for a quarter of an hour after these.
    {
      name: "a tenth is poison, a tenth malformed",
      inflict: () => change({ poison: 0.1, malformed: 0.1 }),
      repair: () => change({ poison: 0, malformed: 0 }),
      told: ["DeadLetters page", "ErrorBudgetBurn page"],
      heldBack: ["DeadLetters ticket"],
    },
    {
      name: "scorers hang past the ack wait, in turn",
      inflict() {
        undo = hangInTurn(cast.scorers);
      },
      repair: () => undo(),
      told: ["RedeliveryRateHigh ticket"],
      heldBack: [],
      amid: true,
    },
    {
      name: "a migration went wrong: decisions can't be stored",
      inflict: () => bed.database.query("alter table plumbline.applications rename to applications_old"),
      repair: () => bed.database.query("alter table plumbline.applications_old rename to applications"),
      told: ["ScoringStalled page"],
      heldBack: [],
      amid: true,
    },
  ];
}

/** One after the other, so that there is always one that hangs and one that works. Returns what ends it. */
function hangInTurn(scorers: readonly ScorerProcess[]): () => Promise<void> {
  let turn = 0;
  const next = () => {
    scorers[turn % scorers.length]!.signal("SIGCONT");
    turn++;
    scorers[turn % scorers.length]!.signal("SIGSTOP");
  };
  next();
  const timer = setInterval(next, HANGS_MS);
  return async () => {
    clearInterval(timer);
    for (const scorer of scorers) scorer.signal("SIGCONT");
  };
}

/** The shipped model as its next version, which approves more. */
async function writeSecondBundle(home: string): Promise<string> {
  const folder = join(home, "second-bundle");
  await cp(join(ROOT, "models/lendingclub"), folder, { recursive: true });
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  const write = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content));
  const [manifest, reference] = await Promise.all([read("manifest.json"), read("reference.json")]);
  const { approve, refer } = reference.decisions;
  await write("manifest.json", {
    ...manifest,
    version: "2",
    policy: { ...manifest.policy, approve_below: MORE_APPROVED },
  });
  await write("reference.json", {
    ...reference,
    model: { ...reference.model, version: "2" },
    decisions: {
      ...reference.decisions,
      approve_below: MORE_APPROVED,
      approve: approve + refer / 5,
      refer: (refer * 4) / 5,
    },
  });
  return folder;
}
