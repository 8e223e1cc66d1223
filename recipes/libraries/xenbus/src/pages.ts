import * as host from "./host/grant";

export const PAGE: i32 = 4096;

/** Pages of the program's memory, one after another, that another domain is given for its use (grant_table.h). */
export class Pages {
  /** Where the first one is. */
  readonly address: usize;
  private memory: Uint8Array;
  /** Reference of each page; -1 while it is not given. */
  private references: StaticArray<i32>;

  constructor(readonly count: i32) {
    // One more, since memory begins anywhere.
    const memory = new Uint8Array((count + 1) * PAGE);
    this.memory = memory;
    this.address = (memory.dataStart + PAGE - 1) & ~(<usize>(PAGE - 1));
    this.references = new StaticArray<i32>(count);
    this.references.fill(-1);
  }

  /** Gives all of them; false, and none is given, when there are no references left. */
  give(domain: i32, readOnly: bool): bool {
    for (let page = 0; page < this.count; page++) {
      const reference = host.give(domain, this.address + page * PAGE, i32(readOnly));
      if (reference < 0) {
        this.revoke();
        return false;
      }
      this.references[page] = reference;
    }
    return true;
  }

  /** Takes all of them back; false when the other domain still uses some: those must not be used for anything else. */
  revoke(): bool {
    let whole = true;
    for (let page = 0; page < this.count; page++) {
      const reference = this.references[page];
      if (reference < 0) continue;
      if (host.revoke(reference) == 0) this.references[page] = -1;
      else whole = false;
    }
    return whole;
  }

  reference(page: i32): i32 {
    return this.references[page];
  }

  /** A view of `length` bytes from `offset` on. */
  view(offset: i32, length: i32): Uint8Array {
    const begin = <i32>(this.address - this.memory.dataStart) + offset;
    return this.memory.subarray(begin, begin + length);
  }
}

/** Pages that another domain has given us. They are at addresses of ours until `close`. */
export class ForeignPages {
  private own: Pages;
  private mapped: i32 = 0;

  private constructor(count: i32) {
    this.own = new Pages(count);
  }

  /** Null when one of them is not given to us. */
  static map(domain: i32, references: i32[]): ForeignPages | null {
    const pages = new ForeignPages(references.length);
    for (let page = 0; page < references.length; page++) {
      if (host.map(domain, references[page], pages.own.address + page * PAGE) < 0) {
        pages.close();
        return null;
      }
      pages.mapped = page + 1;
    }
    return pages;
  }

  get address(): usize {
    return this.own.address;
  }

  close(): void {
    for (let page = 0; page < this.mapped; page++) host.unmap(this.own.address + page * PAGE);
    this.mapped = 0;
  }
}
