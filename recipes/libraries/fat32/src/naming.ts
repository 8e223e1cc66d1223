import { Change, Waiter } from "./change";
import { Entry, writeEntry } from "./entry";
import { Folder } from "./folder";
import { ENTRY } from "./name";
import { LARGEST_FOLDER } from "./operation";
import { ABSENT, CORRUPT, EXISTS, FULL, INVALID, NOT_EMPTY } from "./result";
import { NONE } from "./table";
import { Volume } from "./volume";

/** A change that puts a name into a folder. */
class Naming extends Change {
  /** Entries where the name can go, once `findPlace` has found them. */
  protected place: i32 = -1;
  protected short: Uint8Array = NOTHING;

  /** Finds room for `name` in `folder`, which may grow; false after telling why there is none. */
  protected findPlace(others: u32): bool {
    const folder = this.folder!;
    const short = folder.shortNameFor(this.name);
    if (short === null) {
      this.end(FULL);
      return false;
    }
    this.short = short;
    const slots = Folder.slotsFor(this.name);
    this.place = folder.place(slots);
    const size = this.volume.boot.clusterSize;
    const more = this.place < 0 ? (slots * ENTRY + size - 1) / size : 0;
    const isTooLarge = folder.bytes.length + more * size > LARGEST_FOLDER;
    if (<u32>more + others > this.volume.table.free || (more > 0 && isTooLarge)) {
      this.end(FULL);
      return false;
    }
    if (more > 0) this.grow(more);
    return true;
  }

  /** The folder gets clusters of zeros, which belong to it only when they are zeros. */
  private grow(more: i32): void {
    const volume = this.volume;
    const folder = this.folder!;
    const fresh = volume.table.allocate(more);
    const zeros = new Uint8Array(more * volume.boot.clusterSize);
    volume.transfer(true, fresh, 0, zeros, this, this.changes);
    volume.table.write(this.changes);
    this.changes.next();
    volume.table.attach(folder.clusters[folder.clusters.length - 1], fresh[0]);
    volume.table.write(this.changes);
    this.changes.next();
    const bytes = new Uint8Array(folder.bytes.length + zeros.length);
    bytes.set(folder.bytes);
    const larger = new Folder(volume.boot, folder.clusters.concat(fresh), bytes);
    this.folder = larger;
    this.place = larger.place(Folder.slotsFor(this.name));
  }
}

/** Makes an empty file or folder. */
export class Create extends Naming {
  constructor(
    volume: Volume,
    path: string,
    private isFolder: bool,
    waiter: Waiter,
  ) {
    super(volume, path, waiter);
  }

  protected act(): void {
    if (this.name.length == 0 || this.entry !== null) {
      this.end(EXISTS);
      return;
    }
    if (!this.findPlace(this.isFolder ? 1 : 0)) return;
    const stamp = this.volume.stamp;
    const cluster = this.isFolder ? this.makeFolder(stamp) : NONE;
    const own = new Uint8Array(ENTRY);
    writeEntry(own, 0, this.short, this.isFolder, cluster, stamp);
    this.folder!.insert(this.changes, this.place, this.name, this.short, own);
    this.make();
  }

  /** The cluster of a new folder, with what every folder begins with (page 25): itself, and the one above. */
  private makeFolder(stamp: u32): u32 {
    const volume = this.volume;
    const clusters = volume.table.allocate(1);
    const bytes = new Uint8Array(volume.boot.clusterSize);
    const above = this.folder!.clusters[0];
    const dots = new Uint8Array(11).fill(0x20);
    dots[0] = 0x2e;
    writeEntry(bytes, 0, dots, true, clusters[0], stamp);
    dots[1] = 0x2e;
    writeEntry(bytes, ENTRY, dots, true, above == volume.boot.rootCluster ? NONE : above, stamp);
    volume.transfer(true, clusters, 0, bytes, this, this.changes);
    volume.table.write(this.changes);
    this.changes.next();
    return clusters[0];
  }
}

/** Removes a file, or a folder that is empty: first its name, then its clusters. */
export class Remove extends Change {
  private isInside: bool = false;

  protected act(): void {
    const entry = this.entry;
    if (this.name.length == 0) this.end(INVALID);
    else if (entry === null) this.end(ABSENT);
    else if (!entry.isFolder) this.remove(entry);
    else {
      this.isInside = true;
      this.load(entry.cluster);
    }
  }

  protected onLoaded(folder: Folder): void {
    if (!this.isInside) super.onLoaded(folder);
    else if (folder.isEmpty) this.remove(this.entry!);
    else this.end(NOT_EMPTY);
  }

  private remove(entry: Entry): void {
    const clusters = this.volume.table.chain(entry.cluster);
    if (clusters === null) {
      this.end(CORRUPT);
      return;
    }
    this.folder!.remove(this.changes, entry);
    this.changes.next();
    this.volume.table.release(clusters, 0);
    this.make();
  }
}

/** Gives a file or a folder another name. */
export class Rename extends Naming {
  private source: Folder | null = null;
  private old: Entry | null = null;

  constructor(
    volume: Volume,
    from: string,
    private to: string,
    waiter: Waiter,
  ) {
    super(volume, from, waiter);
  }

  protected act(): void {
    const old = this.old;
    if (old === null) {
      this.old = this.entry;
      this.source = this.folder;
      if (this.name.length == 0) this.end(INVALID);
      else if (this.entry === null) this.end(ABSENT);
      else this.followNext(this.to);
      return;
    }
    const target = this.folder!;
    const isSame = this.source!.clusters[0] == target.clusters[0];
    const entry = this.entry;
    if (this.name.length == 0) this.end(EXISTS);
    // Another case of the letters is another name, too.
    else if (entry !== null && (!isSame || entry.own != old.own)) this.end(EXISTS);
    // The folder above is written in a folder itself: both cannot be changed at once.
    else if (old.isFolder && !isSame) this.end(INVALID);
    else this.rename(old, isSame);
  }

  private rename(old: Entry, isSame: bool): void {
    if (!this.findPlace(0)) return;
    const target = this.folder!;
    const source = isSame ? target : this.source!;
    target.insert(this.changes, this.place, this.name, this.short, old.raw);
    this.changes.next();
    source.remove(this.changes, old);
    this.make();
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
