import { scorerConsumer } from "../../src/contracts/streams.ts";
import type { Manifest } from "../../src/models/manifest.ts";
import { createValidator } from "../../src/models/validate.ts";
import { ack } from "../../src/platform/delivery.ts";
import type { Logger } from "../../src/platform/log.ts";
import { pullMessages } from "../../src/platform/pull.ts";
import type { Bodies } from "../applications.ts";
import type { Slate } from "../blank-slate.ts";
import { median } from "../median-rate.ts";
import { preload } from "../preload.ts";

const BATCH = 256;
const ROOM = 5 * BATCH;
const REPETITIONS = 3;
const ACK_WAIT_MS = 30_000;

/** Pull, decode, validate and acknowledge from a stream that was filled before: applications per second. */
export async function measureConsumption(
  { nc }: Slate,
  manifest: Manifest,
  bodies: Bodies,
  applications: number,
  log: Logger,
  signal: AbortSignal,
): Promise<number> {
  const validator = createValidator(manifest);
  const { stream, durable_name: consumer } = scorerConsumer(ACK_WAIT_MS);
  const rates: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    await preload(nc, bodies, `consume${repetition}`, applications, signal);
    const from = performance.now();
    const pull = pullMessages(nc, { stream, consumer, room: ROOM, log });
    for (let open = applications; open > 0; ) {
      await pull.available();
      signal.throwIfAborted();
      for (const message of pull.take(BATCH)) {
        if (!validator.readBytes(message.data).ok) throw new Error("a made-up application is refused");
        ack(message);
        open--;
      }
    }
    await nc.flush();
    rates.push((applications * 1000) / (performance.now() - from));
    await pull.stop();
  }
  return median(rates);
}
