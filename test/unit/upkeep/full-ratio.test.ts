import { expect, test } from "vitest";
import { fullRatio } from "../../../src/upkeep/watch-servers.ts";

test.each([
  { messages: 50, bytes: 10, max_msgs: 100, max_bytes: 100, ratio: 0.5 },
  { messages: 10, bytes: 90, max_msgs: 100, max_bytes: 100, ratio: 0.9 },
  { messages: 10, bytes: 90, max_msgs: 100, max_bytes: -1, ratio: 0.1 },
  { messages: 10, bytes: 90, max_msgs: -1, max_bytes: -1, ratio: 0 },
])("$messages of $max_msgs messages and $bytes of $max_bytes bytes fill $ratio", (given) => {
  const { messages, bytes, max_msgs, max_bytes, ratio } = given;
  expect(fullRatio({ state: { messages, bytes }, config: { max_msgs, max_bytes } })).toBe(ratio);
});
