import { Handler, Peer } from "./peer";

export { Handler, Peer } from "./peer";

/** Waits for `domain` to connect to `path`, a node of xenstore below our own `data`; null when that cannot be. */
export function listen(domain: i32, path: string, handler: Handler): Peer | null {
  const peer = new Peer(domain, path, handler, true);
  return peer.serve() ? peer : null;
}

/** Connects to `path` of `domain`, as soon as it listens there; null when that cannot be. */
export function connect(domain: i32, path: string, handler: Handler): Peer | null {
  const peer = new Peer(domain, path, handler, false);
  return peer.await() ? peer : null;
}
