import { Entry } from "./entry";
import { Folder } from "./folder";
import { Operation } from "./operation";
import { ABSENT, DONE, INVALID, WRONG_KIND } from "./result";
import { Volume } from "./volume";

/** What waits to learn what there is. */
export interface Asker {
  /** One entry, or those of a folder sorted by name; null with why. */
  onEntries(entries: Entry[] | null, result: i32): void;
}

/** What is at a path. */
export class Info extends Operation {
  private found: Entry[] | null = null;

  constructor(
    volume: Volume,
    path: string,
    private asker: Asker,
  ) {
    super(volume, path);
  }

  protected act(): void {
    const entry = this.entry;
    if (entry !== null) this.found = [entry];
    if (entry !== null) this.end(DONE);
    // The root has no entry.
    else this.end(this.name.length == 0 ? INVALID : ABSENT);
  }

  protected tell(result: i32): void {
    this.asker.onEntries(this.found, result);
  }
}

/** What is in a folder. */
export class List extends Operation {
  private found: Entry[] | null = null;
  private isInside: bool = false;

  constructor(
    volume: Volume,
    path: string,
    private asker: Asker,
  ) {
    super(volume, path);
  }

  protected act(): void {
    const entry = this.entry;
    if (this.name.length == 0) this.answer(this.folder!);
    else if (entry === null) this.end(ABSENT);
    else if (!entry.isFolder) this.end(WRONG_KIND);
    else {
      this.isInside = true;
      this.load(entry.cluster);
    }
  }

  protected onLoaded(folder: Folder): void {
    if (this.isInside) this.answer(folder);
    else super.onLoaded(folder);
  }

  protected tell(result: i32): void {
    this.asker.onEntries(this.found, result);
  }

  private answer(folder: Folder): void {
    this.found = folder.entries().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    this.end(DONE);
  }
}
