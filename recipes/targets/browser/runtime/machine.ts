/** Runs the image of the page in this worker, by the rules of docs/abi.md. */
import { UNREACHABLE } from "../../../../linker/node-host/abi.ts";
import { consoleModule, type Output } from "../../../../linker/node-host/console.ts";
import { Disks } from "../../../../linker/node-host/disk.ts";
import { drive } from "../../../../linker/node-host/drive.ts";
import { eventModule } from "../../../../linker/node-host/event.ts";
import { Image } from "../../../../linker/node-host/image.ts";
import { randomModule } from "../../../../linker/node-host/random.ts";
import { Ready } from "../../../../linker/node-host/ready.ts";
import { describeTrap } from "../../../../linker/node-host/trap.ts";
import { type CompiledModule, webAssembly } from "../../../../linker/node-host/webassembly.ts";
import { parseIpv4 } from "../../../../model/setting.ts";
import { Card } from "./card.ts";
import type {
  HttpAnswer,
  HttpControl,
  HttpRequest,
  ImageFacts,
  StartRequest,
  WorkerMessage,
} from "./message.ts";
import { ask } from "./neighbour/http.ts";
import { Neighbour } from "./neighbour/neighbour.ts";
import { type Cable, connectSegment } from "./network/segment.ts";
import { openStorage } from "./storage/storage.ts";
import { loadSymbols } from "./symbols.ts";

const trafficPause = 500;

export class Machine {
  readonly #base: URL;
  readonly #request: StartRequest;
  readonly #tell: (message: WorkerMessage) => void;
  /** Of its web server; null when it has none. */
  #port: number | null = null;
  #neighbour: Neighbour | null = null;
  /** Why nothing can be asked of the image now; null when it can, or will be. */
  #refusal: string | null = null;
  /** Requests that came before the image ran. */
  #early: [HttpRequest, MessagePort][] | null = [];
  #card: Card | null = null;
  #cable: Cable | null = null;
  #requests = 0;
  #told = "";

  /** @param base the page's folder, with all that the build has made */
  constructor(base: URL, request: StartRequest, tell: (message: WorkerMessage) => void) {
    this.#base = base;
    this.#request = request;
    this.#tell = tell;
  }

