/** WebAssembly as browsers get it: without what only tools read. https://webassembly.github.io/spec/core/binary/ */

const magicAndVersion = 8;
const customSection = 0;

/** The module without its custom sections, and with one that names its source map, which browsers' debuggers show. */
export function withoutCustomSections(wasm: Uint8Array, sourceMap: string): Uint8Array {
  const kept: Uint8Array[] = [wasm.subarray(0, magicAndVersion)];
  let at = magicAndVersion;
  while (at < wasm.length) {
    const start = at;
    const kind = wasm[at++];
    const { value: length, next } = readUnsigned(wasm, at);
    at = next + length;
    if (kind !== customSection) kept.push(wasm.subarray(start, at));
    else if (kept.length === 1) throw new Error("a custom section before the code moves it");
  }
  const name = text("sourceMappingURL");
  const url = text(sourceMap);
  const body = Buffer.concat([name, url]);
  return Buffer.concat([...kept, Buffer.from([customSection, ...unsigned(body.length)]), body]);
}

/** A vector of bytes that are UTF-8. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from(unsigned(bytes.length)), bytes]);
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function readUnsigned(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0;
  let next = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[next++]!;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next };
  }
}
