// The switch as a server: streams, browsers with and without the token, and those who do not keep to it.
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { FrameReader, putFrame } from "../../linker/ethernet/framing.ts";
import { rangeOf } from "../../linker/ethernet/lease-pool.ts";
import {
  mostPorts,
  type RunningSwitch,
  type SwitchRequest,
  startSwitch,
} from "../../linker/switch/server.ts";
import { testFolder } from "../support/unipkg.ts";

const token = "abcdefghijklmnopqrstuv";

/** A running switch, what it told, and a way to wait for more of that. */
async function makeSwitch(changes: Partial<SwitchRequest> = {}) {
  const folder = testFolder();
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (line: string) => {
    told.push(line);
    for (const look of waiting) look();
  };
  const request: SwitchRequest = {
    socket: join(folder, "switch.sock"),
    streams: { host: "127.0.0.1", port: 0 },
    browsers: { host: "127.0.0.1", port: 0 },
    token,
    taps: [],
    addresses: null,
    router: null,
    capture: null,
    listener: {
      onJoin: ({ kind }) => tell(`${kind} joins`),
      onLeave: ({ kind }, reason) => tell(`${kind} leaves: ${reason}`),
      onLease: () => tell("a lease"),
    },
    ...changes,
  };
  const started = await startSwitch(request);
  if (!started.ok) throw new Error(started.problems[0]!.message);
  const running = started.value;
  onTestFinished(() => running.stop());
  const until = (line: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!told.includes(line)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const link = (query: string) => `ws://127.0.0.1:${running.browsers!.port}/${query}`;
  return { folder, request, running, told, until, link };
}

/** Waits until so many are on the switch: it hears of a connection later than who made it. */
async function joined({ members }: RunningSwitch, count: number): Promise<void> {
  while (members.all.length !== count) await new Promise((next) => setImmediate(next));
}

interface Peer {
  readonly socket: Socket;
  send(frame: Uint8Array): void;
  /** The next frame. */
  next(): Promise<Uint8Array>;
  readonly closed: Promise<void>;
}

function peer(where: string | number): Promise<Peer> {
  const socket = typeof where === "string" ? connect(where) : connect(where, "127.0.0.1");
  const reader = new FrameReader();
  const frames = queue<Uint8Array>();
  socket.on("data", (chunk) => reader.push(chunk, (frame) => frames.put(frame.slice())));
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("connect", () =>
      resolve({
        ...{ socket, closed },
        send: (frame) => socket.write(framed(frame)),
        next: () => frames.next(),
      }),
    );
  });
}

function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame.length + 4);
  putFrame(bytes, 0, frame);
  return bytes;
}

function queue<T>() {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put: (item: T) => {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    next: () =>
      new Promise<T>((resolve) => {
        const item = items.shift();
        if (item === undefined) takers.push(resolve);
        else resolve(item);
      }),
  };
}

/** A page's socket: open, or the status of the refusal. */
function page(url: string, headers: Record<string, string> = {}): Promise<WebSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    onTestFinished(() => socket.terminate());
    socket.on("open", () => resolve(socket));
    socket.on("unexpected-response", (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on("error", (error) => {
      if (!/closed before/.test(error.message)) reject(error);
    });
  });
}

async function opened(url: string): Promise<WebSocket> {
  const socket = await page(url);
  if (typeof socket === "number") throw new Error(`refused: ${socket}`);
  return socket;
}

function frame(to: number, from: number, text: string): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set(to === 255 ? [255, 255, 255, 255, 255, 255] : [2, 0, 0, 0, 0, to]);
  bytes.set([2, 0, 0, 0, 0, from], 6);
  bytes.set(Buffer.from(text), 14);
  return bytes;
}

const textOf = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(14)).toString().replace(/\0+$/, "");

test("images by Unix socket and TCP and a browser hear each other; frames with one destination go to it alone", async () => {
  const { request, running, link } = await makeSwitch();
  const one = await peer(request.socket);
  const two = await peer(running.streams!.port);
  await joined(running, 2);
  const browser = await opened(link(`?token=${token}`));
  await joined(running, 3);
  const heard = queue<Buffer>();
  browser.on("message", (data: Buffer) => heard.put(data));
  one.send(frame(255, 1, "from one"));
  expect(textOf(await two.next())).toBe("from one");
  expect(textOf(await heard.next())).toBe("from one");
  browser.send(frame(1, 3, "to one alone"));
  expect(textOf(await one.next())).toBe("to one alone");
  one.send(frame(3, 1, "to the browser"));
  expect(textOf(await heard.next())).toBe("to the browser");
  one.send(frame(255, 1, "to all"));
  expect(textOf(await two.next())).toBe("to all");
  const kinds = running.members.all.map(({ kind }) => kind).sort();
  expect(kinds).toEqual(["browser", "image", "image"]);
});

test("without the token no page joins, wherever it says that it is from", async () => {
  const { link, told } = await makeSwitch();
  const near = token.replace("v", "w");
  const tries = ["", "?", "?token=", `?token=${near}`, `?token=${token}x`, "?token=%00%ff", "?x=%"];
  const origins = ["http://127.0.0.1:8080", "http://localhost", "https://evil.example", "null"];
  for (const query of tries) {
    for (const origin of origins) expect(await page(link(query), { origin })).toBe(401);
  }
  // A name that leads here is no permission either.
  expect(await page(link("?token=guess"), { host: "localhost" })).toBe(401);
  expect(told).toEqual([]);
});

