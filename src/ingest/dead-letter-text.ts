import { isUtf8 } from "node:buffer";
import { type DeadLetter, deadLetterName, type WholeDeadLetter } from "./dead-letters.ts";

/** A dead letter for a program. */
export function deadLetterJson(letter: DeadLetter): object {
  const { input, sequence, reason, error, subject, time, bytes, ownSequence } = letter;
  const id = deadLetterName(letter);
  return { id, stream: input, sequence, reason, error, subject, time, bytes, dead_letter_sequence: ownSequence };
}

/** With headers and payload; the payload in base64, because it may be anything. */
export function wholeDeadLetterJson(letter: WholeDeadLetter): object {
  const headers = Object.fromEntries(letter.headers.keys().map((name) => [name, letter.headers.get(name)]));
  return { ...deadLetterJson(letter), headers, payload_base64: Buffer.from(letter.payload).toString("base64") };
}

/** One line for a person. */
export function deadLetterLine(letter: DeadLetter): string {
  const { time, reason, subject, error } = letter;
  return printable(`${deadLetterName(letter).padEnd(20)} ${time}  ${reason.padEnd(16)} ${subject}  ${error}`);
}

/** Everything about a dead letter for a person. */
export function deadLetterPage(letter: WholeDeadLetter): string {
  const headers = letter.headers.keys().map((name) => `  ${name}: ${printable(letter.headers.get(name))}\n`);
  return [
    `${deadLetterName(letter)}: ${printable(letter.error)}\n`,
    `  ${letter.reason}, published to ${printable(letter.subject)}, dead-lettered ${letter.time}\n`,
    `headers:\n${headers.join("")}`,
    `payload (${letter.bytes} bytes):\n${payloadText(letter.payload)}\n`,
  ].join("");
}

/** A payload as a terminal may show it: what is not printable, or not text at all, as \xNN or \u{NN}. */
export function payloadText(payload: Uint8Array): string {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (isUtf8(payload)) return printable(bytes.toString());
  return bytes.toString("latin1").replace(/[^\x20-\x7e\n\t]/g, byteEscape);
}

/** A sender's text can hold what moves the cursor or reverses the writing. */
function printable(text: string): string {
  return text.replace(/[\p{C}--[\n\t]]/gv, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x80 ? byteEscape(character) : `\\u{${code.toString(16)}}`;
  });
}

function byteEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
