import type { ScoreEvent } from "../../../src/contracts/score.ts";
import { gatewayUrl } from "../api/request.ts";
export type StreamOptions = {
  readonly token: string;
  readonly channels: readonly string[];
  readonly decisions: readonly string[];
  onScore(score: ScoreEvent, sequence: number): void;
  onState(state: "live" | "away" | "gap" | "refused"): void;
};
export function openScoreStream(options: StreamOptions): { stop(): void } {
  let socket: WebSocket | undefined;
  let last: number | undefined;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    const url = gatewayUrl("v1/stream");
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onopen = () => {
      socket!.send(
        JSON.stringify({
          type: "subscribe",
          token: options.token,
          channels: options.channels,
          decisions: options.decisions,
          from: last === undefined ? "now" : last + 1,
        }),
      );
      options.onState("live");
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "score") {
        last = frame.sequence;
        options.onScore(frame.score, frame.sequence);
      }
    };
    socket.onclose = () => {
      if (stopped) return;
      options.onState("away");
      timer = setTimeout(open, 1000);
    };
  };
  open();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
