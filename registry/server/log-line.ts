import { randomBytes } from "node:crypto";
import type { Entry } from "./event.ts";

/** The chain's begin: what the first line says of the line before it. */
export const noLine = "0".repeat(64);

export function newSalt(): string {
  return randomBytes(16).toString("base64url");
}

/** A line of the log, a leaf of the transparency log. */
export interface LogLine {
  readonly entry: Entry;
  /** As it is kept, without an end of line. */
  readonly bytes: Buffer;
  /** SHA-256 of the line before it, hexadecimal. */
  readonly previous: string;
}

/** Gets an entry, and its line as it is kept. */
export type TakeLine = (entry: Entry, line: Uint8Array) => void;

/**
 * @param salt so that the line's hash tells nothing to those who may not read it
 * @param previous digest of the line before it
 */
export function formatLine(entry: Entry, salt: string, previous: string): Buffer {
  return Buffer.from(JSON.stringify({ ...entry, salt, previous }));
}

/**
 * Reads a line; throws a sentence when it is none.
 *
 * @param where for messages
 */
export function parseLogLine(bytes: Buffer, where: string): LogLine {
  let read: Entry & { readonly previous: string; readonly salt?: string };
  try {
    read = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new Error(`${where}: a line is no JSON`);
  }
  const { previous, salt: _, ...entry } = read;
  return { entry, bytes, previous };
}
