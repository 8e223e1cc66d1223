// @seldom
import {
  awaitChange,
  changeCount,
  listNodes,
  NodeWatcher,
  readNode,
  watchNode,
  writeNode,
} from "./store";

/** io/xenbus.h, enum xenbus_state: how far each end of a device is. */
const UNKNOWN: i32 = 0;
const INITIALISING: i32 = 1;
const INIT_WAIT: i32 = 2;
const INITIALISED: i32 = 3;
const CONNECTED: i32 = 4;
const CLOSING: i32 = 5;
const CLOSED: i32 = 6;

/** A driver, as the life of its device needs it. */
export interface Driver {
  /** The back end waits: shares the rings and writes what it has to know. False when that is not possible. */
  offer(device: Frontend): bool;

  /** The back end has everything: the device works. */
  begin(device: Frontend): void;

  /** The back end closes or is gone, after `offer`: takes back what was shared. `offer` may follow. */
  end(device: Frontend): void;
}

/**
 * Our end of a device, from its nodes in xenstore:
 *
 *   back end says         we are          we do                            and are
 *   InitWait              Initialising    offer                            Initialised or Connected
 *   InitWait              begun           end (the back end was replaced)  Initialising
 *   Connected             offered         begin                            Connected
 *   Closing, Closed, gone offered, begun  end                              Closed
 *   Closed, still online  Closed          -                                Initialising: it may come again
 */
export class Frontend implements NodeWatcher {
  readonly domain: i32;
  private backend: string;
  private state: i32 = INITIALISING;
  private begun: bool = false;

  /**
   * @param path of our nodes
   * @param offered the state that says that all is written: Initialised for disks, Connected for networks
   */
  private constructor(
    readonly path: string,
    private offered: i32,
    private driver: Driver,
  ) {
    const backend = readNode(`${path}/backend`);
    this.backend = backend === null ? "" : backend;
    this.domain = numberAt(`${path}/backend-id`, 0);
  }

  /**
   * Device `index` of a kind (`vif`, `vbd`), in the order of their numbers; null when there are not so many.
   *
   * @param early whether Connected says that all is written, or Initialised
   */
  static open(kind: string, index: i32, early: bool, driver: Driver): Frontend | null {
    const names = listNodes(`device/${kind}`);
    if (names === null) return null;
    const name = byNumber(names, index);
    if (name === null) return null;
    const path = `device/${kind}/${name}`;
    const device = new Frontend(path, early ? CONNECTED : INITIALISED, driver);
    if (device.backend.length == 0) return null;
    return device;
  }

  /** Follows the back end from now on: `offer` and `begin` are called when it is their time. */
  start(): void {
    this.enter(INITIALISING);
    watchNode(`${this.backend}/state`, this);
  }

  /** Waits until the device works; false when its back end closes it, or does nothing for long. For a start: nothing else happens meanwhile. */
  settle(): bool {
    while (!this.begun) {
      // What changes while the store is asked may have been told by then.
      const seen = changeCount();
      this.onChange("");
      if (this.begun) break;
      if (this.state == CLOSED || !awaitChange(seen)) return false;
    }
    return true;
  }

  /** A node of ours; null when it is not there. */
  read(name: string): string | null {
    return readNode(`${this.path}/${name}`);
  }

  /** A node of the back end's. */
  readBackend(name: string): string | null {
    return readNode(`${this.backend}/${name}`);
  }

  write(name: string, value: string): bool {
    return writeNode(`${this.path}/${name}`, value);
  }

  /** The back end broke the protocol: as if it were gone, until it is replaced. */
  abandon(): void {
    this.close();
  }

  onChange(_path: string): void {
    switch (numberAt(`${this.backend}/state`, UNKNOWN)) {
      case INIT_WAIT:
        if (this.begun) this.close();
        if (this.state == CLOSED) this.enter(INITIALISING);
        if (this.state == INITIALISING) {
          if (this.driver.offer(this)) this.enter(this.offered);
          else this.close();
        }
        break;
      case CONNECTED:
        if (this.state == this.offered && !this.begun) {
          this.begun = true;
          if (this.offered != CONNECTED) this.enter(CONNECTED);
          this.driver.begin(this);
        }
        break;
      case CLOSING:
        this.close();
        break;
      case CLOSED:
        this.close();
        // The tool stack takes a device away by this; otherwise its back end has only let go.
        if (numberAt(`${this.backend}/online`, 0) == 1) this.enter(INITIALISING);
        break;
      case UNKNOWN:
        this.close();
        break;
      default:
        break;
    }
  }

  private close(): void {
    if (this.state == CLOSED) return;
    const shared = this.state != INITIALISING;
    this.begun = false;
    if (shared) this.driver.end(this);
    this.enter(CLOSED);
  }

  private enter(state: i32): void {
    this.state = state;
    this.write("state", state.toString());
  }
}

/** A number of xenstore, or `absent`. */
export function numberAt(path: string, absent: i32): i32 {
  const text = readNode(path);
  return text === null || text.length == 0 ? absent : <i32>I32.parseInt(text);
}

/** The one of some names that is `index`th by its number; null when there are not so many. There are few, so that they are counted and not sorted. */
function byNumber(names: string[], index: i32): string | null {
  for (let at = 0; at < names.length; at++) {
    let below = 0;
    for (let other = 0; other < names.length; other++) {
      if (I32.parseInt(names[other]) < I32.parseInt(names[at])) below++;
    }
    if (below == index) return names[at];
  }
  return null;
}
