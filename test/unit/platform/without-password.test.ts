import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutPassword } from "../../../src/platform/without-password.ts";

describe("an address without its password", () => {
  it.each([
    ["nats://host:4222", "nats://host:4222"],
    ["nats://user:hunter2@host:4222", "nats://host:4222"],
    ["nats://hunter2@host", "nats://host"],
    ["nats://u:hunter2@a:4222,tls://u:hunter2@b:4222", "nats://a:4222,tls://b:4222"],
    ["postgres://user:hun@ter2@host:5432/db?sslmode=require", "postgres://host:5432/db?sslmode=require"],
    ["postgres://user:hun:ter2@host/db", "postgres://host/db"],
    [
      "postgres://host/db?user=u&password=hunter2&sslmode=require",
      "postgres://host/db?user=u&password=…&sslmode=require",
    ],
    ["postgres://host/db?sslpassword=hunter2", "postgres://host/db?sslpassword=…"],
    ["postgres:///db?host=/run/postgresql&PASSWORD=hunter2", "postgres:///db?host=/run/postgresql&PASSWORD=…"],
  ])("%s is %s", (address, shown) => {
    expect(withoutPassword(address)).toBe(shown);
  });

  it("has nothing of it left, whatever characters it has that an address may have", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9@:%+&=,;!$'()*~._-]{1,20}$/);
    fc.assert(
      fc.property(part, part, (before, after) => {
        const address = `postgres://user:${before}SECRET${after}@host:5432/db`;
        expect(withoutPassword(address)).toBe("postgres://host:5432/db");
      }),
    );
  });
});
