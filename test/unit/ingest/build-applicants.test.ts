import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const APPLICATIONS = join(REPOSITORY, "../shared/data/lendingclub-applications.jsonl.gz");

describe("scripts/build-applicants.ts", () => {
  it.skipIf(!existsSync(APPLICATIONS))("gives the committed summary to the byte (needs ../shared)", () => {
    const folder = mkdtempSync(join(tmpdir(), "plumbline-applicants-"));
    try {
      const out = join(folder, "applicants.json");
      const inputs = [
        "--applications",
        APPLICATIONS,
        "--before",
        "2010-07-01",
        "--manifest",
        "models/lendingclub/manifest.json",
      ];
      const bounds = ["--at-most", "open_accounts=total_accounts", "--at-most", "bankruptcies=public_records"];
      const args = ["scripts/build-applicants.ts", ...inputs, ...bounds, "--out", out];
      execFileSync(process.execPath, args, { cwd: REPOSITORY, stdio: "pipe" });
      const committed = readFileSync(join(REPOSITORY, "models/lendingclub-applicants.json"), "utf8");
      expect(readFileSync(out, "utf8")).toBe(committed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
