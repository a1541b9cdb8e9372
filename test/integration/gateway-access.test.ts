import { expect, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { problemOf } from "../support/problem.ts";
import { createTestBed } from "../support/test-bed.ts";

test("probes, metrics and documentation are for anyone, with security headers and no foreign origin", async () => {
  const bed = await createTestBed();
  const gateway = await startGateway(bed, { GATEWAY_ORIGINS: "https://console.example.com" });
  for (const path of ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs/"]) {
    const response = await fetch(`${gateway.url}${path}`, { headers: { origin: "https://elsewhere.example.com" } });
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  }
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string };
  expect(document.openapi).toBe("3.1.0");

  const preflight = await fetch(`${gateway.url}/v1/applications`, {
    method: "OPTIONS",
    headers: { origin: "https://console.example.com", "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("https://console.example.com");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");

  const nothing = await fetch(`${gateway.url}/v1/nothing?secret=1`);
  expect(nothing.status).toBe(404);
  expect(await problemOf(nothing)).toMatchObject({ title: "Not found", instance: "/v1/nothing" });
});
