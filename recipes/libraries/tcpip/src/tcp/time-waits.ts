import { Block } from "./block";
import { TIME_WAIT } from "./state";

/** Connections in TIME-WAIT, the oldest first. */
export class TimeWaits {
  /** How many there are; to be lowered by who ends one. */
  count: i32 = 0;
  /** Some have left the state already. */
  private readonly blocks: Block[] = [];

  add(block: Block): void {
    this.blocks.push(block);
    this.count++;
  }

  /** Takes the oldest one out. */
  oldest(): Block {
    this.trim();
    return this.blocks.shift();
  }

  /** Lets go of those in front that have left. */
  trim(): void {
    while (this.blocks.length > 0 && this.blocks[0].state != TIME_WAIT) this.blocks.shift();
  }
}
