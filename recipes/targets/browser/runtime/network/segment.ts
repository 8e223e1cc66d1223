/**
 * A segment of Ethernet between the tabs and workers of one origin: a BroadcastChannel is its cable, which every frame goes
 * over once and which all hear. With a link, a WebSocket joins the segment to a switch (`unipkg switch`).
 *
 * There can be no loop: frames cross between cable and link in one place, the bridge, and a Web Lock lets one tab of the origin
 * be that at a time. The others do not open their links; when the bridge's tab goes, the next one takes over, and the switch hears the same
 * addresses by another port. So no frame is on the cable twice, and tabs without a link are on the network too.
 */
import { Bridge } from "./bridge.ts";
import { Link } from "./link.ts";

/** The end of the cable that one image has. */
export interface Cable {
  /** Sends a frame, from its destination address on, without checksum. `frame` is free again at once; a frame may be lost. */
  send(frame: Uint8Array): void;
  /** Leaves the segment, for good. */
  close(): void;
}

/** How the segment is joined to a switch, as this tab sees it. */
export type SegmentStatus =
  /** No link was asked for. */
  | "alone"
  /** Another tab is the bridge, or about to be. */
  | "through another tab"
  /** This tab is the bridge, and the switch does not answer; it is tried again. */
  | "connecting"
  /** This tab is the bridge. */
  | "connected"
  /** The browser has no Web Locks: the page is neither HTTPS nor of this machine. */
  | "link unavailable";

export interface SegmentOptions {
  /** Tabs of one origin with the same name are on the same segment. */
  readonly name: string;
  /** Address of a switch, `ws://127.0.0.1:PORT/?token=…`. */
  readonly link?: string | undefined;
  /** A frame came in; all frames of the segment do, other stations' too. It does not change afterwards. */
  receive(frame: Uint8Array): void;
  /** Called at once with the first status, and whenever it is another. */
  changed(status: SegmentStatus): void;
}

/** Two addresses and a type; and these with 1500 octets (IEEE 802.3, 3.1.1). */
const shortest = 14;
const longest = 1514;

/** Joins the segment; throws when the link's address is none of a WebSocket. */
export function connectSegment(options: SegmentOptions): Cable {
  const { link } = options;
  if (link !== undefined && !/^wss?:$/.test(new URL(link).protocol)) {
    throw new TypeError(`${link} is not the address of a WebSocket`);
  }
  return new Segment(options);
}

class Segment implements Cable {
  readonly #options: SegmentOptions;
  readonly #channel: BroadcastChannel;
  readonly #leaving = new AbortController();
  /** While this tab is the bridge. */
  #bridge: Bridge | null = null;
  #link: Link | null = null;

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.#channel = new BroadcastChannel(`unipkg segment ${options.name}`);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (isFrame(data)) this.#receive(data);
    };
    const { link } = options;
    if (link === undefined) {
      options.changed("alone");
    } else if (!("locks" in navigator)) {
      options.changed("link unavailable");
    } else {
      options.changed("through another tab");
      void this.#standForBridge(link);
    }
  }

  send(frame: Uint8Array): void {
    if (!isFrame(frame)) return;
    // Of its own: a view of the program's memory would be sent with all of that memory.
    const own = new Uint8Array(frame);
    this.#channel.postMessage(own);
    if (this.#bridge?.leavesCable(own, performance.now())) this.#link?.send(own);
  }

  close(): void {
    this.#leaving.abort();
    this.#channel.close();
  }

  #receive(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#bridge?.leavesCable(frame, performance.now())) this.#link?.send(frame);
    this.#options.receive(frame);
  }

  /** Waits to be the bridge, and is it until the tab leaves the segment or goes. */
  async #standForBridge(address: string): Promise<void> {
    const { signal } = this.#leaving;
    const be = () =>
      new Promise<void>((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        signal.addEventListener("abort", () => {
          this.#link?.close();
          this.#link = null;
          this.#bridge = null;
          resolve();
        });
        this.#bridge = new Bridge();
        this.#link = new Link(address, {
          receive: (frame) => this.#receiveFromLink(frame),
          changed: (isUp) => this.#options.changed(isUp ? "connected" : "connecting"),
        });
      });
    try {
      await navigator.locks.request(`unipkg bridge ${this.#options.name}`, { signal }, be);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #receiveFromLink(frame: Uint8Array): void {
    if (!isFrame(frame) || !this.#bridge?.entersCable(frame, performance.now())) return;
    this.#channel.postMessage(frame);
    this.#options.receive(frame);
  }
}

/** Whether it is bytes of a possible length. Other pages of the origin may say what they like. */
function isFrame(value: unknown): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array && value.length >= shortest && value.length <= longest;
}
