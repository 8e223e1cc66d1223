import { Block } from "./block";

/** Connections that may have something to send or to tell, in order, each once. */
export class Queue {
  private first: Block | null = null;
  private last: Block | null = null;

  push(block: Block): void {
    if (block.waiting) return;
    block.waiting = true;
    const last = this.last;
    if (last == null) this.first = block;
    else last.next = block;
    this.last = block;
  }

  /** Puts a connection before all others. */
  unshift(block: Block): void {
    if (block.waiting) return;
    block.waiting = true;
    block.next = this.first;
    this.first = block;
    if (this.last == null) this.last = block;
  }

  /** Takes the first one out; null when there is none. */
  shift(): Block | null {
    const block = this.first;
    if (block == null) return null;
    this.first = block.next;
    if (this.first == null) this.last = null;
    block.next = null;
    block.waiting = false;
    return block;
  }
}
