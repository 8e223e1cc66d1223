import { findNodeAtLocation, parseTree } from "jsonc-parser";
import subset from "semver/ranges/subset.js";
import type { Place } from "../../model/place.ts";
import type { Policy } from "../../model/policy.ts";
import { scopeOf } from "../../model/policy.ts";
import type { Problem } from "../../model/problem.ts";
import type { Release } from "../../model/release.ts";
import { objectionOf } from "../../solver/policy.ts";
import { effectVerb, list } from "../../solver/wording.ts";
import { manifestFile } from "../manifest.ts";
import { isAbout, type OrganisationPolicy } from "../organisation-policy.ts";
import { placeAt } from "../source-place.ts";
import { isDemanded } from "../trust/trust-policy.ts";

/** A version that somebody wants to publish. */
export interface Submission {
  readonly release: Release;
  /** The text of its package.json, for places in it; null when it is not at hand. */
  readonly manifestText: string | null;
  readonly publisher: string;
  /** Teams that the publisher is in: `acme:drivers`. */
  readonly teams: readonly string[];
  readonly hasProvenance: boolean;
}

/**
 * What the policy of an organisation has against a version, all of it at once (UP865). Its requirements are looked at, too: a
 * package that needs what the policy forbids could be in no image.
 *
 * @param policy null for none
 */
export function violationsOf(
  policy: OrganisationPolicy | null,
  submission: Submission,
): readonly Problem[] {
  if (policy === null) return [];
  const { release, publisher, teams, hasProvenance } = submission;
  const { name, version } = release.manifest;
  const called = `${name}@${version}`;
  const problems: Problem[] = [];
  for (const rule of policy.publishers) {
    if (!isAbout(rule, name)) continue;
    if ([publisher, ...teams].some((each) => rule.accounts.includes(each))) continue;
    problems.push({
      code: "UP865",
      message: `${publisher} may not publish ${name}: only ${list(rule.accounts, "or")} may`,
      hint: saidBy(`line ${rule.line}`, rule.text),
    });
  }
  if (isDemanded(policy.provenance, name) && !hasProvenance) {
    problems.push({
      code: "UP865",
      message: `${called} comes without provenance`,
      hint: "the organisation's policy has `require provenance`: `unipkg publish --provenance FILE`, or `--provenance-key KEY`",
    });
  }
  for (const rule of policy.rules) {
    problems.push(...objectionsTo(rule, submission, called));
  }
  return problems;
}

function objectionsTo(policy: Policy, submission: Submission, called: string): readonly Problem[] {
  const { release } = submission;
  const { rule } = policy;
  const hint = saidBy(`line ${policy.place.line}`, policy.text);
  const against = (message: string, place: Place | null): Problem => ({
    ...{ code: "UP865", message },
    ...(place === null ? {} : { place }),
    hint,
  });
  const found: Problem[] = [];
  const objection = objectionOf(policy, release);
  if (objection?.use != null) {
    const { effect, function: by, place } = objection.use;
    const [[verb], what] = effectVerb(effect);
    found.push(against(`${called} ${verb} ${what} in ${by}`, place));
  } else if (objection !== null) {
    const key = rule.kind === "licences" ? "license" : rule.kind === "scope" ? "name" : "version";
    found.push(against(faultOf(policy, release), placeOf(submission, [key])));
  }
  for (const requirement of release.manifest.requires) {
    const { of, slot, range, optional } = requirement;
    if (optional || policy.except.includes(of)) continue;
    const isForbidden =
      (rule.kind === "scope" && !rule.scopes.includes(scopeOf(of))) ||
      (rule.kind === "package" &&
        rule.name === of &&
        (rule.range === "*" || subset(range, rule.range)));
    if (!isForbidden) continue;
    const place = placeOf(submission, ["unipkg", "requires", slot]);
    found.push(against(`${called} requires ${of} ${range}, which the policy forbids`, place));
  }
  return found;
}

function faultOf({ rule }: Policy, { manifest }: Release): string {
  const { name, version, license } = manifest;
  const called = `${name}@${version}`;
  switch (rule.kind) {
    case "licences":
      return license === ""
        ? `${called} has no licence`
        : `${called} is under the licence ${license}, which is not one of ${list(rule.licences, "or")}`;
    case "scope":
      return `${called} is of a scope that the policy forbids`;
    case "prereleases":
      return `${called} is a prerelease`;
    case "deprecated":
      return `${called} is deprecated by its own package.json`;
    case "package":
    case "effect":
      return `${called} is a version that the policy forbids`;
  }
}

function saidBy(where: string, text: string): string {
  return `the organisation's policy says so, in ${where}: \`${text}\`; its administrators can except a package`;
}

/** Where a value of package.json is; its file's begin when it has none. */
function placeOf({ manifestText }: Submission, path: readonly string[]): Place | null {
  if (manifestText === null) return null;
  // A byte order mark is no JSON.
  const text = manifestText.replace(/^\uFEFF/, " ");
  const tree = parseTree(text);
  const node = tree && findNodeAtLocation(tree, [...path]);
  return placeAt(text, manifestFile, (node?.parent ?? node)?.offset ?? 0);
}
