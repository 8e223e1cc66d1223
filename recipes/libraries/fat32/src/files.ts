import { Opener, Opening } from "./opening";

export { Asker } from "./asking";
export { Waiter } from "./change";
export { Entry } from "./entry";
export { Opener } from "./opening";
export { Reader } from "./reading";
export {
  ABSENT,
  CORRUPT,
  DONE,
  EXISTS,
  FAILED,
  FOREIGN,
  FULL,
  INVALID,
  NOT_EMPTY,
  WRONG_KIND,
} from "./result";
export { Volume } from "./volume";

/** Opens the volume and tells `opener`. All who open it get the same one, which stays open until the program ends. */
export function open(opener: Opener): void {
  opening.add(opener);
}

const opening: Opening = new Opening();
