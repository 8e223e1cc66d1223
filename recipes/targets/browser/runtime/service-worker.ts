/** Hands requests below `site/` to the page that has the image, and its answers back. */
import { type HttpAnswer, type HttpControl, type HttpRequest, sitePrefix } from "./message.ts";

declare const self: ServiceWorkerGlobalScope;

const scope = new URL("./", self.location.href);
const prefix = `${scope.pathname}${sitePrefix}`;

/** How long a page may take to begin with its answer, in milliseconds. */
const patience = 20_000;

/** Which page a window below `site/` was answered by, so that what it loads comes from there, too. */
const pageOf = new Map<string, string>();

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== scope.origin || !url.pathname.startsWith(prefix)) return;
  event.respondWith(answer(event, url));
});

async function answer(event: FetchEvent, url: URL): Promise<Response> {
  const page = await pageFor(event.clientId);
  if (page === null) {
    return problem(503, "The image runs in no tab.", `Open ${scope.href} in a tab, and try again.`);
  }
  for (const client of [event.clientId, event.resultingClientId]) {
    if (client !== "") pageOf.set(client, page.id);
  }
  const { request } = event;
  const body = new Uint8Array(await request.arrayBuffer());
  const asked: HttpRequest = {
    kind: "http",
    method: request.method,
    target: `/${url.pathname.slice(prefix.length)}${url.search}`,
    headers: [["host", url.host], ...request.headers],
    body: request.method === "GET" || request.method === "HEAD" ? null : body,
  };
  return relay(page, asked, request.signal);
}

/** The page that has the image: the one that asks, the one that a window below `site/` came from, or the one used last. */
async function pageFor(clientId: string): Promise<Client | null> {
  const windows = await self.clients.matchAll({ type: "window" });
  const pages = windows.filter(({ url }) => !new URL(url).pathname.startsWith(prefix));
  const known = new Set(windows.map(({ id }) => id));
  for (const id of pageOf.keys()) if (!known.has(id)) pageOf.delete(id);
  const wanted = pageOf.get(clientId) ?? clientId;
  return pages.find(({ id }) => id === wanted) ?? pages[0] ?? null;
}

function relay(page: Client, request: HttpRequest, signal: AbortSignal): Promise<Response> {
  const { port1: port, port2 } = new MessageChannel();
  const control = (message: HttpControl) => port.postMessage(message);
  signal.addEventListener("abort", () => control({ kind: "cancel" }));
  return new Promise((resolve) => {
    const given = setTimeout(() => {
      control({ kind: "cancel" });
      resolve(problem(504, "The image does not answer.", "Is its page still open?"));
    }, patience);
    let body: ReadableStreamDefaultController<Uint8Array> | null = null;
    /** Bytes told to the stream that its reader has not taken yet. */
    let held = 0;
    port.onmessage = ({ data }: MessageEvent<HttpAnswer>) => {
      clearTimeout(given);
      switch (data.kind) {
        case "head": {
          const stream = data.hasBody
            ? new ReadableStream<Uint8Array>(
                {
                  start: (controller) => {
                    body = controller;
                  },
                  pull: () => {
                    if (held > 0) control({ kind: "taken", bytes: held });
                    held = 0;
                  },
                  cancel: () => control({ kind: "cancel" }),
                },
                new ByteLengthQueuingStrategy({ highWaterMark: 65536 }),
              )
            : null;
          resolve(response(data, stream));
          break;
        }
        case "body":
          held += data.bytes.length;
          body?.enqueue(data.bytes);
          // While the queue has room nobody asks for more.
          if ((body?.desiredSize ?? 0) > 0 && held > 0) {
            control({ kind: "taken", bytes: held });
            held = 0;
          }
          break;
        case "end":
          body?.close();
          port.close();
          break;
        case "failure":
          if (body !== null) body.error(new Error(data.message));
          else resolve(problem(502, "The image's web server cannot be reached.", data.message));
          port.close();
          break;
      }
    };
    page.postMessage(request, [port2]);
  });
}

function response(
  head: Extract<HttpAnswer, { kind: "head" }>,
  body: ReadableStream<Uint8Array> | null,
): Response {
  const headers = new Headers();
  for (const [name, value] of head.headers) headers.append(name, below(name, value));
  // A response of its own may not have these statuses with a body, nor others than 200 to 599.
  const { status, reason: statusText } = head;
  return new Response(body, { status, statusText, headers });
}

/** A path that the image's server names in a redirection is below `site/` here. */
function below(name: string, value: string): string {
  const isPath = name === "location" && value.startsWith("/") && !value.startsWith("//");
  return isPath ? prefix + value.slice(1) : value;
}

function problem(status: number, title: string, detail: string): Response {
  return new Response(`${title}\n${detail}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-unipkg": "host" },
  });
}
