/**
 * Puts source places where a native image has said `pc=0x…`. The names come from the image's debug
 * file: lines from DWARF by `addr2line`, function names from a section of our own.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { readElf } from "./elf.ts";
import type { ProgramSymbol } from "./symbol.ts";

/** Section of the debug file: a line `C NAME<tab>NAME` for each function. */
export const namesSection = ".unipkg.names";

/** File that lines of generated C are counted in. */
export const generatedFile = "unipkg-image.c";

export function writeNames(symbols: Iterable<ProgramSymbol>): string {
  return [...symbols].map(({ c, name }) => `${c}\t${name}\n`).join("");
}

/**
 * Rewrites each `pc=0x1234` to `FUNCTION (FILE:LINE)`, with the functions that it was inlined into
 * after it. Text that cannot be resolved stays as it is.
 */
export async function symbolize(debugFile: string, text: string): Promise<string> {
  const counters = [...new Set(text.match(/\bpc=0x[0-9a-f]+/g) ?? [])];
  if (counters.length === 0) return text;
  const names = await readNames(debugFile);
  let resolved = text;
  for (const counter of counters) {
    const place = await lookUp(debugFile, counter.slice(3), names);
    if (place !== null) resolved = resolved.replaceAll(counter, place);
  }
  return resolved;
}

async function readNames(debugFile: string): Promise<ReadonlyMap<string, string>> {
  try {
    const section = readElf(await readFile(debugFile)).sections.find(
      ({ name }) => name === namesSection,
    );
    const lines = new TextDecoder().decode(section?.bytes).split("\n");
    return new Map(lines.map((line) => line.split("\t") as [string, string]));
  } catch {
    return new Map();
  }
}

function lookUp(
  debugFile: string,
  address: string,
  names: ReadonlyMap<string, string>,
): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("addr2line", ["-f", "-i", "-e", debugFile, address], (error, output) => {
      const lines = output.trimEnd().split("\n");
      if (error !== null || lines.length < 2 || lines[0] === "??") return resolve(null);
      const frames: string[] = [];
      for (let at = 0; at + 1 < lines.length; at += 2) {
        const symbol = lines[at]!.split(".", 1)[0]!;
        const place = lines[at + 1]!.replace(/ \(discriminator \d+\)$/, "").replace(/^\.\//, "");
        // What only carries the host's call over, or checks an address, says nothing to anybody.
        if (place.startsWith(`${generatedFile}:`) || place.includes("/machine.h:")) continue;
        const frame = `${names.get(symbol) ?? symbol} (${place})`;
        if (frames.at(-1) !== frame) frames.push(frame);
      }
      return resolve(frames.length === 0 ? null : frames.join(", in "));
    });
  });
}
