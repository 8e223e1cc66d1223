import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Policy } from "../model/policy.ts";
import { ok, type Problem, type Result } from "../model/problem.ts";
import type { Context } from "./command.ts";

/** The file of an organisation's policies that is found upwards from an application. */
const policyFileName = ".unipkg-policy";

/**
 * The policies of the organisation: of every `.unipkg-policy` in the application's folder and those above it, of
 * the file that UNIPKG_POLICY names, and of `--policy`. A policy can only forbid, so all of them hold.
 *
 * @param folder of the application
 */
export async function organisationPolicies(
  context: Context,
  folder: string,
): Promise<Result<readonly Policy[]>> {
  const files = [...policyFilesAbove(folder)];
  const named = context.world.environment["UNIPKG_POLICY"] ?? "";
  if (named !== "") files.push(resolve(context.world.folder, named));
  files.push(...context.policies);
  if (files.length === 0) return ok([]);
  const { parsePolicyFile } = await import("../registry/policies.ts");
  const policies: Policy[] = [];
  const problems: Problem[] = [];
  for (const path of new Set(files)) {
    const read = readPolicies(path);
    const near = relative(folder, path);
    const parsed = read.ok
      ? parsePolicyFile(read.value, near.length < path.length ? near : path)
      : read;
    if (parsed.ok) policies.push(...parsed.value);
    else problems.push(...parsed.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : ok(policies);
}

/** The outermost first. */
function policyFilesAbove(folder: string): readonly string[] {
  const files: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, policyFileName);
    if (existsSync(file)) files.unshift(file);
    if (at === dirname(at)) return files;
  }
}

function readPolicies(path: string): Result<string> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (error) {
    const problem: Problem = {
      code: "UP311",
      message: `policies cannot be read: ${(error as Error).message}`,
      hint: "mend the path of `--policy` or UNIPKG_POLICY, or the file's permissions",
    };
    return { ok: false, problems: [problem] };
  }
}
