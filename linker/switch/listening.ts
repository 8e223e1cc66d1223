import { rmSync } from "node:fs";
import { createConnection, type Server } from "node:net";
import { failed, ok, type Result } from "../../model/problem.ts";

/** A host, as a name or a number, and a port of TCP. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Longest path of a Unix socket (unix(7): 108 bytes with the final zero). */
const longestPath = 107;

/** Listens at a path that only this user may open, also where a switch that did not end well has left its socket. */
export async function listenSocket(server: Server, path: string): Promise<Result<Server>> {
  if (Buffer.byteLength(path) > longestPath) {
    return cannotListen(path, `a socket's path has ${longestPath} bytes at most`);
  }
  const listen = () => {
    const mask = process.umask(0o177);
    server.listen(path);
    process.umask(mask);
  };
  const refusal = await listening(server, listen);
  if (refusal?.code === "EADDRINUSE" && !(await isAnswered(path))) {
    rmSync(path);
    const second = await listening(server, listen);
    if (second !== null) return cannotListen(path, second.message);
  } else if (refusal !== null) {
    return cannotListen(path, refusal.code === "EADDRINUSE" ? inUse : refusal.message);
  }
  return ok(server);
}

const inUse = "a switch is there already";

/** Listens at a port; answers with the one taken, if any was asked for. */
export async function listenPort(
  server: Server,
  { host, port }: HostPort,
): Promise<Result<HostPort>> {
  const refusal = await listening(server, () => server.listen(port, host));
  if (refusal !== null) return cannotListen(`${host}:${port}`, refusal.message);
  const address = server.address();
  return ok({ host, port: typeof address === "object" && address !== null ? address.port : port });
}

function listening(server: Server, listen: () => void): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) => resolve(error);
    server.once("error", fail);
    server.once("listening", () => {
      server.off("error", fail);
      resolve(null);
    });
    listen();
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function cannotListen(where: string, reason: string): Result<never> {
  return failed({
    code: "UP541",
    message: `the switch cannot listen at ${where}: ${reason}`,
    hint: "`--socket`, `--listen` and `--stream` choose other places",
  });
}
