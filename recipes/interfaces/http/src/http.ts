/** Answers requests. */
export interface Handler {
  /**
   * A whole request is there, its body within the server's limit. Answer by one of the `Response`'s ends, now or later;
   * requests of one connection are answered in their order.
   */
  onRequest(request: Request, response: Response): void;
}

/** A request, checked against RFC 9110 and RFC 9112. Stays valid for as long as it is kept. */
export declare class Request {
  /** `GET`, `POST`, … as sent. */
  get method(): string;

  /** The path as sent, with a `/` in front, without the query: `/a%20b/`. */
  get target(): string;

  /** The path with percent escapes decoded, dot segments removed, and always a `/` in front; empty when it is not valid UTF-8 or climbs above the root. */
  get path(): string;

  /** What follows `?`, as sent; empty without one. */
  get query(): string;

  /** Value of a header field, by lower-case name, several joined by `, `; null when absent. */
  header(name: string): string | null;

  /** The body; empty without one. */
  get body(): Uint8Array;
}

/** The answer to one request. Status 200 unless set. Only its first end counts, and nothing after it. */
export declare class Response {
  /** Sets the status code, 200 to 599. */
  status(code: i32): Response;

  /** Adds a header field. Length, date and connection fields are the server's own: to add one has no effect. */
  header(name: string, value: string): Response;

  /** Ends the answer with these bytes, which must not change afterwards. HEAD sends the fields alone. */
  end(body: Uint8Array): void;

  /** Ends the answer with UTF-8 text, as `text/plain` unless its Content-Type was set. */
  text(body: string): void;

  /**
   * Ends the answer with a whole representation, under the conditions and ranges that the request sets
   * (RFC 9110, sections 13 and 14): 200, 206, 304, 412 or 416. `tag` becomes the strong entity tag.
   */
  entity(body: Uint8Array, tag: string): void;
}

/** Serves `handler` at `port`; false when the port cannot be had. */
export declare function serve(port: u16, handler: Handler): bool;
