import { InvalidArgumentError } from "commander";
import { CHANNEL } from "../contracts/application.ts";

/** Reads the name of a channel off the command line. */
export function channelName(text: string): string {
  if (!CHANNEL.test(text)) throw new InvalidArgumentError("It must be 1 to 32 of a-z, 0-9, _ and -.");
  return text;
}
