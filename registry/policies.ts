import validRange from "semver/ranges/valid.js";
import type { Place } from "../model/place.ts";
import { formatPolicy, type Policy, parsePolicy } from "../model/policy.ts";
import { ok, type Problem, type Result } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";
import { isTrustLine } from "./trust/trust-policy.ts";

/** What a file of policies says to the solver. */
export interface PolicyFile {
  readonly policies: readonly Policy[];
  /** Scopes, with `@`, whose organisations' policies hold, too: `follow @acme`. */
  readonly followed: readonly FollowedScope[];
}

export interface FollowedScope {
  readonly scope: string;
  readonly place: Place;
}

/**
 * Reads a file of policies: one on a line, `#` begins a comment (docs/policies.md). Lines about trust in registries
 * are not for the solver, and left out. All mistakes are told at once.
 *
 * @param file what the text is called in messages
 */
export function parsePolicyFile(text: string, file: string): Result<PolicyFile> {
  const policies: Policy[] = [];
  const followed: FollowedScope[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const rule = line.replace(/(^|\s)#.*$/, "");
    if (rule.trim() === "" || isTrustLine(rule)) continue;
    const indent = rule.length - rule.trimStart().length;
    const place = { file, line: index + 1, column: indent + 1 };
    const scopes = /^\s*follow\s+(.*)$/.exec(rule)?.[1];
    if (scopes !== undefined) {
      for (const scope of scopes.split(/[\s,]+/).filter((word) => word !== "" && word !== "and")) {
        if (/^@[a-z0-9][a-z0-9._-]*$/.test(scope)) followed.push({ scope, place });
        else problems.push(fault(`\`${scope}\` is not a scope`, place));
      }
      continue;
    }
    const read = readPolicy(rule.trim(), place);
    if ("code" in read) problems.push(read);
    else policies.push(read);
  }
  return problems.length > 0 ? { ok: false, problems } : ok({ policies, followed });
}

/** One policy, or what is wrong with it (UP311). */
export function readPolicy(text: string, place: Place): Policy | Problem {
  const parsed = parsePolicy(text);
  if (!parsed.ok) {
    const word = text.slice(parsed.column - 1).split(/[\s,]/)[0] ?? "";
    const [near] = nearest(word, parsed.known);
    return fault(parsed.fault, { ...place, column: place.column + parsed.column - 1 }, near);
  }
  const { rule, except } = parsed;
  if (rule.kind === "package" && validRange(rule.range) === null) {
    return fault(`\`${rule.range}\` is not a range of versions`, place);
  }
  return { rule, except, text: formatPolicy(rule, except), place };
}

function fault(message: string, place: Place, near?: string): Problem {
  return {
    code: "UP311",
    message: `policy cannot be read: ${message}`,
    place,
    hint:
      near === undefined
        ? "policies look like `forbid effect:unsafe-memory except netfront`, `only scope @acme, core`, `licences MIT, ISC`"
        : `did you mean \`${near}\`?`,
  };
}
