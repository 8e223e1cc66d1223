import * as tcp from "tcp";
import { Handler, Server } from "./server";

export { Request } from "./request";
export { Response } from "./response";
export { Handler } from "./server";

/** Serves `handler` at `port`; false when the port cannot be had. */
export function serve(port: u16, handler: Handler): bool {
  return tcp.listen(port, new Server(handler)) !== null;
}
