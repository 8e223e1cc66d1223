import { serves } from "config";
import { log } from "console";
import { exit } from "event";
import { connect, Handler, listen, Peer } from "vchan";
import { NodeWatcher, readNode, watchNode } from "xenbus";

const COUNT: i32 = 100000;

/** Starts once it is told which domain the other one is. */
class Start implements NodeWatcher {
  private started: bool = false;

  onChange(_path: string): void {
    const other = readNode("data/peer");
    if (this.started || other === null) return;
    this.started = true;
    const domain = <i32>I32.parseInt(other);
    const path = `/local/domain/${domain}/data/probe`;
    const peer = serves
      ? listen(domain, "data/probe", new Echo())
      : connect(domain, path, new Sender());
    if (peer === null) log("vchan: cannot be had");
  }
}

/** Sends back what comes, in its order. */
class Echo implements Handler {
  private kept: u8[] = [];

  onOpen(_peer: Peer): void {
    log("vchan: open");
  }

  onData(peer: Peer, data: Uint8Array): void {
    for (let index = 0; index < data.length; index++) this.kept.push(data[index]);
    this.onWritable(peer);
  }

  onWritable(peer: Peer): void {
    const bytes = new Uint8Array(this.kept.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.kept[index];
    this.kept.splice(0, peer.write(bytes));
  }

  onClose(_peer: Peer): void {
    log("vchan: closed");
    exit(0);
  }
}

class Sender implements Handler {
  private sent: i32 = 0;
  private back: i32 = 0;

  onOpen(peer: Peer): void {
    this.onWritable(peer);
  }

  onData(peer: Peer, data: Uint8Array): void {
    for (let index = 0; index < data.length; index++) {
      if (data[index] != byteAt(this.back++)) {
        log(`vchan: WRONG at ${this.back - 1}`);
        exit(1);
      }
    }
    if (this.back < COUNT) return;
    log(`vchan: ${this.back} bytes came back`);
    peer.close();
    exit(0);
  }

  onWritable(peer: Peer): void {
    const bytes = new Uint8Array(COUNT - this.sent);
    for (let index = 0; index < bytes.length; index++) bytes[index] = byteAt(this.sent + index);
    this.sent += peer.write(bytes);
  }

  onClose(_peer: Peer): void {
    log("vchan: closed too early");
    exit(1);
  }
}

function byteAt(place: i32): u8 {
  return <u8>((place * 31) ^ (place >> 8));
}

export function main(): void {
  watchNode("data/peer", new Start());
}
