import { describe, expect, it } from "vitest";
import { followScores } from "../../../client/scores.ts";

describe("following scores", () => {
  it("refuses an address that is none at once, instead of trying it for ever", () => {
    const follow = (gateway: string) => () => followScores({ gateway, token: () => "", onScore: () => {} }).stop();
    for (const wrong of ["", "plumbline.example.com", "ftp://plumbline.example.com", "file:///etc"]) {
      expect(follow(wrong), wrong).toThrow(TypeError);
    }
    for (const right of ["http://127.0.0.1:8080", "https://a.example.com/plumbline", "wss://a.example.com/"]) {
      expect(follow(right), right).not.toThrow();
    }
  });
});
