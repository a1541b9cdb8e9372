import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/platform/errors.ts";
import {
  duration,
  integer,
  networks,
  oneOf,
  readVariables,
  size,
  text,
  textOr,
  url,
  urls,
} from "../../../src/platform/variables.ts";

const TABLE = {
  URL: urls(["nats", "tls"], ""),
  NAME: text(""),
  HOME: textOr(".home", ""),
  LEVEL: oneOf(["info", "silent"], "info", ""),
  PORT: integer([0, 65_535], 0, ""),
  WAIT: duration("30s", ""),
  ROOM: size("2GiB", ""),
};

describe("variables", () => {
  it("have their defaults when unset or empty", () => {
    const defaults = {
      URL: undefined,
      NAME: undefined,
      HOME: ".home",
      LEVEL: "info",
      PORT: 0,
      WAIT: 30_000,
      ROOM: 2 * 2 ** 30,
    };
    expect(readVariables(TABLE, {})).toEqual(defaults);
    expect(readVariables(TABLE, { URL: "", HOME: "  ", PORT: "\t", OTHER: "x" })).toEqual(defaults);
  });

  it("are read, trimmed, and can't be changed afterwards", () => {
    const source = {
      URL: " nats://a:4222,tls://b ",
      NAME: "x y",
      HOME: "/h",
      LEVEL: "silent",
      PORT: "65535",
      WAIT: "48h",
      ROOM: "512MiB",
    };
    const values = readVariables(TABLE, source);
    expect(values).toEqual({
      ...{ URL: "nats://a:4222,tls://b", NAME: "x y", HOME: "/h", LEVEL: "silent" },
      ...{ PORT: 65_535, WAIT: 172_800_000, ROOM: 536_870_912 },
    });
    expect(Object.isFrozen(values)).toBe(true);
  });

  it("are refused with all faults in one sentence, and without the values, which may be passwords", () => {
    const secret = "hunter2";
    const source = Object.fromEntries(Object.keys(TABLE).map((name) => [name, secret]));
    expect(() => readVariables(TABLE, source)).toThrow(
      new UsageError(
        "the environment is not right: URL must be a URL that starts with nats:// or tls://; " +
          "LEVEL must be one of info, silent; PORT must be a whole number from 0 to 65535; " +
          "WAIT must be a duration such as 500ms, 30s, 2m, 48h or 30d; ROOM must be a size such as 512MiB or 4GiB",
      ),
    );
  });

  it.each(["http://a", "nats://a,http://b", "nats://a,", "a:4222", "//a", "nats:"])("URL may not be %j", (URL) => {
    expect(() => readVariables(TABLE, { URL })).toThrow(UsageError);
  });

  it("an address may have a comma in its password", () => {
    const table = { DATABASE_URL: url(["postgres"], "") };
    const address = "postgres://user:a,b@host:5432/db";
    expect(readVariables(table, { DATABASE_URL: address }).DATABASE_URL).toBe(address);
  });

  it.each(["-1", "65536", "1.5", "1e3", "0x10", "١", "1 000"])("PORT may not be %j", (PORT) => {
    expect(() => readVariables(TABLE, { PORT })).toThrow(UsageError);
  });

  it("a whole number may be the least or the most", () => {
    const table = { REPLICAS: integer([1, 5], 1, "") };
    for (const REPLICAS of ["1", "5"])
      expect(readVariables(table, { REPLICAS })).toEqual({ REPLICAS: Number(REPLICAS) });
    for (const REPLICAS of ["0", "6"]) expect(() => readVariables(table, { REPLICAS })).toThrow(UsageError);
  });

  it.each(["30", "0s", "s", "30 s", "1.5h", "-1s", "30S", "1w", "99999999999999d", "1toString"])(
    "WAIT may not be %j",
    (WAIT) => {
      expect(() => readVariables(TABLE, { WAIT })).toThrow(UsageError);
    },
  );

  it.each(["512", "512MB", "0GiB", "1gib", "1.5GiB", "9999999TiB"])("ROOM may not be %j", (ROOM) => {
    expect(() => readVariables(TABLE, { ROOM })).toThrow(UsageError);
  });

  it("durations and sizes are their number times their unit", () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), unit, (count, name) => {
        expect(readVariables(TABLE, { WAIT: `${count}${name}` }).WAIT).toBe(count * units[name]);
      }),
    );
    expect(readVariables(TABLE, { ROOM: "3TiB" }).ROOM).toBe(3 * 1024 ** 4);
  });

  it("networks are addresses with or without the length of their prefix", () => {
    const table = { PROXIES: networks("") };
    const read = (PROXIES: string) => readVariables(table, { PROXIES }).PROXIES;
    expect(read("10.0.0.7, 10.1.0.0/16,::1,fd00::/8")).toEqual(["10.0.0.7", "10.1.0.0/16", "::1", "fd00::/8"]);
    for (const wrong of ["proxy", "10.0.0.0/33", "0.0.0.0/0", "10.0.0/8", "10.0.0.1,", "::/129", "10.0.0.1/x"]) {
      expect(() => read(wrong), wrong).toThrow(UsageError);
    }
  });
});
