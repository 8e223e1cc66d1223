import { Handler, Request, Response } from "http";
import * as kv from "kv";
import { mediaType } from "media-types";

/** Answers for the values of a store: `GET`, `PUT` and `DELETE /NAME`, and `GET /` for all names. */
export class Shelf implements Handler {
  constructor(private store: kv.Store) {}

  onRequest(request: Request, response: Response): void {
    const method = request.method;
    const name = request.path.slice(1);
    if (request.path.length == 0) {
      response.status(400).text("Bad Request\n");
    } else if (method == "GET" || method == "HEAD") {
      if (name.length > 0) this.store.get(name, new Reading(response));
      else response.text(this.store.keys("").concat([""]).join("\n"));
    } else if (name.length > 0 && method == "PUT") {
      this.store.set(name, request.body, new Writing(response));
    } else if (name.length > 0 && method == "DELETE") {
      this.store.delete(name, new Writing(response));
    } else {
      const allowed = name.length > 0 ? "GET, HEAD, PUT, DELETE" : "GET, HEAD";
      response.status(405).header("Allow", allowed).text("Method Not Allowed\n");
    }
  }
}

class Reading implements kv.Reader {
  constructor(private response: Response) {}

  onValue(key: string, value: Uint8Array | null, result: i32): void {
    if (value !== null) this.response.header("Content-Type", mediaType(key)).end(value);
    else refuse(this.response, result);
  }
}

/** Answers when the change lasts, and not before. */
class Writing implements kv.Writer {
  constructor(private response: Response) {}

  onWritten(result: i32): void {
    if (result == kv.DONE) this.response.status(204).end(new Uint8Array(0));
    else refuse(this.response, result);
  }
}

function refuse(response: Response, result: i32): void {
  if (result == kv.ABSENT) response.status(404).text("Not Found\n");
  else if (result == kv.INVALID) response.status(413).text("Content Too Large\n");
  else if (result == kv.BUSY) response.status(503).header("Retry-After", "1").text("Busy\n");
  else if (result == kv.FULL) response.status(507).text("Insufficient Storage\n");
  else response.status(500).text("Internal Server Error\n");
}
