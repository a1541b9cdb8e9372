import { beforeEach, describe, expect, it } from "vitest";
import type { Bundle } from "../../src/models/bundle.ts";
import { policyByVersion, policyInForce, refuseForeignRoutes, registerModel } from "../../src/models/registry.ts";
import { OperatorError } from "../../src/platform/errors.ts";
import { databaseOfFile } from "../support/test-database.ts";
import { SMALL_MANIFEST } from "../unit/models/small-manifest.ts";

const database = databaseOfFile();
beforeEach(() => database().query("truncate public.models, public.policies, public.routes"));

function bundle(change: { name?: string; version?: string; approve_below?: number } = {}, sha256 = "ab"): Bundle {
  const { approve_below = SMALL_MANIFEST.policy.approve_below, ...own } = change;
  const manifest = { ...SMALL_MANIFEST, ...own, policy: { ...SMALL_MANIFEST.policy, approve_below } };
  const manifestText = JSON.stringify(manifest);
  const reference = {} as Bundle["reference"];
  const typicalValues = new Float32Array(4);
  return { folder: "/f", modelFile: "/f/m", manifest, manifestText, reference, typicalValues, sha256 };
}

const routes = async () => (await database().query("select channel, model_name from public.routes")).rows;

describe("registering a model", () => {
  it("gives it an id, its policy and, when it is the first, every channel; again it changes nothing", async () => {
    const id = await registerModel(database(), bundle());
    expect(await policyInForce(database(), "small")).toEqual({ ...SMALL_MANIFEST.policy, version: "1" });
    expect(await routes()).toEqual([{ channel: "*", model_name: "small" }]);
    expect(await registerModel(database(), bundle())).toBe(id);
    expect((await database().query("select * from public.policies")).rowCount).toBe(1);
  });

  it("leaves the policy in force to a new version, and the routes to whom they are given", async () => {
    const first = await registerModel(database(), bundle());
    const second = await registerModel(database(), bundle({ version: "2", approve_below: 0.2 }, "cd"));
    expect(second).not.toBe(first);
    expect(await policyInForce(database(), "small")).toMatchObject({ approve_below: 0.1 });
    await registerModel(database(), bundle({ name: "other", approve_below: 0.2 }, "ef"));
    expect(await policyInForce(database(), "other")).toMatchObject({ approve_below: 0.2, version: "1" });
    expect(await routes()).toEqual([{ channel: "*", model_name: "small" }]);
  });

  it("is refused for other files under the same name and version", async () => {
    await registerModel(database(), bundle());
    const refused = registerModel(database(), bundle({}, "cd"));
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(/^model small version 1 is registered with other files .* immutable/);
  });

  it("by many at once makes one of each", async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => registerModel(database(), bundle())));
    expect(new Set(ids).size).toBe(1);
    for (const table of ["models", "policies", "routes"]) {
      expect((await database().query(`select * from public.${table}`)).rowCount, table).toBe(1);
    }
  });
});

describe("a policy", () => {
  it("is in force from its time on, until a newer one is", async () => {
    await registerModel(database(), bundle());
    const add = (version: string, from: string) =>
      database().query(
        `insert into public.policies (model_name, version, approve_below, decline_at_or_above, low_below, high_at_or_above, in_force_from)
         values ('small', $1, 0.01, 0.9, 0.1, 0.9, now() + $2::interval)`,
        [version, from],
      );
    await add("2", "1 hour");
    expect((await policyInForce(database(), "small")).version).toBe("1");
    await add("3", "0 seconds");
    expect((await policyInForce(database(), "small")).version).toBe("3");
    expect(await policyByVersion(database(), "small", "1")).toEqual({ ...SMALL_MANIFEST.policy, version: "1" });
  });

  it("that isn't there is asked for in a sentence", async () => {
    await expect(policyInForce(database(), "nobody")).rejects.toThrow(OperatorError);
    await expect(policyByVersion(database(), "small", "9")).rejects.toThrow(/^there is no such policy for model small/);
  });
});

describe("routes", () => {
  it("to models that aren't loaded are refused, each named", async () => {
    await registerModel(database(), bundle());
    await expect(refuseForeignRoutes(database(), "small")).resolves.toBe(undefined);
    await database().query("insert into public.routes values ('web', 'other'), ('branch', 'third')");
    await expect(refuseForeignRoutes(database(), "small")).rejects.toThrow(
      new OperatorError(
        "public.routes sends channels to models that this scorer hasn't loaded (branch → third, web → other; loaded: small). Set SCORER_BUNDLE or mend the routes.",
      ),
    );
  });
});
