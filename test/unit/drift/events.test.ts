import { expect, test } from "vitest";
import { reportEvent } from "../../../src/drift/events.ts";
import { judgeDays, shippedSubject } from "../../support/drift-reports.ts";

const subject = shippedSubject();
const [report] = judgeDays(subject, [{ applications: 1_000 }]);

test("an event has everything but the counts of the bins", () => {
  const { features, ...rest } = JSON.parse(reportEvent(report!));
  expect(rest).toEqual(JSON.parse(JSON.stringify({ ...report, features: undefined })));
  expect(features.map(({ name }: { name: string }) => name)).toEqual(report!.features.map(({ name }) => name));
  expect(features[0]).not.toHaveProperty("counts");
});

test("an event of a model with thousands of features lists what exceeds, weightiest first, and fits the broker", () => {
  const [one] = report!.features;
  const features = Array.from({ length: 3_000 }, (_, index) => ({
    ...one!,
    // Three bytes a character, which the length of a text doesn't tell.
    name: `Einkommen-€-${index}`,
    importance: index / 10_000,
    exceeds: index % 2 === 0 ? ("warning" as const) : ("none" as const),
  }));
  const finding = { ...FINDING, what: "x".repeat(300) };
  const quality = features.map(({ name }, index) => ({ ...report!.quality[0]!, feature: name, pass: index % 3 !== 0 }));
  const text = reportEvent({ ...report!, features, quality, findings: Array(1_500).fill(finding) });
  expect(Buffer.byteLength(text)).toBeLessThan(512 * 1024);
  const event = JSON.parse(text);
  expect(event.features).toHaveLength(100);
  expect(event.features[0].name).toBe("Einkommen-€-2998");
  expect(event.quality.every(({ pass }: { pass: boolean }) => !pass)).toBe(true);
  expect(event.findings).toHaveLength(100);
});

const FINDING = {
  severity: "warning",
  kind: "population",
  feature: null,
  importance: null,
  since: null,
  channels: [],
  what: "",
  effect: "",
  next_step: "",
} as const;
