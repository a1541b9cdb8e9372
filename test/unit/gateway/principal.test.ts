import { describe, expect, it } from "vitest";
import { mayPass, ROLES, type RouteRole } from "../../../src/gateway/access/principal.ts";

describe("roles", () => {
  it("open what is declared for them, and an admin all", () => {
    const opened = (wanted: RouteRole) => ROLES.filter((role) => mayPass(role, wanted));
    expect(opened("anyone")).toEqual(["viewer", "publisher", "reviewer", "admin", "alertmanager"]);
    expect(opened("viewer")).toEqual(["viewer", "reviewer", "admin"]);
    expect(opened("publisher")).toEqual(["publisher", "admin"]);
    expect(opened("reviewer")).toEqual(["reviewer", "admin"]);
    expect(opened("admin")).toEqual(["admin"]);
    expect(opened("alertmanager")).toEqual(["admin", "alertmanager"]);
    expect(opened(["viewer", "publisher"])).toEqual(["viewer", "publisher", "reviewer", "admin"]);
    expect(opened([])).toEqual([]);
  });
});
