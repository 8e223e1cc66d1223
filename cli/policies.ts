import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Policy } from "../model/policy.ts";
import { ok, type Problem, type Result } from "../model/problem.ts";
import type { FollowedScope } from "../registry/policies.ts";
import type { TrustPolicy } from "../registry/trust/trust-policy.ts";
import type { Context } from "./command.ts";

/** The file of an organisation's policies that is found upwards from an application. */
const policyFileName = ".unipkg-policy";

/**
 * The policies of the organisation: of every `.unipkg-policy` in the application's folder and those above it, of
 * the file that UNIPKG_POLICY names, and of `--policy`; and those of organisations that they follow, which their
 * registries have. A policy can only forbid, so all of them hold.
 *
 * @param folder of the application
 */
export async function organisationPolicies(
  context: Context,
  folder: string,
): Promise<Result<readonly Policy[]>> {
  const files = readPolicyFiles(context, folder);
  if (!files.ok) return files;
  if (files.value.length === 0) return ok([]);
  const { parsePolicyFile } = await import("../registry/policies.ts");
  const policies: Policy[] = [];
  const followed = new Map<string, FollowedScope>();
  const problems: Problem[] = [];
  for (const { name, text } of files.value) {
    const parsed = parsePolicyFile(text, name);
    if (parsed.ok) {
      policies.push(...parsed.value.policies);
      for (const each of parsed.value.followed) followed.set(each.scope, each);
    } else problems.push(...parsed.problems);
  }
  if (problems.length > 0) return { ok: false, problems };
  if (followed.size === 0) return ok(policies);
  const { followedPolicies } = await import("./followed-policies.ts");
  const others = await followedPolicies([...followed.values()], context, folder);
  return others.ok ? ok([...policies, ...others.value]) : others;
}

/** What the same files say of trust in registries. */
export async function trustPolicy(context: Context, folder: string): Promise<Result<TrustPolicy>> {
  const files = readPolicyFiles(context, folder);
  if (!files.ok) return files;
  const { readTrust } = await import("../registry/trust/trust-policy.ts");
  return readTrust(files.value, resolve);
}

interface PolicyFile {
  /** What messages call it. */
  readonly name: string;
  /** Absolute: what paths in it are relative to. */
  readonly folder: string;
  readonly text: string;
}

function readPolicyFiles(context: Context, folder: string): Result<readonly PolicyFile[]> {
  const paths = [...policyFilesAbove(folder)];
  const named = context.world.environment["UNIPKG_POLICY"] ?? "";
  if (named !== "") paths.push(resolve(context.world.folder, named));
  paths.push(...context.policies);
  const files: PolicyFile[] = [];
  const problems: Problem[] = [];
  for (const path of new Set(paths)) {
    const read = readPolicies(path);
    const near = relative(folder, path);
    const name = near.length < path.length ? near : path;
    if (read.ok) files.push({ name, folder: dirname(path), text: read.value });
    else problems.push(...read.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : ok(files);
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
