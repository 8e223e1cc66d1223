import { createHash } from "node:crypto";
import pg from "pg";
import type { Entry } from "./event.ts";
import { formatLine, type LogLine, noLine, parseLogLine, type TakeLine } from "./log-line.ts";
import type { Draft, State } from "./state.ts";

/** Any number, the same for all instances: who holds it appends (pg_advisory_xact_lock). */
const lockKey = 7_364_839_021;

/**
 * The log of a registry in PostgreSQL: a table of the same lines as an embedded registry's file, in the same chain. Several
 * instances append to it, one at a time, and each takes in what the others appended before it answers or appends.
 */
export class DatabaseLog {
  readonly #pool: pg.Pool;
  readonly #state: State;
  readonly #take: TakeLine;
  readonly #salt: () => string;
  readonly #now: () => Date;
  #previous = noLine;
  #waiting: Waiting[] = [];
  /** Work on the log is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isWriting = false;
  /** A look at the database that has not begun yet: whoever comes now is served by it. */
  #coming: Promise<void> | null = null;

  private constructor(
    url: string,
    state: State,
    take: TakeLine,
    salt: () => string,
    now: () => Date,
  ) {
    this.#pool = new pg.Pool({ connectionString: url, max: 8, ...timeouts });
    // A lost connection is told to whoever waits for it, and is no reason to end: the next one gets another.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => void client.on("error", () => {}));
    this.#state = state;
    this.#take = take;
    this.#salt = salt;
    this.#now = now;
  }

  /**
   * Opens the log, and makes its table when there is none. Throws when the database cannot be reached, or its lines are
   * not a chain.
   *
   * @param state what the entries add up to, by `take`
   */
  static async open(
    url: string,
    state: State,
    take: TakeLine,
    salt: () => string,
    now: () => Date,
  ): Promise<DatabaseLog> {
    const log = new DatabaseLog(url, state, take, salt, now);
    try {
      await log.#pool.query(makeTable);
      await log.refresh();
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** Fills a database that has no log, or a begin of this one. Throws a sentence when it has another. */
  static async fill(url: string, lines: readonly Buffer[]): Promise<void> {
    const client = new pg.Client({ connectionString: url, ...timeouts });
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      await client.query(makeTable);
      const { rows } = await client.query<Row>("SELECT seq, line FROM unipkg_log ORDER BY seq");
      if (rows.some(({ line }, at) => line !== String(lines[at] ?? ""))) {
        throw new Error("the database has another log already");
      }
      for (let from = rows.length; from < lines.length; from += 1000) {
        const part = lines.slice(from, from + 1000);
        const numbers = part.map((_, at) => from + at + 1);
        await client.query(insert, [numbers, part.map(String)]);
      }
      await client.query("COMMIT");
    } finally {
      await client.end();
    }
  }

  /** As `Storage.append`. Those who wait are written in one transaction. */
  append(drafts: readonly Draft[], after: number): Promise<readonly Entry[] | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drafts, after, resolve, reject });
      if (this.#isWriting) return;
      this.#isWriting = true;
      void this.#inTurn(async () => {
        while (this.#waiting.length > 0) {
          const batch = this.#waiting;
          this.#waiting = [];
          await this.#write(batch).catch((error: Error) => {
            for (const { reject } of batch) reject(error);
          });
        }
        this.#isWriting = false;
      });
    });
  }

  /** Takes in all that was there when it was called. Many who ask at the same time cost one look. */
  refresh(): Promise<void> {
    this.#coming ??= this.#inTurn(() => {
      this.#coming = null;
      return this.#catchUp(this.#pool);
    });
    return this.#coming;
  }

  /** Lines of entries with `seq` beyond, in order. */
  async *lines(after: number): AsyncIterable<LogLine> {
    for await (const line of linesAfter(this.#pool, after))
      yield parseLogLine(line, "the database");
  }

  async line(seq: number): Promise<Buffer | null> {
    const query = "SELECT line FROM unipkg_log WHERE seq = $1";
    const { rows } = await this.#pool.query<Row>(query, [seq]);
    return rows[0] === undefined ? null : Buffer.from(rows[0].line);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#pool.end();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
      return;
    }
    let made: readonly Made[] = [];
    try {
      await client.query("BEGIN");
      await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      await this.#catchUp(client);
      made = this.#linesOf(batch);
      const lines = made.flatMap((each) => each.lines);
      await client.query(insert, [
        lines.map(({ entry }) => entry.seq),
        lines.map(({ bytes }) => String(bytes)),
      ]);
      await client.query("COMMIT");
      client.release();
    } catch (error) {
      client.release(error as Error);
      await this.#settleUnknown(batch, made, error as Error);
      return;
    }
    for (const { lines } of made) for (const line of lines) this.#takeIn(line);
    this.#settle(batch, made);
  }

  /** Lines for all who are still first; the others get null. */
  #linesOf(batch: readonly Waiting[]): readonly Made[] {
    let seq = this.#state.last;
    let previous = this.#previous;
    const time = this.#now().toISOString();
    const subjects = new Set<string>();
    return batch.flatMap((waiting) => {
      const subject = waiting.drafts[0]!.subject;
      if (this.#state.lastOf(subject) !== waiting.after || subjects.has(subject)) return [];
      subjects.add(subject);
      const lines = waiting.drafts.map((draft) => {
        const entry: Entry = { seq: ++seq, time, ...draft };
        const bytes = formatLine(entry, this.#salt(), previous);
        previous = digestOf(bytes);
        return { entry, bytes };
      });
      return [{ waiting, lines }];
    });
  }

  #settle(batch: readonly Waiting[], made: readonly Made[]): void {
    for (const waiting of batch) {
      const lines = made.find((each) => each.waiting === waiting)?.lines;
      waiting.resolve(lines === undefined ? null : lines.map(({ entry }) => entry));
    }
  }

  /** The connection broke, perhaps between the commit and its answer: the log itself says whether the lines are there. */
  async #settleUnknown(
    batch: readonly Waiting[],
    made: readonly Made[],
    error: Error,
  ): Promise<void> {
    try {
      const first = made[0]?.lines[0];
      if (first === undefined) throw error;
      await this.#catchUp(this.#pool);
      const stored = await this.line(first.entry.seq);
      // The salt makes a line ours.
      if (stored === null || !stored.equals(first.bytes)) throw error;
      this.#settle(batch, made);
    } catch {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Takes in what the state does not have yet. */
  async #catchUp(client: Pick<pg.Pool, "query">): Promise<void> {
    for await (const line of linesAfter(client, this.#state.last)) {
      const read = parseLogLine(line, "the database");
      if (read.previous !== this.#previous || read.entry.seq !== this.#state.last + 1) {
        throw new Error(`the database: entry ${read.entry.seq} does not follow the one before it`);
      }
      this.#takeIn(read);
    }
  }

  #takeIn({ entry, bytes }: Pick<LogLine, "entry" | "bytes">): void {
    this.#take(entry, bytes);
    this.#previous = digestOf(bytes);
  }
}

