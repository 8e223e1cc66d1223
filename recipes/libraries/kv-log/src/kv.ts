import { Opener, Opening } from "./opening";

export { Batch } from "./batch";
export { Writer } from "./committer";
export { Opener } from "./opening";
export { ABSENT, BUSY, CORRUPT, DONE, FAILED, FOREIGN, FULL, INVALID } from "./result";
export { Store } from "./store";
export { Reader } from "./value";

/** Opens the store and tells `opener`. All who open it get the same one, which stays open until the program ends. */
export function open(opener: Opener): void {
  opening.add(opener);
}

const opening: Opening = new Opening();
