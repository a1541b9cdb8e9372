import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
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

  it("leaves out none of what is kept when something is gone a second time, long after the first", async () => {
    // A gateway as contract.md describes it, whose stream loses its beginning twice.
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const asked: unknown[] = [];
    const gone = (first: number) => JSON.stringify({ type: "error", code: 4410, first_sequence: first });
    server.on("connection", async (socket) => {
      const [data] = await once(socket, "message");
      const { from } = JSON.parse(String(data)) as { from: number };
      asked.push(from);
      if (from === 1) socket.send(gone(100));
      else if (from === 101) socket.send(gone(50_000));
      else return socket.send('{"type":"progress","sequence":100}', () => from === 100 && socket.close(1001));
      socket.close(4410);
    });
    const { port } = server.address() as AddressInfo;
    const gateway = `http://127.0.0.1:${port}`;
    const following = followScores({ gateway, token: () => "t", from: 1, onScore: () => {} });
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBe(4);
    expect(asked).toEqual([1, 100, 101, 50_000]);
    following.stop();
    server.close();
  });
});