/** The lines of a database, as they are. Throws when it has no log. */
export async function* readLines(url: string): AsyncIterable<Buffer> {
  const client = new pg.Client({ connectionString: url, ...timeouts });
  await client.connect();
  try {
    yield* linesAfter(client, 0);
  } finally {
    await client.end();
  }
}

/** Lines of entries with `seq` beyond, in order, a thousand at a time. */
async function* linesAfter(client: Pick<pg.Pool, "query">, after: number): AsyncIterable<Buffer> {
  for (let from = after; ; ) {
    const { rows } = await client.query<Row>(nextLines, [from]);
    for (const { line } of rows) yield Buffer.from(line);
    if (rows.length < 1000) return;
    from = Number(rows.at(-1)!.seq);
  }
}

interface Waiting {
  readonly drafts: readonly Draft[];
  readonly after: number;
  resolve(entries: readonly Entry[] | null): void;
  reject(error: Error): void;
}

interface Made {
  readonly waiting: Waiting;
  readonly lines: readonly Pick<LogLine, "entry" | "bytes">[];
}

interface Row {
  readonly seq: string;
  readonly line: string;
}

const makeTable =
  "CREATE TABLE IF NOT EXISTS unipkg_log (seq bigint PRIMARY KEY, line text NOT NULL)";
const nextLines = "SELECT seq, line FROM unipkg_log WHERE seq > $1 ORDER BY seq LIMIT 1000";
const insert = "INSERT INTO unipkg_log SELECT * FROM unnest($1::bigint[], $2::text[])";

/** Milliseconds: a database that does not answer must not hold a request for ever. */
const timeouts = { connectionTimeoutMillis: 10_000, query_timeout: 30_000, keepAlive: true };

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
