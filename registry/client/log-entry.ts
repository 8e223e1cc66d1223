/** What an entry of a registry's log must say: its subject, its time perhaps, and fields of its event. */
export interface ExpectedEntry {
  readonly subject: string;
  readonly time?: string;
  readonly event: Readonly<Record<string, string | null>>;
}

/** The index of the leaf that a line of a log is; or what is wrong with it, in a few words. */
export function leafOfEntry(
  line: Buffer | null,
  expected: ExpectedEntry,
): { readonly index: number; readonly bytes: Buffer } | { readonly wrong: string } {
  if (line === null) return { wrong: "there is no such entry" };
  const entry = parsed(line);
  const { seq, subject, time, event } = isRecord(entry) ? entry : {};
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || !isRecord(event)) {
    return { wrong: "the entry cannot be read" };
  }
  if (subject !== expected.subject) return { wrong: "the entry is about something else" };
  if (expected.time !== undefined && time !== expected.time)
    return { wrong: "it has another time" };
  const other = Object.entries(expected.event).find(([key, value]) => event[key] !== value);
  return other === undefined
    ? { index: seq - 1, bytes: line }
    : { wrong: `it has another ${other[0]}` };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
