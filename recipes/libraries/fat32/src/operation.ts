import * as block from "block";
import * as event from "event";
import { Changed, Changes } from "./changes";
import { Entry } from "./entry";
import { Folder } from "./folder";
import { isName } from "./name";
import { ABSENT, CORRUPT, DONE, FAILED, INVALID, WRONG_KIND } from "./result";
import { NONE } from "./table";
import { Volume } from "./volume";

/** What waits for an operation to be over. */
export interface Queue {
  onOver(): void;
}

/**
 * One thing that is asked of a volume. First the folders of its path are read, from the root on; then `act` does the rest,
 * on what is in memory and by `changes`.
 */
export class Operation implements block.Waiter, event.Task, Changed {
  /** The folder that the path's last name is in, and what is there of that name. For the root: the root, and null. */
  protected folder: Folder | null = null;
  protected entry: Entry | null = null;
  /** The last name of the path; empty for the root. */
  protected name: string = "";
  protected changes: Changes;
  private names: string[];
  /** How many names of the path were dealt with. */
  private depth: i32 = 0;
  private loading: Folder | null = null;
  private reads: i32 = 0;
  private isFailed: bool = false;
  protected queue: Queue | null = null;
  private result: i32 = DONE;

  constructor(
    protected volume: Volume,
    path: string,
  ) {
    this.names = namesOf(path);
    this.changes = new Changes(volume.disk, volume.boot);
  }

  /** Begins it. */
  begin(queue: Queue): void {
    this.queue = queue;
    this.follow();
  }

  /** Goes along another path, with an `act` of its own. */
  protected followNext(path: string): void {
    this.names = namesOf(path);
    this.depth = 0;
    this.name = "";
    this.entry = null;
    this.follow();
  }

  private follow(): void {
    for (let index = 0; index < this.names.length; index++) {
      if (!isName(this.names[index])) {
        this.later(INVALID);
        return;
      }
    }
    if (this.volume.isDead) this.later(FAILED);
    else this.load(this.volume.boot.rootCluster);
  }

  /** The path was followed; a folder or a file may be at its end. */
  protected act(): void {}

  /** It is over. */
  protected tell(_result: i32): void {}

  /** Ends it, in a task if need be. */
  protected later(result: i32): void {
    this.result = result;
    event.defer(this);
  }

  run(): void {
    this.end(this.result);
  }

  /** Makes the changes, and ends it with their result. */
  protected make(): void {
    this.volume.table.write(this.changes);
    this.volume.writeInfo(this.changes);
    this.changes.make(this);
  }

  onChanged(result: i32): void {
    if (result != DONE) this.volume.isDead = true;
    this.end(result);
  }

  /** Part of a folder is read. */
  onDone(result: i32): void {
    if (result != block.DONE) this.isFailed = true;
    if (--this.reads > 0) return;
    if (this.isFailed) this.end(FAILED);
    else this.onLoaded(new Folder(this.volume.boot, this.loading!.clusters, this.loading!.bytes));
  }

  protected end(result: i32): void {
    this.tell(result);
    this.queue!.onOver();
  }

  /** Reads a folder and goes on with the path in it. */
  protected load(first: u32): void {
    const boot = this.volume.boot;
    const clusters = this.volume.table.chain(first == NONE ? boot.rootCluster : first);
    if (
      clusters === null ||
      clusters.length == 0 ||
      clusters.length > LARGEST_FOLDER / boot.clusterSize + 1
    ) {
      this.later(CORRUPT);
      return;
    }
    const bytes = new Uint8Array(clusters.length * boot.clusterSize);
    this.loading = new Folder(boot, clusters, bytes);
    this.reads = this.volume.transfer(false, clusters, 0, bytes, this, null);
  }

  /** The folder at the present depth is there. */
  protected onLoaded(folder: Folder): void {
    this.folder = folder;
    if (this.names.length == 0) {
      this.act();
      return;
    }
    this.name = this.names[this.depth++];
    const entry = folder.find(this.name);
    if (this.depth == this.names.length) {
      this.entry = entry;
      this.act();
    } else if (entry === null) {
      this.end(ABSENT);
    } else if (!entry.isFolder) {
      this.end(WRONG_KIND);
    } else {
      this.load(entry.cluster);
    }
  }
}

function namesOf(path: string): string[] {
  return path.length == 0 ? [] : path.split("/");
}

/** Bytes of the largest folder: 65,536 entries. */
export const LARGEST_FOLDER: i32 = 65536 * 32;
