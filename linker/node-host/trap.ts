import { SourceMap, type SourceMapping } from "node:module";
import { Exit, trapStatus } from "./abi.ts";
import { webAssembly } from "./webassembly.ts";

/** The one line that tells why an image ended against its will, and where. Not an error of the image: thrown on. */
export function describeTrap(
  error: unknown,
  sourceMap: string | undefined,
): { readonly status: number; readonly message: string } {
  if (!(error instanceof Error)) throw error;
  const isAbort = error instanceof Exit;
  const { RuntimeError, LinkError } = webAssembly;
  // RangeError: the stack is exhausted.
  const ours = [RuntimeError, LinkError, RangeError].some((kind) => error instanceof kind);
  if (!isAbort && !ours) throw error;
  const frames = framesOf(error, sourceMap);
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

/** V8 writes `at NAME (wasm://wasm/HASH:wasm-function[INDEX]:0xOFFSET)`; the offset is the map's column. */
function framesOf(error: Error, sourceMap: string | undefined): Frame[] {
  const map = sourceMap === undefined ? null : new SourceMap(JSON.parse(sourceMap));
  const frames: Frame[] = [];
  const pattern = /at (?:(\S+) \()?wasm:\/\/[^\n]*wasm-function\[(\d+)\]:0x([0-9a-f]+)/g;
  for (const [, name, index, offset] of (error.stack ?? "").matchAll(pattern)) {
    frames.push({
      function: shortName(name ?? `function ${index}`),
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
    // Generated code has no source: Node then answers an entry without one.
    const entry: Partial<SourceMapping> = map.findEntry(0, offset - before);
    if (entry.originalSource === undefined || entry.originalLine === undefined) continue;
    const source = entry.originalSource.replace(/^\.\/[^/]*\.wasm\//, "");
    const found = `${source}:${entry.originalLine + 1}`;
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
  return Buffer.from(memory.buffer, address, length).toString("utf16le");
}
