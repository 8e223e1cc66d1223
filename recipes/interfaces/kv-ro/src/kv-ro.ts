/** A value of the store. */
export declare class Entry {
  /** The whole content. Shared with the store: not to be written to. */
  get bytes(): Uint8Array;

  /** A short text that is the same for the same content, and another for another: made of letters, digits, `-` and `_`. */
  get tag(): string;
}

/** The value at `key`, or null. Keys of stores made from folders are paths with `/`, without one in front: `css/site.css`. */
export declare function get(key: string): Entry | null;

/** All keys that begin with `prefix`, sorted by UTF-16 code units. */
export declare function keys(prefix: string): string[];
