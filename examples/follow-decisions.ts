import { followScores } from "../client/scores.ts";

/** Prints every decision as it is made: PLUMBLINE_TOKEN=… node examples/follow-decisions.ts http://127.0.0.1:8080 [from] */

const [gateway = "http://127.0.0.1:8080", from] = process.argv.slice(2);
const token = process.env.PLUMBLINE_TOKEN ?? "";

const following = followScores({
  gateway,
  token: () => token,
  from: from === undefined ? "now" : Number(from),
  onScore({ application_id, channel, decision, score, reasons }, sequence) {
    const why = reasons[0] === undefined ? "" : `  ${reasons[0].text}`;
    console.log(`${sequence}  ${application_id}  ${channel}  ${decision}  ${score.toFixed(4)}${why}`);
  },
  onState(state) {
    if (state.kind === "open") console.error("following");
    if (state.kind === "away") console.error(`the gateway is away, trying again in ${state.retryInMs} ms`);
    if (state.kind === "gap") console.error(`older ones are no longer kept, going on from ${state.firstSequence}`);
    if (state.kind !== "refused") return;
    console.error(`refused (${state.code}): ${state.reason}`);
    process.exitCode = 1;
  },
});

process.once("SIGINT", () => following.stop());
