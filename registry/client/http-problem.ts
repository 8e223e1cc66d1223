import type { Problem } from "../../model/problem.ts";

/** An address for people: without what may be secret in it. */
export function shownUrl(text: string): string {
  return text
    .replace(/\?.*$/s, "")
    .replace(/\/\/[^/@]*@/, "//")
    .slice(0, 200);
}

export function reasonOf(error: NodeJS.ErrnoException): string {
  const causes: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nobody listens there",
    ENOTFOUND: "the host is not known",
    UND_ERR_CONNECT_TIMEOUT: "no connection in time",
    UND_ERR_HEADERS_TIMEOUT: "no answer in time",
    UND_ERR_BODY_TIMEOUT: "the answer stopped",
    UND_ERR_SOCKET: "the connection was closed",
    ECONNRESET: "the connection was closed",
  };
  return causes[error.code ?? ""] ?? error.message;
}

export function unreachable(url: string, reason: string): Problem {
  return {
    code: "UP804",
    message: `${shownUrl(url)} cannot be reached: ${reason}`,
    hint: "`--offline` works with what is at hand",
  };
}

export function senseless(url: string, reason: string): Problem {
  return { code: "UP806", message: `the answer of ${shownUrl(url)} has ${reason}` };
}

export function untrusted(message: string): Problem {
  return { code: "UP808", message };
}
