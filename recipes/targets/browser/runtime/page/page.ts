/** The page: starts the worker with the image, and shows what it tells. */
import { type HttpRequest, type StartRequest, sitePrefix, type WorkerMessage } from "../message.ts";
import { cardAddress, formatHardware } from "./card-address.ts";
import { element, MachinePanel } from "./machine-panel.ts";
import { explorePicture } from "./picture.ts";
import { Terminal } from "./terminal.ts";

const terminal = new Terminal(element("console"), element<HTMLButtonElement>("follow"));
const panel = new MachinePanel();
const status = element("status");

/** Requests that came before the worker was there. */
let early: [HttpRequest, MessagePort][] | null = [];
let worker: Worker | null = null;

navigator.serviceWorker?.addEventListener("message", ({ data, ports }) => {
  const request = data as HttpRequest;
  if (early !== null) early.push([request, ports[0]!]);
  else worker?.postMessage(request, [ports[0]!]);
});

// Without a change of the address, whose settings a reload is to find.
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  element("console").focus();
});
element("clear").addEventListener("click", () => terminal.clear());
element("copy").addEventListener("click", () => void copy());
const picture = document.querySelector<SVGElement>(".picture");
if (picture !== null) explorePicture(picture, element("modules"));
start().catch((error: unknown) => cannotRun(String(error)));
// While the image is loading, and asks for its address.
if (document.body.dataset["webServer"] === "yes") void serve();

/** Settings of this run are in the address, behind `?` or `#`: docs/browser.md. No server sees what is behind `#`, as secrets should be. */
async function start(): Promise<void> {
  const words = new URLSearchParams(`${location.search.slice(1)}&${location.hash.slice(1)}`);
  const port = Number(words.get("port") ?? Number.NaN);
  const hardware = await cardAddress();
  const request: StartRequest = {
    kind: "start",
    hardware,
    network: words.get("network") ?? "unipkg",
    link: words.get("link"),
    address: words.get("address"),
    port: Number.isInteger(port) ? port : null,
    storage: words.get("storage") === "indexeddb" ? "indexeddb" : "best",
  };
  const made = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker = made;
  made.onmessage = ({ data }: MessageEvent<WorkerMessage>) => hear(data, request);
  made.onerror = (event) => cannotRun(event.message);
  made.postMessage(request);
  for (const [asked, answer] of early ?? []) made.postMessage(asked, [answer]);
  early = null;
  // What the worker holds (its disk, its place on the network) is free for the page that comes next.
  addEventListener("pagehide", (event) => {
    if (!event.persisted) made.terminate();
  });
}

function hear(message: WorkerMessage, { hardware, network }: StartRequest): void {
  switch (message.kind) {
    case "output":
      terminal.print(message.stream, message.bytes);
      break;
    case "running":
      setState("running", "running");
      if (message.hasNetwork) {
        panel.set("card", formatHardware(hardware));
        panel.show("address");
      }
      break;
    case "ended":
      if (message.isTrap) setState("trapped", "trapped");
      else setState(message.status === 0 ? "ended" : "failed", `exited ${message.status}`);
      break;
    case "broken":
      cannotRun(message.message);
      break;
    case "traffic":
      panel.traffic(message.traffic);
      break;
    case "address":
      panel.set("address", message.address);
      break;
    case "segment":
      panel.set("segment", `${network}: ${segmentWords[message.status] ?? message.status}`);
      break;
    case "storage":
      panel.set("disk", message.description, message.isProblem);
      break;
  }
}

/** Statuses of the segment, in words. */
const segmentWords: Readonly<Record<string, string>> = {
  alone: "tabs of this browser",
  "through another tab": "tabs of this browser, and what another of them is linked to",
  connecting: "tabs of this browser; the switch does not answer, or not to this link",
  connected: "tabs of this browser, and the switch",
  "link unavailable": "tabs of this browser; a link needs HTTPS",
};

function cannotRun(why: string): void {
  setState("broken", "cannot run");
  terminal.tell(`The image cannot be run: ${why}`);
}

function setState(state: string, text: string): void {
  status.dataset["state"] = state;
  status.textContent = text;
}

/** Has the service worker answer below `site/`. */
async function serve(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(new URL("../service-worker.js", import.meta.url));
    await navigator.serviceWorker.ready;
    element<HTMLAnchorElement>("site").href = sitePrefix;
    panel.show("site");
  } catch (error) {
    terminal.tell(
      `There is no service worker, so that ${sitePrefix} is not there: ${String(error)}`,
    );
  }
}

async function copy(): Promise<void> {
  const button = element("copy");
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(terminal.text);
    button.textContent = "Copied";
  } catch {
    // Without leave to write to the clipboard, the text is chosen for the reader's own keys.
    getSelection()?.selectAllChildren(element("console"));
    button.textContent = "Selected";
  }
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}
