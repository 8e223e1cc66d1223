import { plainText } from "../../model/plain-text.ts";
import type { Problem, ProblemCode } from "../../model/problem.ts";
import type { HttpAnswer } from "./http-client.ts";

/** A status that says no, as a problem; with the registry's own words. */
export function refusedBy(registry: string, { status, body }: HttpAnswer, what: string): Problem {
  const reason = reasonIn(body);
  if (status === 401 || status === 403) {
    return {
      code: "UP805",
      message: `${registry} does not give ${what}${reason === "" ? "" : `: ${reason}`}`,
      hint: `\`unipkg login --registry ${registry}\`, or ask for the right to it`,
    };
  }
  if (status >= 500) {
    return {
      code: "UP804",
      message: `${registry} failed with status ${status}${reason === "" ? "" : `: ${reason}`}`,
    };
  }
  // A registry that cannot give what its own upstream does not give, and says why.
  const [, code, why] = /^(UP85[01]): (.*)$/s.exec(reason) ?? [];
  if (status === 424 && why !== undefined) {
    return { code: code as ProblemCode, message: `${registry} does not have ${what}: ${why}` };
  }
  return {
    code: "UP806",
    message: `${registry} answered with status ${status} for ${what}${reason === "" ? "" : `: ${reason}`}`,
  };
}

/** `error` of npm's answers, fit for a terminal. */
export function reasonIn(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString("utf8")) as { error?: unknown };
    return typeof error === "string" ? plainText(error).slice(0, 2000) : "";
  } catch {
    return "";
  }
}
