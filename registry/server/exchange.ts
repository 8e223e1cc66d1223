import type { IncomingHttpHeaders } from "node:http";
import type { Visitor } from "./access.ts";

/** A request, read and taken apart; nothing of it is trusted yet. */
export interface ApiRequest {
  readonly method: string;
  /** Parts of the path, decoded; a scoped package name is one part. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Address of the one who asks. */
  readonly address: string;
  /** `http://HOST:PORT/`, as the one who asks reached the registry. */
  readonly base: string;
  readonly visitor: Visitor;
}

/** An answer, before it is written to a connection. */
export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Whether something is an answer already, and not what was looked for. */
export function isAnswer(found: object): found is ApiResponse {
  return "status" in found;
}

export function json(status: number, value: unknown): ApiResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** An answer that says no, and why: npm shows the text of `error`. */
export function refuse(status: number, error: string): ApiResponse {
  return json(status, { error });
}

/** The same for a package that is not there and one that the visitor may not know of. */
export function hidden(visitor: Visitor): ApiResponse {
  return visitor.account === null
    ? {
        ...refuse(
          401,
          "log in: this registry tells of its packages only to those who may read them",
        ),
        headers: { "content-type": "application/json", "www-authenticate": "Bearer" },
      }
    : refuse(404, "no such package, or your token does not let you read it");
}

/** The body as a JSON object without dangerous keys; null when it is none. */
export function objectIn({ body }: Pick<ApiRequest, "body">): Record<string, unknown> | null {
  try {
    const text = body.toString("utf8");
    if (isTooDeep(text)) return null;
    const value: unknown = JSON.parse(text, (key, item) => {
      if (key === "__proto__") throw new Error("a key is __proto__");
      return item;
    });
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON.parse takes any depth, but whatever walks over its result does not. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > 64) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
