import type { Effect } from "./effect.ts";
import type { Place } from "./place.ts";

/**
 * What an application or an organisation allows into its images: rules beside those that packages and targets
 * make. docs/policies.md has the grammar and what each rule speaks of.
 */
export interface Policy {
  readonly rule: PolicyRule;
  /** Packages that it does not speak of, sorted. */
  readonly except: readonly string[];
  /** In the one spelling that `formatPolicy` gives it. */
  readonly text: string;
  /** Where it is written: in the application's manifest, or in a file of policies. */
  readonly place: Place;
}

export type PolicyRule =
  /** `forbid effect:unsafe-memory`: no code with this effect, the application's included. */
  | { readonly kind: "effect"; readonly effect: Effect }
  /** `forbid package left-pad@<2`. */
  | { readonly kind: "package"; readonly name: string; readonly range: string }
  /** `forbid deprecated`: no deprecated releases. */
  | { readonly kind: "deprecated" }
  /** `forbid prereleases`. */
  | { readonly kind: "prereleases" }
  /** `only scope @acme and core`: `core` are the packages whose names have no scope. */
  | { readonly kind: "scope"; readonly scopes: readonly string[] }
  /** `licences MIT, ISC`: identifiers of the SPDX licence list. */
  | { readonly kind: "licences"; readonly licences: readonly string[] };

/** A policy without its place, or what is wrong with its text, at a column from 1. */
export type ParsedPolicy =
  | { readonly ok: true; readonly rule: PolicyRule; readonly except: readonly string[] }
  | {
      readonly ok: false;
      readonly fault: string;
      readonly column: number;
      /** The words that could stand there. */
      readonly known: readonly string[];
    };

/** Reads one policy. Never throws, whatever the text. */
export function parsePolicy(text: string): ParsedPolicy {
  const words = new Words(text);
  try {
    const rule = readRule(words);
    const except = words.take("except") ? readList(words, "package", packageForm).sort() : [];
    const rest = words.peek();
    if (rest !== null) words.fail(`\`${rest}\` is too much`, ["except"]);
    return { ok: true, rule, except };
  } catch (error) {
    if (error instanceof Fault) return error.told;
    throw error;
  }
}

/** The rule as text, in one spelling. */
export function formatPolicy(rule: PolicyRule, except: readonly string[]): string {
  const tail = except.length === 0 ? "" : ` except ${except.join(", ")}`;
  switch (rule.kind) {
    case "effect":
      return `forbid effect:${rule.effect}${tail}`;
    case "package":
      return `forbid package ${rule.name}${rule.range === "*" ? "" : `@${rule.range}`}${tail}`;
    case "deprecated":
    case "prereleases":
      return `forbid ${rule.kind}${tail}`;
    case "scope":
      return `only scope ${rule.scopes.join(", ")}${tail}`;
    case "licences":
      return `licences ${rule.licences.join(", ")}${tail}`;
  }
}

/** `@acme` of `@acme/firewall`; `core` of a name without a scope. */
export function scopeOf(name: string): string {
  const slash = name.startsWith("@") ? name.indexOf("/") : -1;
  return slash === -1 ? "core" : name.slice(0, slash);
}

const packageForm = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
const scopeForm = /^(core|@[a-z0-9][a-z0-9._-]*)$/;
const licenceForm = /^[A-Za-z0-9][A-Za-z0-9.+-]*$/;
const effectForm = /^(float|unsafe-memory|host:[a-z][a-z0-9-]*)$/;

function readRule(words: Words): PolicyRule {
  if (words.take("licences") || words.take("licenses")) {
    return { kind: "licences", licences: readList(words, "licence", licenceForm).sort() };
  }
  if (words.take("only")) {
    if (!words.take("scope")) words.fail("`only` needs `scope`", ["scope"]);
    return { kind: "scope", scopes: readList(words, "scope", scopeForm).sort() };
  }
  if (!words.take("forbid")) {
    words.fail("must begin with `forbid`, `only scope` or `licences`", [
      "forbid",
      "only",
      "licences",
    ]);
  }
  if (words.take("deprecated")) return { kind: "deprecated" };
  if (words.take("prereleases")) return { kind: "prereleases" };
  if (words.take("package")) return readPackage(words);
  const effect = words.peek();
  const what = effect?.startsWith("effect:") === true ? effect.slice("effect:".length) : null;
  if (what === null) {
    words.fail("`forbid` needs `effect:…`, `package …`, `deprecated` or `prereleases`", [
      "deprecated",
      "effect:float",
      "effect:unsafe-memory",
      "package",
      "prereleases",
    ]);
  }
  if (!effectForm.test(what)) {
    words.fail(`\`${what}\` is not an effect: float, unsafe-memory or host:MODULE`, [
      "effect:float",
      "effect:unsafe-memory",
    ]);
  }
  words.next();
  return { kind: "effect", effect: what as Effect };
}

/** `left-pad`, `left-pad@^1`, `@acme/firewall@<2`. A range has no spaces here. */
function readPackage(words: Words): PolicyRule {
  const word = words.peek() ?? "";
  const at = word.indexOf("@", 1);
  const name = at === -1 ? word : word.slice(0, at);
  const range = at === -1 ? "*" : word.slice(at + 1);
  if (!packageForm.test(name)) words.fail("`forbid package` needs the name of a package", []);
  if (range === "") words.fail("a range is missing after the `@`", []);
  words.next();
  return { kind: "package", name, range };
}

/** `MIT, ISC and Zlib`: separated by commas, by `and`, or by spaces alone. */
function readList(words: Words, what: string, form: RegExp): string[] {
  const found = new Set<string>();
  for (let word = words.peek(); word !== null && word !== "except"; word = words.peek()) {
    if (word !== "and") {
      if (!form.test(word)) {
        // A scope without its `@`.
        const known = form.test(`@${word}`) ? [`@${word}`] : [];
        words.fail(`\`${word}\` is not the name of a ${what}`, known);
      }
      found.add(word);
    }
    words.next();
  }
  if (found.size === 0) words.fail(`the name of a ${what} is missing`, []);
  return [...found];
}

class Fault extends Error {
  readonly told: Extract<ParsedPolicy, { ok: false }>;

  constructor(told: Extract<ParsedPolicy, { ok: false }>) {
    super(told.fault);
    this.told = told;
  }
}

/** The words of a text, each with its column. */
class Words {
  readonly #words: readonly { readonly word: string; readonly column: number }[];
  readonly #end: number;
  #at = 0;

  constructor(text: string) {
    this.#words = [...text.matchAll(/[^\s,]+/g)].map((match) => ({
      word: match[0],
      column: match.index + 1,
    }));
    this.#end = text.trimEnd().length + 1;
  }

  peek(): string | null {
    return this.#words[this.#at]?.word ?? null;
  }

  next(): string | null {
    const word = this.peek();
    if (word !== null) this.#at += 1;
    return word;
  }

  take(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#at += 1;
    return true;
  }

  fail(fault: string, known: readonly string[]): never {
    const column = this.#words[this.#at]?.column ?? this.#end;
    throw new Fault({ ok: false, fault, column, known });
  }
}
