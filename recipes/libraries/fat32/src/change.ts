import { Operation, Queue } from "./operation";
import { FAILED } from "./result";
import { Volume } from "./volume";

/** What waits for a change. */
export interface Waiter {
  onDone(result: i32): void;
}

/** An operation that changes something. */
export class Change extends Operation {
  constructor(
    volume: Volume,
    path: string,
    private waiter: Waiter,
  ) {
    super(volume, path);
  }

  begin(queue: Queue): void {
    if (this.volume.disk.readOnly) this.refuse(queue);
    else super.begin(queue);
  }

  protected tell(result: i32): void {
    this.waiter.onDone(result);
  }

  private refuse(queue: Queue): void {
    this.queue = queue;
    this.later(FAILED);
  }
}
