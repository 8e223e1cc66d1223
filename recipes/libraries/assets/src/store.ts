import { File, folder } from "config";

/** A value of the store. */
export class Entry {
  private view: Uint8Array;

  constructor(private file: File) {
    this.view = viewOf(file.address, file.length);
  }

  /** The whole content. Shared with the store: not to be written to. */
  get bytes(): Uint8Array {
    return this.view;
  }

  /** A short text that is the same for the same content, and another for another: made of letters, digits, `-` and `_`. */
  get tag(): string {
    return this.file.tag;
  }
}

/** The value at `key`, or null. Keys of stores made from folders are paths with `/`, without one in front: `css/site.css`. */
export function get(key: string): Entry | null {
  return entries.has(key) ? entries.get(key) : null;
}

/** All keys that begin with `prefix`, sorted by UTF-16 code units. */
export function keys(prefix: string): string[] {
  const found: string[] = [];
  for (let index = 0; index < folder.length; index++) {
    const path = folder[index].path;
    if (path.startsWith(prefix)) found.push(path);
  }
  return found;
}

const entries: Map<string, Entry> = index();

function index(): Map<string, Entry> {
  const map = new Map<string, Entry>();
  for (let index = 0; index < folder.length; index++) {
    map.set(folder[index].path, new Entry(folder[index]));
  }
  return map;
}

/** A view of memory that no array owns: one without bytes is made to show it. Its `buffer` stays empty. */
function viewOf(address: usize, length: i32): Uint8Array {
  const view = new Uint8Array(0);
  store<usize>(changetype<usize>(view), address, offsetof<Uint8Array>("dataStart"));
  store<i32>(changetype<usize>(view), length, offsetof<Uint8Array>("byteLength"));
  return view;
}
