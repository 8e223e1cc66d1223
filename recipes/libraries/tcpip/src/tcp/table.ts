/** Connections by peer and port. The hash is keyed, so that nobody can choose ports that share a chain. */
import { Ends } from "../wire/ends";
import { Block } from "./block";

export class Table {
  count: i32 = 0;
  private chains: StaticArray<Block | null> = new StaticArray<Block | null>(256);

  constructor(private readonly key: u64) {}

  find(ends: Ends, remotePort: u16, localPort: u16): Block | null {
    let block = this.chains[this.slot(ends, remotePort, localPort)];
    while (block != null) {
      if (
        block.remotePort == remotePort &&
        block.localPort == localPort &&
        block.ends.sameRemote(ends) &&
        // A connection that waits for an address of ours is of any.
        (block.ends.hasLocal(ends.localHigh, ends.localLow) || !block.ends.bound || !ends.bound)
      ) {
        return block;
      }
      block = block.chain;
    }
    return null;
  }

  add(block: Block): void {
    if (this.count >= this.chains.length) this.grow();
    this.count++;
    this.link(block);
  }

  remove(block: Block): void {
    const slot = this.slot(block.ends, block.remotePort, block.localPort);
    let previous: Block | null = null;
    let present = this.chains[slot];
    while (present != null && present != block) {
      previous = present;
      present = present.chain;
    }
    if (present == null) return;
    if (previous == null) this.chains[slot] = block.chain;
    else previous.chain = block.chain;
    block.chain = null;
    this.count--;
  }

  /** All connections, for what is rare. */
  all(): Block[] {
    const blocks: Block[] = [];
    for (let i = 0; i < this.chains.length; i++) {
      let block = this.chains[i];
      while (block != null) {
        blocks.push(block);
        block = block.chain;
      }
    }
    return blocks;
  }

  private link(block: Block): void {
    const slot = this.slot(block.ends, block.remotePort, block.localPort);
    block.chain = this.chains[slot];
    this.chains[slot] = block;
  }

  private grow(): void {
    const blocks = this.all();
    this.chains = new StaticArray<Block | null>(2 * this.chains.length);
    for (let i = 0; i < blocks.length; i++) this.link(blocks[i]);
  }

  private slot(ends: Ends, remotePort: u16, localPort: u16): i32 {
    let hash = ends.remoteLow ^ this.key;
    if (ends.six) hash = this.mix(hash) ^ ends.remoteHigh;
    hash = this.mix(hash) ^ (((<u64>remotePort) << 16) | localPort);
    return <i32>((this.mix(hash) >> 33) & <u64>(this.chains.length - 1));
  }

  private mix(hash: u64): u64 {
    hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
    return (hash ^ (hash >> 29)) * (this.key | 1);
  }
}
