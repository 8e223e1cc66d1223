import { readFileSync } from "node:fs";
import { join } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { listFiles } from "../package-folder.ts";
import type { PackedFile } from "./pack.ts";
import { collisionAmong, pathFault } from "./path.ts";

/** Files that never belong to a package: of version control, of package managers, of systems. */
const neverPacked =
  /(^|\/)(\.git|\.gitignore|\.npmrc|\.unipkgrc|\.DS_Store|Thumbs\.db|unipkg\.lock|package-lock\.json|.*\.(tgz|swp|orig))$/;

/** In the package whatever `files` says, as with npm. */
const alwaysPacked = /^(package\.json|readme[^/]*|licen[cs]e[^/]*|changelog[^/]*)$/i;

/** Files that hold secrets by their name; a package with one is not made. */
const secretNames = /(^|\/)(\.env(\..*)?|id_(rsa|ed25519|ecdsa)|.*\.(pem|p12|pfx|key))$/i;
const secretTexts = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bupt_[a-z0-9]{12}_[A-Za-z0-9]{40,}/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
];

/**
 * The files that a package's archive is made of: all below its folder, or what `files` in package.json names, but
 * nothing of version control and package managers. UP813 for what must not be published.
 */
export function packageContents(folder: string): Result<readonly PackedFile[]> {
  const listed = listFiles(folder);
  if (!listed.ok) return listed;
  const wanted = wantedPatterns(folder);
  if (!wanted.ok) return wanted;
  const paths = listed.value.filter(
    (path) => !neverPacked.test(path) && (alwaysPacked.test(path) || wanted.value(path)),
  );
  const files = paths.map((path) => ({ path, bytes: readFileSync(join(folder, path)) }));
  const problems = files.flatMap(({ path, bytes }): Problem[] => {
    const fault = pathFault(path);
    if (fault !== null) return [refused(`\`${path}\` cannot be in a package: it ${fault}`)];
    const isSecret =
      secretNames.test(path) || secretTexts.some((form) => form.test(bytes.toString("latin1")));
    return isSecret ? [refused(`\`${path}\` looks like a secret`)] : [];
  });
  const collision = collisionAmong(paths);
  if (collision !== null) {
    problems.push(
      refused(`\`${collision[0]}\` and \`${collision[1]}\` are one file on some systems`),
    );
  }
  return problems.length > 0 ? failed(...problems) : ok(files);
}

function refused(message: string): Problem {
  return {
    code: "UP813",
    message,
    hint: "take it out of the folder, or name what belongs to the package in `files` of package.json",
  };
}

/** `files` of package.json: paths of files and folders, with `*` for any part of a name and `**` for any folders. */
function wantedPatterns(folder: string): Result<(path: string) => boolean> {
  const { files } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    files?: unknown;
  };
  if (files === undefined) return ok(() => true);
  if (!Array.isArray(files) || !files.every((each) => typeof each === "string")) {
    return failed(refused("`files` in package.json is not a list of paths"));
  }
  const forms = files.map((pattern) => {
    const bare = pattern.replace(/^\.?\//, "").replace(/\/(\*\*)?$/, "");
    const text = bare
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*\*\/?|\*|\?/g, (found) =>
        found === "?" ? "[^/]" : found === "*" ? "[^/]*" : "(.*/)?",
      );
    return new RegExp(`^${text}(/.*)?$`);
  });
  return ok((path) => forms.some((form) => form.test(path)));
}