  /** Loads the image and runs it to its end, which is told. */
  async run(): Promise<void> {
    const [module, facts] = await Promise.all([this.#compile(), this.#facts()]);
    const blob = await this.#blob(facts);
    this.#port = this.#request.port ?? facts.port;
    const has = (name: string) =>
      webAssembly.Module.imports(module).some((imported) => imported.module === name);
    const disk = has("block") ? await this.#disk(facts) : null;
    let wake = () => {};
    const ready = new Ready(() => wake());
    let disks: Disks | null = null;
    const loaded = Image.instantiate({ module, blob, blobAddress: facts.blobAddress }, (memory) => {
      disks = new Disks(memory, ready, (index) => (index === 0 ? disk : null) ?? UNREACHABLE);
      this.#card = new Card(memory, ready, this.#request.hardware, (frame) => this.#send(frame));
      return {
        block: disks.module(),
        clock: { monotonic, wall },
        console: consoleModule(memory, this.#output),
        event: eventModule(),
        net: this.#card.module(),
        random: randomModule(memory, fillRandom),
      };
    });
    if (has("net")) this.#connect();
    else this.#refusal = "the image has no network card";
    this.#tell({ kind: "running", hasNetwork: has("net") });
    const early = this.#early ?? [];
    this.#early = null;
    for (const [request, port] of early) this.http(request, port);
    const watch = setInterval(() => this.#tellTraffic(), trafficPause);
    const end = await drive({
      loaded,
      ready,
      setWake: (next) => {
        wake = next;
      },
      pacing: { monotonic, soon },
    });
    clearInterval(watch);
    this.#tellTraffic();
    this.#cable?.close();
    (disks as Disks | null)?.closeAll();
    this.#refusal = "the image has ended";
    if (end === null) return;
    if (end.message !== null) await this.#tellTrap(end.cause, end.message);
    this.#tell({ kind: "ended", status: end.status, isTrap: end.message !== null });
  }

  /** Asks the image's web server; the answer goes to `port`. */
  http(request: HttpRequest, port: MessagePort): void {
    if (this.#early !== null) {
      this.#early.push([request, port]);
      return;
    }
    const tell = (answer: HttpAnswer) => {
      // What is a view of a larger buffer is sent as its own bytes.
      if (answer.kind === "body") port.postMessage({ ...answer, bytes: answer.bytes.slice() });
      else port.postMessage(answer);
    };
    if (this.#neighbour === null || this.#port === null || this.#refusal !== null) {
      tell({ kind: "failure", message: this.#refusal ?? "the image has no web server" });
      return;
    }
    this.#requests++;
    const asked = ask(this.#neighbour, this.#port, request, tell);
    port.onmessage = ({ data }: MessageEvent<HttpControl>) => {
      if (data.kind === "taken") asked.took(data.bytes);
      else asked.cancel();
    };
  }

  readonly #output: Output = (stream, bytes) => this.#tell({ kind: "output", stream, bytes });

  async #facts(): Promise<ImageFacts> {
    return (await (await this.#fetch("image.json")).json()) as ImageFacts;
  }

  async #fetch(name: string): Promise<Response> {
    const url = new URL(name, this.#base);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status} ${answer.statusText}`);
    return answer;
  }

  async #compile(): Promise<CompiledModule> {
    const answer = await this.#fetch("image.wasm");
    // A server that does not know the type has it compiled when it is whole.
    const isTyped = answer.headers.get("content-type")?.startsWith("application/wasm") === true;
    const compiled = isTyped
      ? await WebAssembly.compileStreaming(answer)
      : await WebAssembly.compile(await answer.arrayBuffer());
    return compiled as unknown as CompiledModule;
  }

  async #blob({ blobLength }: ImageFacts): Promise<Uint8Array> {
    if (blobLength === 0) return new Uint8Array(0);
    const bytes = new Uint8Array(await (await this.#fetch("image.blob")).arrayBuffer());
    if (bytes.length !== blobLength) {
      throw new Error(`image.blob has ${bytes.length} bytes, not ${blobLength}`);
    }
    return bytes;
  }

  async #disk({ name }: ImageFacts) {
    const { storage } = this.#request;
    const { backing, description } = await openStorage(`${this.#base.pathname} ${name}`, storage);
    this.#tell({ kind: "storage", description, isProblem: typeof backing === "number" });
    return backing;
  }

  #connect(): void {
    const { network, link, address, hardware } = this.#request;
    const card = this.#card!;
    this.#neighbour = new Neighbour({
      hardware,
      // A switch gives addresses itself.
      serves: link === null,
      address: address === null ? null : parseIpv4(address),
      deliver: (frame) => card.deliver(frame, true),
      addressed: (own) => this.#tell({ kind: "address", address: own }),
    });
    this.#cable = connectSegment({
      name: network,
      link: link ?? undefined,
      receive: (frame) => {
        this.#neighbour?.toImage(frame);
        card.deliver(frame, false);
      },
      changed: (status) => this.#tell({ kind: "segment", status }),
    });
  }

  #send(frame: Uint8Array): void {
    if (this.#neighbour?.fromImage(frame) === false) this.#cable?.send(frame);
  }

  #tellTraffic(): void {
    if (this.#card === null || this.#neighbour === null) return;
    const traffic = { ...this.#card.counters, requests: this.#requests };
    const key = Object.values(traffic).join(" ");
    if (key === this.#told) return;
    this.#told = key;
    this.#tell({ kind: "traffic", traffic });
  }

  async #tellTrap(cause: unknown, message: string): Promise<void> {
    let told = message;
    try {
      const symbols = await loadSymbols(new URL("image.wasm.map", this.#base));
      told = describeTrap(cause, symbols).message;
    } catch {
      // Without symbols the message names offsets, which is better than none.
    }
    this.#output(2, new TextEncoder().encode(`${told}\n`));
  }
}

/** Since this worker began, in nanoseconds. */
function monotonic(): bigint {
  return BigInt(Math.round(performance.now() * 1e6));
}

function wall(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

/** The most that one call of getRandomValues fills. */
const randomLimit = 65536;

function fillRandom(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += randomLimit) {
    crypto.getRandomValues(bytes.subarray(at, at + randomLimit) as Uint8Array<ArrayBuffer>);
  }
}

/** The next turn of the event loop: a message to oneself is not held back as a timer is. */
const turns: (() => void)[] = [];
const turn = new MessageChannel();
turn.port1.onmessage = () => turns.shift()?.();

function soon(call: () => void): void {
  turns.push(call);
  turn.port2.postMessage(null);
}
