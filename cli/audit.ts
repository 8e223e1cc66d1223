import satisfies from "semver/functions/satisfies.js";
import { type Lockfile, parsePackageId } from "../model/lockfile.ts";
import { plainText } from "../model/plain-text.ts";
import { ok, type Problem, type Result } from "../model/problem.ts";
import type { PackageId } from "../registry/catalog.ts";
import { fetchAdvisories } from "../registry/client/advisories.ts";
import type { Registries } from "../registry/client/registries.ts";
import type { RemoteVersion } from "../registry/client/remote-version.ts";
import type { Advisory } from "../registry/trust/advisory.ts";
import type { Application } from "./application.ts";

/** Something that was found out about a locked package. */
export interface Finding {
  readonly name: string;
  readonly version: string;
  readonly kind: "gone" | "changed" | "yanked" | "deprecated" | "advisory" | "untrusted";
  readonly problem: Problem;
  /** Whether another version would do. */
  readonly isReplaceable: boolean;
  readonly advisory?: Advisory;
}

/** What was found, and what could not be asked for. */
export interface Audited {
  /** By package. */
  readonly findings: readonly Finding[];
  /** All advisories about the packages, about other versions, too. */
  readonly advisories: readonly Advisory[];
  /** Registries that have no advisories to ask for. */
  readonly silent: readonly string[];
}

/** Asks registries, and looks at what they say, for every package of the lockfile. */
export async function audit(
  app: Application,
  lock: Lockfile,
  registries: Registries | null,
): Promise<Result<Audited>> {
  const findings = [...stateFindings(app, lock)];
  const ids = Object.keys(lock.packages).map(parsePackageId);
  const silent: string[] = [];
  const advisories: Advisory[] = [];
  if (registries !== null) {
    const remote = ids.flatMap(({ name, version }) => app.catalog.origin(name, version) ?? []);
    findings.push(...(await trustFindings(remote, registries)));
    const told = await askForAdvisories(app, ids, remote, registries);
    if (!told.ok) return told;
    for (const [registry, about] of told.value) {
      if (about === null) silent.push(registry);
      for (const advisory of about ?? []) {
        advisories.push(advisory);
        findings.push(...advisoryFindings(advisory, ids, registry));
      }
    }
  }
  const order = (one: Finding) => `${one.name} ${one.version} ${one.kind}`;
  findings.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return ok({ findings, advisories, silent });
}

/** What became of versions: withdrawn, deprecated, gone, or other than they were. */
function* stateFindings(app: Application, lock: Lockfile): Iterable<Finding> {
  for (const [id, { integrity, archive }] of Object.entries(lock.packages)) {
    const { name, version } = parsePackageId(id);
    const found = (kind: Finding["kind"], what: string, hint?: string): Finding => ({
      ...{ name, version, kind, isReplaceable: hint === undefined },
      problem: { code: "UP814", message: `${id} ${what}`, ...(hint === undefined ? {} : { hint }) },
    });
    const release = app.catalog.releases(name).find((each) => each.manifest.version === version);
    if (release === undefined) {
      yield found("gone", "is not there any more");
      continue;
    }
    const { yanked, deprecated } = release.manifest;
    const origin = app.catalog.origin(name, version);
    if (yanked) yield found("yanked", "was withdrawn");
    if (deprecated !== undefined) yield found("deprecated", `is deprecated: ${deprecated}`);
    const isOther = archive !== undefined && origin !== null && origin.archive !== archive;
    if (release.integrity !== integrity || isOther) {
      const hint = "a published version never changes: find out who did it";
      yield found("changed", "has other content than was locked", hint);
    }
  }
}

/** What is not in its registry's log, not signed, or not of known provenance. */
async function trustFindings(
  versions: readonly RemoteVersion[],
  registries: Registries,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const remote of versions) {
    const { name, version, registry } = remote;
    const trust = registries.trustIn(registry);
    if (trust === null) continue;
    const keys = await trust.keys();
    // Who signs has to sign all; of a registry that has no keys, only a policy asks for signatures.
    const checks = [
      await registries.verify([remote]),
      await trust.faultOfSignature(remote, keys.ok && keys.value.length > 0),
    ];
    const problems = checks.flatMap((check) => (check.ok ? [] : check.problems));
    const once = new Map(problems.map((problem) => [problem.message, problem]));
    for (const problem of once.values()) {
      findings.push({ name, version, kind: "untrusted", problem, isReplaceable: true });
    }
  }
  return findings;
}

/** Asks for advisories about every version that is known of the packages: one of them may replace another. */
async function askForAdvisories(
  { catalog }: Application,
  ids: readonly PackageId[],
  remote: readonly RemoteVersion[],
  registries: Registries,
): Promise<Result<ReadonlyMap<string, readonly Advisory[] | null>>> {
  const questions = new Map<string, Map<string, readonly string[]>>();
  const ask = (registry: string, name: string) => {
    const versions = catalog.releases(name).map((each) => each.manifest.version);
    questions.set(registry, (questions.get(registry) ?? new Map()).set(name, versions));
  };
  for (const { registry, name } of remote) ask(registry, name);
  const { scopes, default: main } = registries.config;
  const shipped = ids.filter(({ name }) => !remote.some((each) => each.name === name));
  for (const registry of new Set([...scopes.values(), ...(main === null ? [] : [main])])) {
    // An npm registry has other packages by the names of those that ship with unipkg.
    const isOurs = await registries.at(registry).isOurs();
    if (!isOurs.ok) return isOurs;
    if (isOurs.value) for (const { name } of shipped) ask(registry, name);
  }
  const answers = new Map<string, readonly Advisory[] | null>();
  for (const [registry, about] of [...questions].sort()) {
    const told = await fetchAdvisories(registry, Object.fromEntries(about), registries.http);
    if (!told.ok) return told;
    answers.set(registry, told.value);
  }
  return ok(answers);
}

/** The locked versions that an advisory is about. */
function advisoryFindings(
  advisory: Advisory,
  ids: readonly PackageId[],
  registry: string,
): readonly Finding[] {
  return ids
    .filter(({ name, version }) => name === advisory.name && isAffected(version, advisory))
    .map(({ version }) => findingOf(advisory, version, registry));
}

/** Whether a version is in the range of an advisory; one before a release is, too. */
export function isAffected(version: string, { vulnerable_versions: range }: Advisory): boolean {
  return satisfies(version, range, { includePrerelease: true });
}

function findingOf(advisory: Advisory, version: string, registry: string): Finding {
  const { id, name, title, severity, url, vulnerable_versions: range } = advisory;
  return {
    ...{ name, version, kind: "advisory", isReplaceable: true, advisory },
    problem: {
      code: "UP830",
      message: `${name}@${version} has a known vulnerability (${severity}): ${plainText(title).replaceAll("\n", " ")}`,
      details: [
        `${id}, from ${registry}, about ${name}@${range}`,
        ...(url === "" ? [] : [plainText(url)]),
      ],
    },
  };
}
