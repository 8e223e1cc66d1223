import { disk } from "config";
import { Disk } from "disk";
import * as event from "event";
import { Recovered, Recovery } from "./recovery";
import { DONE, FAILED } from "./result";
import { Store } from "./store";

/** What waits for a store. */
export interface Opener {
  /** The store is there, with all that was told DONE before. */
  onOpen(store: Store): void;

  /** It cannot be had, for one of the results. */
  onRefused(result: i32): void;
}

/** Opens the store once for all who ask. */
export class Opening implements Recovered, event.Task {
  private openers: Opener[] = [];
  private store: Store | null = null;
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
    if (opened !== null) new Recovery(opened, this).begin();
    else this.finish(FAILED);
  }

  onRecovered(recovery: Recovery, result: i32): void {
    if (result == DONE) this.store = new Store(recovery);
    this.finish(result);
  }

  run(): void {
    const openers = this.openers;
    this.openers = [];
    const store = this.store;
    for (let index = 0; index < openers.length; index++) {
      if (store !== null) openers[index].onOpen(store);
      else openers[index].onRefused(this.result);
    }
  }

  private finish(result: i32): void {
    this.result = result;
    this.isOver = true;
    event.defer(this);
  }
}
