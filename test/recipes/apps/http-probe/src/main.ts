import { log } from "console";
import { Handler, Request, Response, serve } from "http";
import * as timer from "timer";

export function main(): void {
  if (!serve(80, new Probe())) log("no port");
}

class Probe implements Handler {
  onRequest(request: Request, response: Response): void {
    const path = request.path;
    if (path == "/entity") {
      response.header("Content-Type", "text/plain").entity(entity, "v1");
    } else if (path == "/small") {
      response.header("Cache-Control", "no-cache").header("Content-Language", "en");
      response.entity(small, "small-1");
    } else if (path == "/empty") {
      response.entity(new Uint8Array(0), "nothing");
    } else if (path == "/later") {
      timer.after(<u64>100000000, new Later(request, response));
    } else if (path == "/never") {
      log("never");
    } else if (path == "/fields") {
      response.header("X-Injected", "a\r\nSet-Cookie: b\0c");
      response.header("X-Unicode", "\u00e9\u20ac\ud83d\ude00").header("Content-Length", "5");
      response.header("connection", "upgrade").header("Date", "never").text("fields");
    } else if (path == "/204") {
      response.status(204).text("must not be sent");
    } else if (path == "/twice") {
      response.text("first");
      response.status(500).text("second");
    } else {
      response.text(describe(request));
    }
  }
}

class Later implements timer.Handler {
  constructor(
    private request: Request,
    private response: Response,
  ) {}

  onTimer(timer: timer.Timer): void {
    this.response.text(`later ${describe(this.request)}`);
  }
}

function describe(request: Request): string {
  const host = request.header("host");
  const x = request.header("x");
  const body = String.UTF8.decode(request.body.slice().buffer);
  return `${request.method} ${request.target} path=${request.path} query=${request.query} host=${host === null ? "null" : host} x=${x === null ? "null" : x} body=${body}\n`;
}

const entity: Uint8Array = letters(100000);
const small: Uint8Array = letters(26);

function letters(length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = <u8>(0x61 + (index % 26));
  return bytes;
}
