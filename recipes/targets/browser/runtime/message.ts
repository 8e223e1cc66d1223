/** What page, worker and service worker say to each other. */

/** `image.json`, which the build writes beside the image. */
export interface ImageFacts {
  readonly name: string;
  readonly version: string;
  /** Where `image.blob` goes in memory, and its length. */
  readonly blobAddress: number;
  readonly blobLength: number;
  /** TCP port of its web server, as far as the build knows; null when it has none. */
  readonly port: number | null;
}

/** How the page wants the image to be run. */
export interface StartRequest {
  readonly kind: "start";
  /** Address of its network card: 48 bits, the first octet highest. */
  readonly hardware: number;
  /** Name of the segment of Ethernet that it is on. */
  readonly network: string;
  /** Address of a switch (`unipkg switch`). */
  readonly link: string | null;
  /** IPv4 address to be given to it where no other DHCP server is, in dotted decimal. */
  readonly address: string | null;
  /** Where its web server listens; null: as image.json has it. */
  readonly port: number | null;
  readonly storage: "best" | "indexeddb";
}

/** A request for the image's web server; the answer goes to the port that is sent along. */
export interface HttpRequest {
  readonly kind: "http";
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
}

/** From the side that asked, on the same port. */
export type HttpControl =
  | { readonly kind: "taken"; readonly bytes: number }
  | { readonly kind: "cancel" };

export type HttpAnswer =
  | {
      readonly kind: "head";
      readonly status: number;
      readonly reason: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly hasBody: boolean;
    }
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  /** Before the head: no answer can be had; after it: the answer is cut off. */
  | { readonly kind: "failure"; readonly message: string };

export interface Traffic {
  readonly sentFrames: number;
  readonly sentBytes: number;
  readonly receivedFrames: number;
  readonly receivedBytes: number;
  /** Frames that came faster than the image took them. */
  readonly lostFrames: number;
  /** Requests for the web server that came through the service worker. */
  readonly requests: number;
}

/** From the worker to the page. */
export type WorkerMessage =
  | { readonly kind: "output"; readonly stream: 1 | 2; readonly bytes: Uint8Array }
  | { readonly kind: "running"; readonly hasNetwork: boolean }
  /** `isTrap`: it ended against its will, and the last line of its output says why. */
  | { readonly kind: "ended"; readonly status: number; readonly isTrap: boolean }
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "traffic"; readonly traffic: Traffic }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "segment"; readonly status: string }
  | { readonly kind: "storage"; readonly description: string; readonly isProblem: boolean };

/** Below this the image's own web server answers; relative to the page. */
export const sitePrefix = "site/";
