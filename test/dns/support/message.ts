/** DNS messages as data, written and read independently of the recipes: names are arrays of labels, octets are Latin-1. */

export type Name = readonly string[];

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class?: number;
}

export interface RecordData {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** In hexadecimal, names within not compressed. */
  readonly data: string;
}

export interface Message {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly Question[];
  readonly answer: readonly RecordData[];
  readonly authority: readonly RecordData[];
  readonly additional: readonly RecordData[];
}

export const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  DS: 43,
  AXFR: 252,
  ANY: 255,
} as const;

export const flags = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursion: 0x0100,
};

export function name(text: string): Name {
  return text === "." || text === "" ? [] : text.replace(/\.$/, "").split(".");
}

export function sameName(a: Name, b: Name): boolean {
  return key(a) === key(b);
}

/** The same for names that differ in case only. */
export function key(of: Name): string {
  return of.map((label) => label.replace(/[A-Z]/g, (letter) => letter.toLowerCase())).join("\0");
}

export function encodeName(of: Name): Buffer {
  const labels = of.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "latin1")]);
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export interface QueryOptions {
  readonly id?: number;
  readonly flags?: number;
  readonly class?: number;
  /** The UDP payload of an OPT; without one there is none. */
  readonly payload?: number;
}

export function query(of: Name, type: number, options: QueryOptions = {}): Buffer {
  const { id = 1, flags: set = 0, payload } = options;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id);
  header.writeUInt16BE(set, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(payload === undefined ? 0 : 1, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(type);
  tail.writeUInt16BE(options.class ?? 1, 2);
  return Buffer.concat([
    header,
    encodeName(of),
    tail,
    payload === undefined ? Buffer.alloc(0) : opt(payload),
  ]);
}

export function opt(payload: number, version = 0): Buffer {
  const record = Buffer.alloc(11);
  record.writeUInt16BE(types.OPT, 1);
  record.writeUInt16BE(payload, 3);
  record[6] = version;
  return record;
}

/** Types whose data have names that may be compressed: octets before, names, octets after. */
const layouts: Readonly<Record<number, readonly [number, number, number]>> = {
  [types.NS]: [0, 1, 0],
  [types.CNAME]: [0, 1, 0],
  [types.PTR]: [0, 1, 0],
  [types.MX]: [2, 1, 0],
  [types.SOA]: [0, 2, 20],
};

/** Reads a message strictly: what is not exactly right throws. */
export function decode(bytes: Buffer): Message {
  const counts = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
  let at = 12;
  const questions: Question[] = [];
  for (let index = 0; index < counts[0]!; index++) {
    const [of, after] = decodeName(bytes, at);
    questions.push({
      name: of,
      type: bytes.readUInt16BE(after),
      class: bytes.readUInt16BE(after + 2),
    });
    at = after + 4;
  }
  const section = (count: number): RecordData[] => {
    const records: RecordData[] = [];
    for (let index = 0; index < count; index++) {
      const [owner, after] = decodeName(bytes, at);
      const type = bytes.readUInt16BE(after);
      const length = bytes.readUInt16BE(after + 8);
      const end = after + 10 + length;
      if (end > bytes.length) throw new Error("data beyond the message");
      records.push({
        owner,
        type,
        class: bytes.readUInt16BE(after + 2),
        ttl: bytes.readUInt32BE(after + 4),
        data: decodeData(bytes, after + 10, end, layouts[type] ?? [length, 0, 0]).toString("hex"),
      });
      at = end;
    }
    return records;
  };
  const [answer, authority, additional] = [
    section(counts[1]!),
    section(counts[2]!),
    section(counts[3]!),
  ];
  if (at !== bytes.length) throw new Error(`${bytes.length - at} octets after the message`);
  return {
    id: bytes.readUInt16BE(0),
    flags: bytes.readUInt16BE(2),
    questions,
    answer,
    authority,
    additional,
  };
}

function decodeData(
  bytes: Buffer,
  start: number,
  end: number,
  [before, names, after]: readonly [number, number, number],
): Buffer {
  const parts = [bytes.subarray(start, start + before)];
  let at = start + before;
  for (let count = 0; count < names; count++) {
    const [of, next] = decodeName(bytes, at);
    parts.push(encodeName(of));
    at = next;
  }
  if (at + after !== end) throw new Error("data of another length than their type's");
  return Buffer.concat([...parts, bytes.subarray(at, end)]);
}

function decodeName(bytes: Buffer, start: number): [Name, number] {
  const labels: string[] = [];
  let at = start;
  let after = -1;
  let bound = start;
  for (;;) {
    const length = bytes[at]!;
    if (length === undefined) throw new Error("name beyond the message");
    if (length === 0) break;
    if (length < 64) {
      labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
      continue;
    }
    const target = bytes.readUInt16BE(at) & 0x3fff;
    if (length < 0xc0 || target >= bound || target < 12) throw new Error("bad pointer");
    if (after < 0) after = at + 2;
    bound = target;
    at = target;
  }
  return [labels, after < 0 ? at + 1 : after];
}
