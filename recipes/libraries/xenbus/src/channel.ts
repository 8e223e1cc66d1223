import * as event from "event";
import * as host from "./host/channel";

/** What is told of a channel. */
export interface Listener {
  /** The other side has notified us, once or more often. */
  onNotified(channel: Channel): void;
}

/** An event channel: two ends, either of which can wake the other (event_channel.h). */
export class Channel implements event.Watcher {
  private constructor(
    private handle: i32,
    private listener: Listener,
  ) {
    event.watch(handle, this);
  }

  /** One that `domain` may connect to; null when there are no more. */
  static listen(domain: i32, listener: Listener): Channel | null {
    return Channel.of(host.listen(domain), listener);
  }

  /** One to `port`, at which `domain` listens; null when it does not. */
  static connect(domain: i32, port: i32, listener: Listener): Channel | null {
    return Channel.of(host.connect(domain, port), listener);
  }

  private static of(handle: i32, listener: Listener): Channel | null {
    return handle < 0 ? null : new Channel(handle, listener);
  }

  /** The number by which the other domain knows it. */
  get port(): i32 {
    return host.port(this.handle);
  }

  notify(): void {
    host.notify(this.handle);
  }

  /** It is gone; nothing more is told. */
  close(): void {
    event.unwatch(this.handle);
    host.close(this.handle);
  }

  onReady(_flags: u32): void {
    this.listener.onNotified(this);
  }
}

/** A word of memory that the other side writes, as it is now. What is read next is read afterwards. */
export function load(address: usize): u32 {
  return host.load(address);
}

/** Writes a word that the other side reads: all that was written before is seen before, all that is read next is read afterwards. */
export function publish(address: usize, value: u32): void {
  host.publish(address, value);
}
