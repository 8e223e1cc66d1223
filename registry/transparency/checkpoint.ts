import { hashSize } from "./merkle.ts";

/** What a log says of itself at a moment (c2sp.org/tlog-checkpoint): so many leaves, and this head. */
export interface Checkpoint {
  /** Which log: its name for ever. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The text of the note that it is signed as. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** Reads the text of a note; throws a sentence when it is no checkpoint. Lines after the third are let be. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (origin === "") throw new Error("the checkpoint has no origin");
  // More leaves than this no log has, and sizes stay exact numbers.
  if (!/^(0|[1-9]\d{0,14})$/.test(size)) throw new Error("the checkpoint has no size");
  const bytes = Buffer.from(root, "base64");
  if (bytes.length !== hashSize || bytes.toString("base64") !== root) {
    throw new Error("the checkpoint has no head");
  }
  return { origin, size: Number(size), root: bytes };
}
