/** Outcome: there are records. */
export declare const FOUND: i32;

/** Outcome: the name exists, but has no records of the type. */
export declare const NO_DATA: i32;

/** Outcome: there is no such name. */
export declare const NO_NAME: i32;

/** Outcome: no server gave an answer that can be used. */
export declare const FAILED: i32;

/** Outcome: what was asked for is no name. */
export declare const NOT_A_NAME: i32;

/** What is told of a look-up of records. */
export interface Handler {
  /** The outcome, one of those above. Told once, never before `lookup` has returned. */
  onAnswer(answer: Answer): void;
}

/** Records of a name. */
export declare class Answer {
  /** One of the outcomes above. */
  get outcome(): i32;

  /** The name that was asked for, as text. */
  get name(): string;

  /** The name that has the records: another one when aliases were followed. */
  get canonicalName(): string;

  /** Data of the records, in wire form with names not compressed: 4 octets for a record A, 16 for AAAA. Empty unless found. */
  get records(): Uint8Array[];

  /** Seconds that the answer may be kept. */
  get ttl(): u32;
}

/** Looks up the records of `type` (1 is A, 28 is AAAA, 15 is MX …) of `name`: `www.example.org`, a final dot or not. */
export declare function lookup(name: string, type: u16, handler: Handler): void;
