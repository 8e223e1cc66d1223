import type { Policy } from "../model/policy.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { parsePolicyFile } from "./policies.ts";
import { isPackageName, scopeOf } from "./protocol/package-name.ts";
import { type Demand, isTrustLine, readTrust, type TrustPolicy } from "./trust/trust-policy.ts";

/** What an organisation has its registry ask of all that is published in its scope (docs/policies.md). */
export interface OrganisationPolicy {
  /** What its packages, and images that are made under it, may be. */
  readonly rules: readonly Policy[];
  readonly publishers: readonly PublisherRule[];
  /** Versions have to come with provenance. */
  readonly provenance: Demand | null;
  /** Milliseconds that a version waits for until it is offered. */
  readonly age: TrustPolicy["age"];
}

/** `only publishers ann, acme:drivers for @acme/firewall, @acme/net-*` */
export interface PublisherRule {
  /** Accounts, and teams of the organisation as npm writes them: `acme:drivers`. */
  readonly accounts: readonly string[];
  /** Names of packages, or begins of names. */
  readonly packages: readonly NamePattern[];
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

interface NamePattern {
  readonly begin: string;
  /** Whether the name goes on: it was written with `*`. */
  readonly isOpen: boolean;
}

/**
 * Reads the policy of an organisation; all mistakes are told at once (UP311). Lines that only whoever installs packages
 * can hold a registry to are mistakes here.
 *
 * @param file what the text is called in messages
 */
export function readOrganisationPolicy(
  text: string,
  organisation: string,
  file: string,
): Result<OrganisationPolicy> {
  const problems: Problem[] = [];
  const publishers: PublisherRule[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  // What is read here is a blank line to the readers of the rest, so that their lines keep their numbers.
  const rest = lines.map((whole, index) => {
    const line = whole.replace(/(^|\s)#.*$/, "").trim();
    const words = line.split(/[\s,]+/);
    const place = { file, line: index + 1, column: whole.search(/\S/) + 1 };
    if (words[0] === "only" && words[1] === "publishers") {
      const read = readPublishers(words.slice(2), organisation);
      if (typeof read === "string") problems.push(fault(read, place));
      else publishers.push({ ...read, text: line, line: index + 1 });
      return "";
    }
    const isForClients = isTrustLine(line) && !/^require\s+(age|provenance)\s*/.test(line);
    if (!isForClients && words[0] !== "follow") return whole;
    problems.push(fault(`\`${line}\` is for those who install packages`, place));
    return "";
  });
  const readable = rest.join("\n");
  const rules = parsePolicyFile(readable, file);
  if (!rules.ok) problems.push(...rules.problems);
  const trust = readTrust([{ name: file, folder: "/", text: readable }], (_, path) => path);
  if (!trust.ok) problems.push(...trust.problems);
  if (problems.length > 0 || !rules.ok || !trust.ok) {
    return failed(...problems.sort((a, b) => lineOf(a) - lineOf(b)));
  }
  const { provenance, age } = trust.value;
  return ok({ rules: rules.value.policies, publishers, provenance, age });
}

/** Whether a rule about publishers is about a package. */
export function isAbout({ packages }: PublisherRule, name: string): boolean {
  return packages.some(({ begin, isOpen }) => (isOpen ? name.startsWith(begin) : name === begin));
}

/** The words after `only publishers`, or what is wrong with them. */
function readPublishers(
  words: readonly string[],
  organisation: string,
): Pick<PublisherRule, "accounts" | "packages"> | string {
  const named = words.filter((word) => word !== "" && word !== "and");
  const middle = named.indexOf("for");
  const accounts = named.slice(0, middle === -1 ? undefined : middle);
  const names = middle === -1 ? [`@${organisation}/*`] : named.slice(middle + 1);
  const wrong = accounts.find((name) => {
    const account = name.startsWith(`${organisation}:`)
      ? name.slice(organisation.length + 1)
      : name;
    return !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(account);
  });
  if (wrong !== undefined) return `\`${wrong}\` is not the name of an account, or of a team`;
  if (accounts.length === 0) return "`only publishers` needs the names of accounts or teams";
  if (names.length === 0) return "the name of a package is missing after `for`";
  const foreign = names.find((name) => {
    const whole = name.endsWith("*") ? `${name.slice(0, -1)}x` : name;
    return !isPackageName(whole) || scopeOf(whole) !== organisation;
  });
  if (foreign !== undefined)
    return `\`${foreign}\` is not the name of a package of @${organisation}`;
  const packages = names.map((name): NamePattern => {
    const isOpen = name.endsWith("*");
    return { begin: isOpen ? name.slice(0, -1) : name, isOpen };
  });
  return { accounts, packages };
}

function fault(message: string, place: Problem["place"] & object): Problem {
  return {
    code: "UP311",
    message: `policy cannot be read: ${message}`,
    place,
    hint: "an organisation's policy has lines such as `forbid effect:unsafe-memory`, `licences MIT, ISC`, `only publishers ann, bob for @acme/firewall`, `require age 3 days`, `require provenance`",
  };
}

function lineOf({ place }: Problem): number {
  return place?.line ?? 0;
}
