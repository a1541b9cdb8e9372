import { RequestError } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { notFound } from "../../../src/gateway/problem.ts";
import { problemOfError } from "../../../src/gateway/problem-of-error.ts";

const withMembers = (members: object) => Object.assign(new Error("SECRET"), members);

describe("the problem of an error", () => {
  it("is a thrown problem itself, and none of a defect", () => {
    const problem = notFound("There is no such thing.");
    expect(problemOfError(problem)).toBe(problem);
    for (const defect of [new Error("SECRET"), new TypeError(), "text", undefined, withMembers({ statusCode: 500 })]) {
      expect(problemOfError(defect)).toBeUndefined();
    }
  });

  it("is 503 with Retry-After while a server is away", () => {
    for (const error of [
      withMembers({ code: "ECONNREFUSED" }),
      withMembers({ code: "57P01" }),
      new RequestError("x"),
    ]) {
      expect(problemOfError(error)?.details).toMatchObject({ status: 503, retryAfterS: expect.any(Number) });
    }
  });

  it("names the fields that don't fit a schema, without what the sender wrote", () => {
    const validation = [
      { keyword: "required", instancePath: "/features", params: { missingProperty: "dti" }, message: "" },
      { keyword: "type", instancePath: "/features/a~1b", params: {}, message: "must be number" },
      { keyword: "additionalProperties", instancePath: "", params: { additionalProperty: "SECRET" }, message: "" },
      { keyword: "enum", instancePath: "/decision", params: { allowedValues: ["a", "b"] }, message: "" },
      { keyword: "enum", instancePath: "/decision", params: { allowedValues: ["a", "b"] }, message: "" },
    ];
    const problem = problemOfError(withMembers({ statusCode: 400, validation, validationContext: "body" }));
    expect(problem?.details).toMatchObject({ status: 400 });
    expect(problem?.details.errors).toEqual([
      { field: "features.dti", detail: "is required but missing" },
      { field: "features.a/b", detail: "must be number" },
      { field: "body", detail: "has a field that isn't known here" },
      { field: "decision", detail: "must be one of a, b" },
    ]);
  });

  it("keeps the framework's status and none of its words, which may quote the body", () => {
    for (const [code, status] of [
      ["FST_ERR_CTP_INVALID_MEDIA_TYPE", 415],
      ["FST_ERR_CTP_BODY_TOO_LARGE", 413],
      ["FST_ANYTHING", 406],
    ] as const) {
      const { details } = problemOfError(withMembers({ code, statusCode: status }))!;
      expect(details.status).toBe(status);
      expect(JSON.stringify(details)).not.toContain("SECRET");
    }
  });
});
