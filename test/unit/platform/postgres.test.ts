import { Client, DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { isDatabaseOutage, isDataFault } from "../../../src/platform/postgres.ts";

function refused(code: string): Error {
  return Object.assign(new DatabaseError("refused", 0, "error"), { code });
}

describe("an error of the database", () => {
  it.each([
    ["08006", "connection failure"],
    ["08P01", "what a pooler says"],
    ["40001", "serialization failure"],
    ["40P01", "deadlock"],
    ["53100", "disk full"],
    ["53300", "too many connections"],
    ["57P01", "the server is stopping"],
    ["57P03", "the server is starting"],
    ["58030", "an input/output error"],
    ["55P03", "a lock that wasn't to be had"],
    ["25006", "a server that is a read-only copy for now"],
    ["ECONNREFUSED", "nobody listens"],
    ["ECONNRESET", "the line was cut"],
    ["EPIPE", "the line was cut"],
    ["ETIMEDOUT", "a black hole"],
    ["EHOSTUNREACH", "no way"],
    ["ENETUNREACH", "no network"],
    ["EAI_AGAIN", "no name service"],
    ["ENOTFOUND", "no such name yet"],
  ])("%s is an outage: %s", (code) => {
    expect(isDatabaseOutage(refused(code))).toBe(true);
    expect(isDataFault(refused(code))).toBe(false);
  });

  it.each(["22P02", "22P05", "22003", "23505", "23514", "54001"])("%s is a fault of the data", (code) => {
    expect(isDataFault(refused(code))).toBe(true);
    expect(isDatabaseOutage(refused(code))).toBe(false);
  });

  it.each(["42P01", "42501", "28P01", "3D000", "57014", "XX000", "DEPTH_ZERO_SELF_SIGNED_CERT"])(
    "%s is neither, and not waited for",
    (code) => {
      expect(isDatabaseOutage(refused(code))).toBe(false);
      expect(isDataFault(refused(code))).toBe(false);
    },
  );

  it.each([
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "timeout exceeded when trying to connect",
    "Query read timeout",
    "Client has encountered a connection error and is not queryable",
    "Client was closed and is not queryable",
  ])("of the driver itself is an outage: %s", (message) => {
    expect(isDatabaseOutage(new Error(message))).toBe(true);
  });

  it("is an outage when one of several ways to the server says so", () => {
    const faults = [refused("ECONNREFUSED"), refused("ENETUNREACH")];
    expect(isDatabaseOutage(new AggregateError(faults))).toBe(true);
    expect(isDatabaseOutage(new AggregateError([]))).toBe(false);
  });

  it.each([new TypeError("x is not a function"), new Error("suspended"), "a string", undefined, null])(
    "is none when it is our own: %s",
    (error) => {
      expect(isDatabaseOutage(error)).toBe(false);
      expect(isDataFault(error)).toBe(false);
    },
  );

  it("of a query on a connection that has ended is an outage", async () => {
    const client = new Client();
    await client.end();
    const fault = await client.query("select 1").catch((error: unknown) => error);
    expect(isDatabaseOutage(fault)).toBe(true);
  });
});
