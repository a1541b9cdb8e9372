import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ROOT } from "../../../src/app/environment.ts";

const GOLDEN = join(ROOT, "models/lendingclub-golden.json");

type Golden = { readonly probabilities: number[]; readonly features: string[] };

function checkModel(file: string) {
  return spawnSync(process.execPath, [join(ROOT, "scripts/check-model.ts"), file], { encoding: "utf8" });
}

test("the shipped model gives its golden figures, and a figure that it doesn't give is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-golden-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // Performance on the loan book is measured through the pipeline by test/integration/lendingclub.test.ts.
  const golden = { ...(JSON.parse(readFileSync(GOLDEN, "utf8")) as Golden), windows: [] };
  const file = join(folder, "golden.json");
  writeFileSync(file, JSON.stringify(golden));
  expect(checkModel(file)).toMatchObject({ status: 0, stderr: "" });

  golden.probabilities[5]! += 2e-6;
  golden.features.reverse();
  writeFileSync(file, JSON.stringify(golden));
  const { status, stderr } = checkModel(file);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^the features are loan_amount, .*\nrow 5: probability is [\d.]+; golden is [\d.]+\n$/);
});
