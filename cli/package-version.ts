import valid from "semver/functions/valid.js";
import { failed, ok, type Result } from "../model/problem.ts";

/** A package and one exact version of it, as `@acme/firewall@1.0.0`. */
export function parsePackageVersion(
  word: string,
): Result<{ readonly name: string; readonly version: string }> {
  const at = word.indexOf("@", 1);
  const name = at === -1 ? word : word.slice(0, at);
  const version = at === -1 ? "" : word.slice(at + 1);
  if (valid(version) !== version) {
    return failed({
      code: "UP702",
      message: `"${word}" does not name a version`,
      hint: `write it as in \`${name}@1.0.0\``,
    });
  }
  return ok({ name, version });
}
