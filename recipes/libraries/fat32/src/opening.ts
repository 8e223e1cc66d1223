import { disk } from "config";
import { Disk } from "disk";
import * as event from "event";
import { Mount, Mounted } from "./mount";
import { DONE, FAILED } from "./result";
import { Volume } from "./volume";

/** What waits for a volume. */
export interface Opener {
  onOpen(volume: Volume): void;

  /** It cannot be had, for one of the results. */
  onRefused(result: i32): void;
}

/** Opens the volume once for all who ask. */
export class Opening implements Mounted, event.Task {
  private openers: Opener[] = [];
  private volume: Volume | null = null;
  private result: i32 = DONE;
  /** The disk was read, or is being read. */
  private isBegun: bool = false;
  private isOver: bool = false;

  add(opener: Opener): void {
    this.openers.push(opener);
    if (this.isOver) event.defer(this);
    if (this.isBegun) return;
    this.isBegun = true;
    const opened = Disk.open(<i32>disk);
    if (opened !== null) new Mount(opened, this).begin();
    else this.finish(FAILED);
  }

  onMounted(volume: Volume | null, result: i32): void {
    this.volume = volume;
    this.finish(result);
  }

  run(): void {
    const openers = this.openers;
    this.openers = [];
    const volume = this.volume;
    for (let index = 0; index < openers.length; index++) {
      if (volume !== null) openers[index].onOpen(volume);
      else openers[index].onRefused(this.result);
    }
  }

  private finish(result: i32): void {
    this.result = result;
    this.isOver = true;
    event.defer(this);
  }
}
