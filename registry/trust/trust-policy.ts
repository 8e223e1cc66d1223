import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { registryUrl } from "../client/config.ts";
import { parseVerifier } from "../transparency/note.ts";

/**
 * What an organisation wants shown before it believes registries: the lines of a file of policies that begin with
 * `require` and `trust` (docs/policies.md). Everything can only be asked for, never be let off.
 */
export interface TrustPolicy {
  /** Packages have to be signed by their registry. Null when that is not asked for. */
  readonly signatures: Demand | null;
  /** Registries have to have a transparency log. */
  readonly log: Demand | null;
  /** Packages have to have provenance, signed by a key of `provenanceKeys`. */
  readonly provenance: Demand | null;
  /** Milliseconds that a version has to have been published for. */
  readonly age: (Demand & { readonly least: number }) | null;
  /** Milliseconds that the head of a log may be old. */
  readonly logAge: number;
  /** Registry -> public key of its log. */
  readonly logs: ReadonlyMap<string, string>;
  /** Files of public keys and certificates that provenance is signed with. */
  readonly provenanceKeys: readonly string[];
}

export interface Demand {
  /** Packages that it does not speak of. */
  readonly except: readonly string[];
}

const day = 24 * 3600 * 1000;

/** What holds when nobody asks for more. A registry of ours signs its head anew each minute. */
export const defaultTrust: TrustPolicy = {
  signatures: null,
  log: null,
  provenance: null,
  age: null,
  logAge: 14 * day,
  logs: new Map(),
  provenanceKeys: [],
};

/** Whether a line of a file of policies is about trust, and not for the solver. */
export function isTrustLine(line: string): boolean {
  return /^\s*(require|trust)\s/.test(line);
}

/** Whether a demand is about a package. */
export function isDemanded(demand: Demand | null, name: string): demand is Demand {
  return demand !== null && !demand.except.includes(name);
}

/**
 * Reads the lines about trust of some files; all mistakes are told at once (UP311). Of two that say how much, the
 * stricter holds.
 *
 * @param files what messages call each, its text, and what paths in it are relative to
 * @param resolvePath makes a path absolute
 */
export function readTrust(
  files: readonly { readonly name: string; readonly folder: string; readonly text: string }[],
  resolvePath: (folder: string, path: string) => string,
): Result<TrustPolicy> {
  const problems: Problem[] = [];
  const logs = new Map<string, string>();
  let trust: TrustPolicy = { ...defaultTrust, logs };
  for (const { name, folder, text } of files) {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (!isTrustLine(line)) continue;
      const fault = (message: string, hint = hintOf) =>
        void problems.push({
          code: "UP311",
          message: `policy cannot be read: ${message}`,
          place: { file: name, line: index + 1, column: 1 },
          hint,
        });
      const rule = line.replace(/(^|\s)#.*$/, "").trim();
      const [head = "", tail] = rule.split(/\s+except\s+/);
      const except = tail?.split(/[\s,]+/).filter((word) => word !== "" && word !== "and") ?? [];
      const words = head.split(/\s+/);
      const [verb, what, ...rest] = words;
      if (verb === "require") {
        const read = demandOf(what ?? "", rest, except, trust);
        if (read === null) fault(`\`${rule}\` is not something that can be required`);
        else trust = read;
      } else if (tail !== undefined) fault("`trust` has no exceptions");
      else if (what === "log" && rest.length === 2) {
        const url = registryUrl(rest[0]!);
        const known = url === null ? undefined : logs.get(url);
        if (url === null) fault(`\`${rest[0]}\` is not an http address`);
        else if (parseVerifier(rest[1]!) === null) fault(`\`${rest[1]}\` is not the key of a log`);
        else if (known !== undefined && known !== rest[1]) {
          fault(`the log of ${url} has another key in another line`, "a log has one key");
        } else logs.set(url, rest[1]!);
      } else if (what === "provenance" && rest.length === 1) {
        const path = resolvePath(folder, rest[0]!);
        trust = { ...trust, provenanceKeys: [...new Set([...trust.provenanceKeys, path])] };
      } else fault(`\`${rule}\` is not something that can be trusted`);
    }
  }
  return problems.length > 0 ? failed(...problems) : ok(trust);
}

const hintOf =
  "such lines look like `require signatures`, `require log`, `require log within 7 days`, `require provenance`, `require age 3 days except @acme/urgent`, `trust log URL KEY`, `trust provenance FILE`";

/** The policy with a demand more; null when the words make none. */
function demandOf(
  what: string,
  rest: readonly string[],
  except: readonly string[],
  trust: TrustPolicy,
): TrustPolicy | null {
  const stricter = (known: Demand | null): Demand =>
    known === null ? { except } : { except: known.except.filter((name) => except.includes(name)) };
  const words = rest.join(" ");
  if ((what === "signatures" || what === "provenance") && words === "") {
    return { ...trust, [what]: stricter(trust[what]) };
  }
  if (what === "log" && words === "") return { ...trust, log: stricter(trust.log) };
  const span = /^(within )?(\d{1,5}) (hours?|days?)$/.exec(words);
  if (span === null) return null;
  const milliseconds = Number(span[2]) * (span[3]!.startsWith("hour") ? day / 24 : day);
  if (what === "log" && span[1] !== undefined) {
    const logAge = Math.min(trust.logAge, milliseconds);
    return { ...trust, log: stricter(trust.log), logAge };
  }
  if (what === "age" && span[1] === undefined) {
    const least = Math.max(trust.age?.least ?? 0, milliseconds);
    return { ...trust, age: { ...stricter(trust.age), least } };
  }
  return null;
}
