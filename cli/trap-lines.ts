import type { Readable, Writable } from "node:stream";
import { symbolize } from "../linker/native/symbolize.ts";

/** How lines begin that may have program counters in them (docs/abi.md, Ends). */
const marks = ["trap: ", "abort: "];

/**
 * Passes what an image prints on as it comes, byte for byte, but for lines of traps and aborts: there program counters
 * become functions and lines of the sources.
 *
 * @param debugFile what the build wrote beside the image; without it the lines stay as they are
 */
export async function passOn(from: Readable, to: Writable, debugFile: string): Promise<void> {
  // Latin-1 keeps every byte as it is.
  from.setEncoding("latin1");
  /** A line's beginning that may become a mark. */
  let held = "";
  let atLineStart = true;
  for await (const chunk of from) {
    const lines = (held + String(chunk)).split(/(?<=\n)/);
    held = "";
    for (const [index, line] of lines.entries()) {
      const whole = line.endsWith("\n");
      const marked = atLineStart && marks.some((mark) => line.startsWith(mark));
      const mayBeMarked = atLineStart && (marked || marks.some((mark) => mark.startsWith(line)));
      if (!whole && mayBeMarked && index === lines.length - 1) {
        held = line;
        break;
      }
      if (marked) to.write(await symbolize(debugFile, Buffer.from(line, "latin1").toString()));
      else to.write(Buffer.from(line, "latin1"));
      atLineStart = whole;
    }
  }
  to.write(Buffer.from(held, "latin1"));
}
