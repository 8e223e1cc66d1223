import type { JsonReader, JsonValue } from "../../registry/json-reader.ts";
import type { Path } from "./channel.ts";
import { readRate, readShare, readSize, readTime } from "./quantity.ts";

/** Keys of a link that say what it does to frames, each with how its value is read and called. */
const readers = {
  latency: [readTime, "delay", 'a time such as "20ms"'],
  bandwidth: [readRate, "bandwidth", 'a rate such as "10Mbit"'],
  queue: [readSize, "queue", 'a size such as "64KiB"'],
  loss: [readShare, "loss", 'a share such as "1%"'],
  duplicate: [readShare, "duplicate", 'a share such as "1%"'],
  reorder: [readShare, "reorder", 'a share such as "1%"'],
  corrupt: [readShare, "corrupt", 'a share such as "1%"'],
} as const satisfies Readonly<
  Record<string, readonly [(value: unknown) => number | null, keyof Path, string]>
>;

export const pathKeys: readonly string[] = Object.keys(readers);

/** Reads those of the fields that are about a path, over what is true already. */
export function readPath(
  reader: JsonReader,
  fields: ReadonlyMap<string, JsonValue>,
  usual: Path,
): Path {
  const path: Record<string, number> = { ...usual };
  for (const [key, [read, name, example]] of Object.entries(readers)) {
    const value = fields.get(key);
    if (value === undefined) continue;
    const number = read(value.node.value);
    if (number === null) reader.fault(value, `must be ${example}`);
    else path[name] = number;
  }
  return path;
}
