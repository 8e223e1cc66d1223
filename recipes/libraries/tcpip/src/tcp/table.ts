/** Connections by peer and port. The hash is keyed, so that nobody can choose ports that share a chain. */
import { Block } from "./block";

export class Table {
  count: i32 = 0;
  private chains: StaticArray<Block | null> = new StaticArray<Block | null>(256);

  constructor(private readonly key: u64) {}

  find(remoteAddress: u32, remotePort: u16, localPort: u16): Block | null {
    let block = this.chains[this.slot(remoteAddress, remotePort, localPort)];
    while (block != null) {
      if (
        block.remoteAddress == remoteAddress &&
        block.remotePort == remotePort &&
        block.localPort == localPort
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
    const slot = this.slot(block.remoteAddress, block.remotePort, block.localPort);
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
    const slot = this.slot(block.remoteAddress, block.remotePort, block.localPort);
    block.chain = this.chains[slot];
    this.chains[slot] = block;
  }

  private grow(): void {
    const blocks = this.all();
    this.chains = new StaticArray<Block | null>(2 * this.chains.length);
    for (let i = 0; i < blocks.length; i++) this.link(blocks[i]);
  }

  private slot(remoteAddress: u32, remotePort: u16, localPort: u16): i32 {
    let hash = (((<u64>remoteAddress) << 32) | ((<u64>remotePort) << 16) | localPort) ^ this.key;
    hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15;
    hash = (hash ^ (hash >> 29)) * (this.key | 1);
    return <i32>((hash >> 33) & <u64>(this.chains.length - 1));
  }
}
