import type { Msg } from "@nats-io/transport-node";
import type { ApplicationEvent } from "../contracts/application.ts";
import type { Rejection } from "../contracts/dead-letter.ts";
import { channelOf } from "../contracts/subjects.ts";
import type { Validator } from "../models/validate.ts";
import { deliveryOf } from "../platform/delivery.ts";

/** A delivered message, as far as it can be read without any server. */
export type Entry = {
  readonly message: Msg;
  readonly sequence: number;
  /** The broker's time of receipt, in milliseconds since 1970. */
  readonly receivedAt: number;
  readonly deliveries: number;
  readonly content: Application | Rejected;
};

export type Application = {
  readonly kind: "application";
  readonly channel: string;
  readonly event: ApplicationEvent;
  readonly submittedAt: number;
  /** The event as the database stores it. */
  readonly text: Uint8Array | string;
};

export type Rejected = {
  readonly kind: "rejected";
  readonly rejection: Rejection;
  /** Undefined when the subject names none. */
  readonly channel?: string;
};

/** Decodes and validates a message. Pure. */
export function readEntry(message: Msg, validator: Validator): Entry {
  return { message, ...deliveryOf(message), content: readContent(message, validator) };
}

function readContent(message: Msg, validator: Validator): Application | Rejected {
  const channel = channelOf(message.subject);
  if (channel === undefined) {
    const error = "the subject must be applications.<channel>, a channel being 1 to 32 of a-z, 0-9, _ and -";
    return rejected({ reason: "invalid_subject", error });
  }
  const validation = validator.readBytes(message.data);
  if (!validation.ok) {
    const { ok: _, ...rejection } = validation;
    return { ...rejected(rejection), channel };
  }
  const { event, submittedAt, text } = validation;
  return { kind: "application", channel, event, submittedAt, text };
}

export function rejected(rejection: Rejection): Rejected {
  return { kind: "rejected", rejection };
}
