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
  const place = isAbort
    ? ` at ${top === undefined ? "" : `${top.function} `}(${error.place})`
    : top === undefined
      ? ""
      : ` at ${top.function}${top.place === null ? "" : ` (${top.place})`}`;
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

/** Generated code may have no source, and Node then answers an entry without one. */
function placeAt(map: SourceMap | null, offset: number): string | null {
  const entry: Partial<SourceMapping> | undefined = map?.findEntry(0, offset);
  if (entry?.originalSource === undefined || entry.originalLine === undefined) return null;
  return `${entry.originalSource.replace(/^\.\/[^/]*\.wasm\//, "")}:${entry.originalLine + 1}`;
}

/** `http1/src/head/Head#parse` -> `Head#parse`; the standard library keeps its path. */
function shortName(name: string): string {
  return name.startsWith("~lib/") ? name : name.slice(name.lastIndexOf("/") + 1);
}
