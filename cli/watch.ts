import { type Dirent, existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { join, relative } from "node:path";

/** Editors write a file in several steps: one change is told when it has been quiet for so long. */
const quietMilliseconds = 100;

/** What building makes, and what is not source. */
const ignored = new Set([".unipkg", "unipkg.lock", ".git", "node_modules", "build"]);

/**
 * Watches all files below folders for one change. A folder that appears later is a change itself; what is in
 * it then is seen by the next watcher.
 */
export class Watcher {
  /** Path of what changed, relative to the first folder. */
  readonly changed: Promise<string>;
  readonly #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #paths: string[] = [];

  /** @param except paths of files whose changes are not told, absolute: what the program itself writes to */
  constructor(folders: readonly string[], except: readonly string[]) {
    let tell: (path: string) => void;
    this.changed = new Promise((resolve) => {
      tell = resolve;
    });
    const note = (path: string) => {
      this.#paths.push(path);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        // Files that an editor made on the way are gone by now; a file that was deleted is told, too.
        const path = this.#paths.find((each) => existsSync(each)) ?? this.#paths[0]!;
        tell(relative(folders[0]!, path));
      }, quietMilliseconds);
    };
    for (const folder of new Set(folders.flatMap(withSubfolders))) {
      const watcher = watch(folder, (_, name) => {
        if (name === null || ignored.has(name) || isTemporary(name)) return;
        const path = join(folder, name);
        if (!except.includes(path)) note(path);
      });
      // A folder that goes away is a change like any other.
      watcher.on("error", () => note(folder));
      this.#watchers.push(watcher);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }
}

function withSubfolders(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const below = entries
    .filter((entry) => entry.isDirectory() && !ignored.has(entry.name))
    .flatMap((entry) => withSubfolders(join(folder, entry.name)));
  return [folder, ...below];
}

/** Vim's test file, backups, and what unipkg renames into place. */
function isTemporary(name: string): boolean {
  return (
    name === "4913" ||
    name.endsWith("~") ||
    /^\..*\.sw[a-z]$/.test(name) ||
    name.startsWith("unipkg.lock.")
  );
}
