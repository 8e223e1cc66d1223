/**
 * What has come of a body so far. A transfer that broke off goes on where it was (RFC 9110, 14.2); whoever asks for
 * that must know the whole by its digest, since a server may have other bytes by then.
 */
export class PartialBody {
  #chunks: Buffer[];
  #length: number;

  constructor(bytes: Buffer | null = null) {
    this.#chunks = bytes === null ? [] : [bytes];
    this.#length = bytes?.length ?? 0;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  append(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  clear(): void {
    this.#chunks = [];
    this.#length = 0;
  }

  /** Headers that ask for the rest. */
  get headers(): Readonly<Record<string, string>> {
    return this.#length === 0 ? {} : { range: `bytes=${this.#length}-` };
  }

  /** Gets ready for an answer's body: the rest, or the whole from its begin. False when it is of no use. */
  begins(status: number, contentRange: string | undefined): boolean {
    if (status === 206) return contentRange?.startsWith(`bytes ${this.#length}-`) === true;
    if (status === 200) this.clear();
    return status === 200;
  }
}
