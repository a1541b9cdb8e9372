import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { createMadeUp } from "../support/made-up.ts";
import { createTestBed } from "../support/test-bed.ts";

const START = Date.UTC(2025, 2, 1);
const HOUR_MS = 3_600_000;

test("two files are compared, and what is wrong with one is said with its line", async () => {
  const gateway = await startGateway(await createTestBed());
  const madeUp = createMadeUp(8);
  const lines = (events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");
  const form = (reference: string, current: string, name = "a.jsonl") => {
    const body = new FormData();
    body.set("reference", new Blob([reference]), name);
    body.set("current", new Blob([current]), "b.jsonl");
    return { method: "POST", body };
  };
  const usual = lines(madeUp.usual(600, START, START + HOUR_MS));
  const shifted = lines(madeUp.shifted(600, START, START + HOUR_MS));
  const response = await gateway.ask("viewer", "/v1/drift/compare", form(usual, shifted));
  expect(response.status).toBe(200);
  const report = (await response.json()) as { features: { name: string; drifted: string }[] };
  expect(report.features.find(({ name }) => name === "term_months")!.drifted).toBe("critical");

  const broken = await gateway.ask("viewer", "/v1/drift/compare", form(usual, `${shifted}{"oops`));
  expect(broken.status).toBe(422);
  expect(((await broken.json()) as { detail: string }).detail).toMatch(/^current\.jsonl:601: /);
  const wrongName = await gateway.ask("viewer", "/v1/drift/compare", form(usual, shifted, "a.exe"));
  expect(await wrongName.json()).toMatchObject({ status: 400, errors: [{ field: "reference" }] });
  const missing = await gateway.ask("viewer", "/v1/drift/compare", { method: "POST", body: new FormData() });
  expect(missing.status).toBe(400);
  expect((await gateway.post("viewer", "/v1/drift/compare", {})).status).toBe(415);
});