test("a port that is taken is no way in, unless another one will do", async () => {
  const { request, running } = await makeSwitch();
  const browsers = { host: "127.0.0.1", port: running.browsers!.port };
  const socket = `${request.socket}.other`;
  const refused = await startSwitch({ ...request, socket, streams: null, browsers });
  expect(refused).toMatchObject({ ok: false, problems: [{ code: "UP541" }] });
  const other = await makeSwitch({ browsers: { ...browsers, orAnyPort: true } });
  expect(other.running.browsers!.port).not.toBe(browsers.port);
  await opened(other.link(`?token=${token}`));
});

test("a request that is no WebSocket is told what this is", async () => {
  const { running } = await makeSwitch();
  const answer = await fetch(`http://127.0.0.1:${running.browsers!.port}/?token=${token}`);
  expect(answer.status).toBe(426);
  expect(await answer.text()).not.toContain(token);
});

test("who does not keep to the framing is put out, and the others stay", async () => {
  const { request, link, until } = await makeSwitch();
  const good = await peer(request.socket);
  good.send(frame(255, 1, "x"));
  const bad = await peer(request.socket);
  bad.socket.write("GET / HTTP/1.1\r\n\r\n");
  await bad.closed;
  await until("image leaves: it does not speak in frames");
  const texts = await opened(link(`?token=${token}`));
  texts.send("text");
  await until("browser leaves: it does not speak in frames");
  const long = await opened(link(`?token=${token}`));
  const gone = new Promise((resolve) => long.on("close", resolve));
  long.send(new Uint8Array(1519));
  await gone;
  const other = await peer(request.socket);
  other.send(frame(1, 2, "still here"));
  expect(textOf(await good.next())).toBe("still here");
});

test("for one who does not read, a bounded number of frames waits, and the rest is counted", async () => {
  const { request, running } = await makeSwitch();
  const sleeper = await peer(request.socket);
  await joined(running, 1);
  sleeper.socket.pause();
  sleeper.send(frame(255, 1, ""));
  const sender = await peer(request.socket);
  await joined(running, 2);
  const large = new Uint8Array(1514);
  large.set(frame(1, 2, ""));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => framed(large)));
  const target = () => running.members.all[0]!.tally;
  while (target().dropped === 0) {
    await new Promise((resolve) => sender.socket.write(many, resolve));
  }
  // 4 MiB of the switch's, and what the kernel keeps.
  expect(target().sentOctets).toBeLessThan(8 << 20);
  expect(running.members.all).toHaveLength(2);
});

test("the socket is this user's alone; one that was left behind is taken over, one in use is not", async () => {
  const { request, folder } = await makeSwitch();
  expect(statSync(request.socket).mode & 0o777).toBe(0o600);
  const again = await startSwitch(request);
  expect(again).toMatchObject({ ok: false, problems: [{ code: "UP541" }] });
  expect(existsSync(request.socket)).toBe(true);
  // A process that is killed leaves its socket behind; a server that is not closed does, too.
  const left = join(folder, "left.sock");
  await leaveBehind(left);
  const over = await startSwitch({ ...request, socket: left, streams: null, browsers: null });
  expect(over.ok).toBe(true);
  if (over.ok) await over.value.stop();
  expect(existsSync(left)).toBe(false);
  const long = await startSwitch({ ...request, socket: join(folder, "x".repeat(120)) });
  expect(long).toMatchObject({ ok: false, problems: [{ code: "UP541" }] });
});

async function leaveBehind(path: string): Promise<void> {
  const { linkSync } = await import("node:fs");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  linkSync(`${path}.live`, path);
  await new Promise((resolve) => server.close(resolve));
}

test("ports come to an end, and a place that is given up is another's", async () => {
  const { request, running } = await makeSwitch({ browsers: null, streams: null });
  const peers = await Promise.all(Array.from({ length: mostPorts }, () => peer(request.socket)));
  const late = await peer(request.socket);
  await late.closed;
  expect(running.members.all).toHaveLength(mostPorts);
  peers[0]!.socket.destroy();
  await joined(running, mostPorts - 1);
  const next = await peer(request.socket);
  next.send(frame(255, 1, "in"));
  expect(textOf(await peers[1]!.next())).toBe("in");
});

test("the switch itself answers ARP and ping at its address, and captures what comes in", async () => {
  const folder = testFolder();
  const capture = join(folder, "all.pcapng");
  const { request, running } = await makeSwitch({
    addresses: rangeOf(0x0a090000, 24),
    capture,
  });
  const host = await peer(request.socket);
  const arp = frame(255, 7, "");
  arp.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 7, 10, 9, 0, 5], 12);
  arp.set([10, 9, 0, 1], 38);
  host.send(arp);
  const answer = await host.next();
  expect([...answer.subarray(12, 22)]).toEqual([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]);
  expect([...answer.subarray(28, 32)]).toEqual([10, 9, 0, 1]);
  await running.stop();
  const file = readFileSync(capture);
  const types: number[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    types.push(file.readUInt32LE(at));
  }
  expect(types).toEqual([0x0a0d0d0a, 1, 1, 6, 6]);
});
