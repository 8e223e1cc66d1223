import validRange from "semver/ranges/valid.js";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Universe } from "../model/release.ts";
import { nearest } from "../solver/suggest.ts";
import { didYouMean } from "./text.ts";

/** A package as it is named on the command line: `http`, `http@^1`, `@acme/firewall@2.0.0`. */
export interface PackageWord {
  readonly name: string;
  /** Null when none was given. */
  readonly range: string | null;
}

export function parsePackageWord(word: string): Result<PackageWord> {
  // The `@` in front belongs to a scope.
  const at = word.indexOf("@", 1);
  const name = at === -1 ? word : word.slice(0, at);
  const range = at === -1 ? null : word.slice(at + 1);
  if (range !== null && (range === "" || validRange(range) === null)) {
    return failed({
      code: "UP702",
      message: `"${range}" in "${word}" is not a range of versions`,
      hint: `write \`${name}@^1\`, \`${name}@1.2.0\` or just \`${name}\``,
    });
  }
  return ok({ name, range });
}

/** What to say of a package that no catalog has. */
export function unknownPackage(name: string, universe: Universe): Problem {
  return {
    code: "UP201",
    message: `no such package "${name}"`,
    hint: didYouMean(nearest(name, universe.names())) ?? "`unipkg search WORD` finds packages",
  };
}
