import { SourceMap } from "../native/source-map.ts";
import { Exit, trapStatus } from "./abi.ts";
import { webAssembly } from "./webassembly.ts";

/** What tells more of a place in the code than the engine does. */
export interface Symbols {
  /** Source map (version 3) of the wasm, so that traps name lines. */
  readonly sourceMap?: string | undefined;
  /** Names of functions by their index, for a wasm without its names. */
  readonly names?: Readonly<Record<number, string>> | undefined;
}

/** The one line that tells why an image ended against its will, and where. Not an error of the image: thrown on. */
export function describeTrap(
  error: unknown,
  symbols: Symbols,
): { readonly status: number; readonly message: string } {
  if (!(error instanceof Error)) throw error;
  const isAbort = error instanceof Exit;
  const { RuntimeError, LinkError } = webAssembly;
  // RangeError: the stack is exhausted; Firefox has an error of its own for that.
  const ours = [RuntimeError, LinkError, RangeError].some((kind) => error instanceof kind);
  if (!isAbort && !ours && error.name !== "InternalError") throw error;
  const frames = framesOf(error, symbols);
  const [top] = frames;
  // An assertion of the program's own says itself where it stands.
  const own = isAbort && error.place?.startsWith("~lib/") === false ? error.place : null;
  const where = own ?? top?.place ?? (isAbort ? error.place : null);
  const place =
    top === undefined ? "" : ` at ${top.function}${where === null ? "" : ` (${where})`}`;
  return { status: trapStatus, message: `trap: ${error.message}${place}` };
}

interface Frame {
  readonly function: string;
  readonly place: string | null;
}

/**
 * V8 writes `at NAME (URL:wasm-function[INDEX]:0xOFFSET)`, without the name and brackets when the wasm has no names; Firefox
 * `NAME@URL:wasm-function[INDEX]:0xOFFSET`. The offset is the map's column.
 */
const framePattern = /(?:at (\S+) \(|(\S+)@)?[^\s(@]*wasm-function\[(\d+)\]:0x([0-9a-f]+)/g;

function framesOf(error: Error, { sourceMap, names }: Symbols): Frame[] {
  const map = sourceMap === undefined ? null : new SourceMap(sourceMap);
  const frames: Frame[] = [];
  for (const match of (error.stack ?? "").matchAll(framePattern)) {
    const [, v8, firefox, index, offset] = match;
    const told = names?.[Number(index)] ?? v8 ?? firefox;
    frames.push({
      function: shortName(told ?? `function ${index}`),
      place: placeAt(map, Number.parseInt(offset!, 16)),
    });
  }
  // The frames of abort's own and of the standard library's say less than who called them.
  const own = frames.filter((frame) => !frame.function.startsWith("~lib/"));
  return own.length > 0 ? own : frames;
}

/**
 * The source place of an offset: of the last instruction before it, not far, that is not the standard library's, whose
 * functions are mostly inlined into their callers. Without one, the library's own place.
 */
function placeAt(map: SourceMap | null, offset: number): string | null {
  let place: string | null = null;
  for (let before = 0; before < inlinedBytes && map !== null; before++) {
    const line = map.at(offset - before);
    if (line === null) continue;
    const source = line.file.replace(/^\.\/[^/]*\.wasm\//, "");
    const found = `${source}:${line.line}`;
    if (!source.startsWith("~lib/")) return found;
    place ??= found;
  }
  return place;
}

/** As far as code of one inlined function goes, mostly. */
const inlinedBytes = 256;

/** `http1/src/head/Head#parse` -> `Head#parse`; the standard library keeps its path. */
function shortName(name: string): string {
  return name.startsWith("~lib/") ? name : name.slice(name.lastIndexOf("/") + 1);
}

/** A string of AssemblyScript: UTF-16, its length in bytes in the four bytes before it. */
export function textAt(memory: Uint8Array, address: number): string {
  if (address < 4) return "";
  const view = new DataView(memory.buffer);
  const length = view.getUint32(address - 4, true);
  return utf16.decode(memory.subarray(address, address + length));
}

const utf16 = new TextDecoder("utf-16le");
