/** Outcome: there are records. */
export const FOUND: i32 = 0;

/** Outcome: the name exists, but has no records of the type. */
export const NO_DATA: i32 = 1;

/** Outcome: there is no such name. */
export const NO_NAME: i32 = 2;

/** Outcome: no server gave an answer that can be used. */
export const FAILED: i32 = 3;

/** Outcome: what was asked for is no name. */
export const NOT_A_NAME: i32 = 4;

/** Records of a name. */
export class Answer {
  private canonical: string = "";
  private data: Uint8Array[] = [];
  private seconds: u32 = 0;

  constructor(
    private readonly is: i32,
    private readonly asked: string,
  ) {
    this.canonical = asked;
  }

  /** @param ttl seconds that it may be kept */
  static of(outcome: i32, canonicalName: string, records: Uint8Array[], ttl: u32): Answer {
    const answer = new Answer(outcome, canonicalName);
    answer.data = records;
    answer.seconds = ttl;
    return answer;
  }

  /** The same answer to one who asked by another spelling. */
  withName(name: string): Answer {
    const answer = new Answer(this.is, name);
    answer.canonical = this.is == FAILED ? name : this.canonical;
    answer.data = this.data;
    answer.seconds = this.seconds;
    return answer;
  }

  /** The same answer later: the seconds that are left of it. */
  withTtl(ttl: u32): Answer {
    return Answer.of(this.is, this.canonical, this.data, ttl);
  }

  /** One of the outcomes above. */
  get outcome(): i32 {
    return this.is;
  }

  /** The name that was asked for, as text. */
  get name(): string {
    return this.asked;
  }

  /** The name that has the records: another one when aliases were followed. */
  get canonicalName(): string {
    return this.canonical;
  }

  /** Data of the records, in wire form with names not compressed: 4 octets for a record A, 16 for AAAA. Empty unless found. */
  get records(): Uint8Array[] {
    return this.data;
  }

  /** Seconds that the answer may be kept. */
  get ttl(): u32 {
    return this.seconds;
  }
}
