import rcompare from "semver/functions/rcompare.js";
import { ok } from "../../../model/problem.ts";
import { parseManifest } from "../../manifest.ts";
import { indexedPackage } from "../../protocol/index-line.ts";
import { differenceFrom } from "../claim.ts";
import type { PackageEvent } from "../event.ts";
import { type Inspected, inspect } from "../inspect.ts";
import { knownAs } from "../known-packages.ts";
import type { PackageState } from "../package-state.ts";
import { violationsOf } from "../policy-check.ts";
import { policyOfScope } from "../scope-policy.ts";
import { knownVersion, type ProxiedDocument, standing } from "./document.ts";
import { actorOf, type Upstream, upstreamOf } from "./rules.ts";
import type { Brought, UpstreamOptions, Upstreams } from "./upstreams.ts";

/** Versions of a package that are taken in, the newest; packages that one may lead to. */
const most = { versions: 50, packages: 200 };

/** Milliseconds after which a version that was refused is looked at again: what it needs may be there then. */
const refusedFor = 600_000;

/** A package with versions to take in. */
interface Work {
  readonly name: string;
  readonly upstream: Upstream;
  readonly document: ProxiedDocument;
  readonly versions: readonly string[];
  /** Packages of upstreams that these require. */
  readonly requires: readonly string[];
}

/**
 * Takes versions of upstreams in as a publisher's are: their archives are fetched, types and effects are read from the
 * sources by the same bounded process, and the version is signed and written into the log. First everything is fetched,
 * by many at a time; then one after the other is taken in, what is required before what requires it, so that nothing
 * ever waits for what waits for it.
 */
export class Admission {
  readonly #options: UpstreamOptions;
  readonly #upstreams: Upstreams;
  readonly #coming = new Map<string, Promise<void>>();
  /** Digest of an archive -> when it was refused. */
  readonly #refused = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: UpstreamOptions, upstreams: Upstreams) {
    this.#options = options;
    this.#upstreams = upstreams;
  }

  /**
   * Takes in what can be had of a package, and of what it requires.
   *
   * @param brought what its upstream was asked for just now
   */
  admit(name: string, upstream: Upstream, brought?: Brought): Promise<void> {
    const known = this.#coming.get(name);
    if (known !== undefined) return known;
    const made = this.#admit(name, upstream, brought).finally(() => this.#coming.delete(name));
    this.#coming.set(name, made);
    return made;
  }

  async #admit(name: string, upstream: Upstream, brought?: Brought): Promise<void> {
    const found = new Map<string, Work>();
    const seen = new Set<string>();
    await this.#gather(name, upstream, seen, found, brought);
    if (found.size === 0) return;
    const turn = this.#last.then(async () => {
      for (const work of inOrder(name, found)) await this.#takeIn(work);
    });
    this.#last = turn.catch(() => {});
    await turn;
  }

  /** Fetches the archives of a package, and of what it leads to. */
  async #gather(
    name: string,
    upstream: Upstream,
    seen: Set<string>,
    found: Map<string, Work>,
    given?: Brought,
  ): Promise<void> {
    if (seen.has(name) || seen.size >= most.packages) return;
    seen.add(name);
    const brought =
      given === undefined ? await this.#upstreams.document(name, upstream) : ok(given);
    if (!brought.ok || brought.value === null) return;
    const { state, document } = brought.value;
    const wanted = this.#wanted(state, document);
    if (wanted.length === 0) return;
    const fetched = await Promise.all(
      wanted.map(({ version }) => this.#upstreams.archive(name, version, brought.value!, upstream)),
    );
    const here = wanted.filter((_, at) => fetched[at]!.ok);
    const requires = [...new Set(here.flatMap((each) => each.requires))];
    const versions = here.map(({ version }) => version).reverse();
    found.set(name, { name, upstream, document, versions, requires });
    await Promise.all(
      requires.map((each) => {
        const next = this.#upstreams.of(each);
        return next === null || !mayMeet(upstream, next)
          ? null
          : this.#gather(each, next, seen, found);
      }),
    );
  }

  /** The newest versions that are packages of unipkg and not here yet, and what they say they require. */
  #wanted(
    state: PackageState,
    document: ProxiedDocument,
  ): readonly { readonly version: string; readonly requires: readonly string[] }[] {
    const now = this.#options.now().getTime();
    return Object.entries(document.versions)
      .filter(([, { manifest, gone }]) => !gone && Object.hasOwn(manifest, "unipkg"))
      .sort(([a], [b]) => rcompare(a, b))
      .slice(0, most.versions)
      .filter(
        ([version, { archive }]) =>
          !state.versions.has(version) && (this.#refused.get(archive) ?? 0) <= now,
      )
      .flatMap(([version, { manifest }]) => {
        const parsed = parseManifest(JSON.stringify(indexedPackage(manifest)), "package.json");
        return parsed.ok
          ? [{ version, requires: parsed.value.requires.map((each) => each.of) }]
          : [];
      });
  }

  async #takeIn({ name, upstream, document, versions }: Work): Promise<void> {
    const { storage, extractor, now, warn } = this.#options;
    const { state } = storage;
    const find = knownAs(this.#options, (each) => {
      const found = state.packages.get(each);
      const of = found?.proxied == null ? null : upstreamOf(state, each);
      return of?.name === found?.proxied?.upstream && of !== null && mayMeet(upstream, of)
        ? found!
        : null;
    });
    for (const version of versions) {
      const { archive, manifest } = knownVersion(document, version)!;
      const bytes = await storage.getBlob(archive);
      if (bytes === null || state.packages.get(name)?.versions.has(version) !== false) continue;
      const called = `${name}@${version}`;
      const inspected = await inspect(bytes, called, find, extractor);
      const fault = inspected.ok
        ? (differenceFrom(manifest, inspected.value.document.packageJson, name, version) ??
          this.#violationOf(upstream, inspected.value))
        : inspected.problems[0]!.message;
      if (inspected.ok && fault === null) {
        await this.#publish(name, upstream, document, inspected.value);
      } else {
        this.#refused.set(archive, now().getTime() + refusedFor);
        warn(`upstream ${upstream.name}: ${called} is not taken in: ${fault}`);
      }
    }
  }

  /** What the policy of the organisation whom the upstream is for has against a version; null when nothing. */
  #violationOf(upstream: Upstream, { release, manifestText }: Inspected): string | null {
    const policy = policyOfScope(this.#options.storage.state, upstream.terms.organisation);
    const publisher = actorOf(upstream);
    const submission = { release, manifestText, publisher, teams: [], hasProvenance: false };
    return violationsOf(policy, submission)[0]?.message ?? null;
  }

  /** Writes a version into the log, unless it came there meanwhile or the package is none of the upstream's any more. */
  async #publish(
    name: string,
    upstream: Upstream,
    proxied: ProxiedDocument,
    { document, release, types }: Inspected,
  ): Promise<void> {
    const { storage, views, keys, warn } = this.#options;
    const { version } = document;
    const key = storage.state.keys.get(keys().versionKey.keyid);
    if (key?.expires !== null && key !== undefined) {
      warn("the keys were rotated by another instance: this one takes no versions in");
      return;
    }
    const bytes = Buffer.from(JSON.stringify(document));
    const [digest] = await Promise.all([
      storage.putBlob(bytes),
      types === null ? null : storage.putBlob(Buffer.from(types)),
    ]);
    const { released } = knownVersion(proxied, version)!;
    const { yanked, deprecated } = standing(proxied, version);
    const events: readonly PackageEvent[] = [
      {
        type: "published",
        ...{ version, tag: null, archive: document.line.archive, document: digest },
        ...{ types: document.line.types, access: "restricted" },
        provides: release.manifest.provides.map((each) => each.interface),
        kind: release.manifest.kind,
        signature: keys().signVersion(name, version, document.line.archive),
        ...(released === null ? {} : { released }),
      },
      ...(yanked ? [{ type: "yanked", version } as const] : []),
      ...(deprecated === null
        ? []
        : [{ type: "deprecated", version, message: deprecated } as const]),
    ];
    const subject = `package:${name}`;
    // Somebody else writes about the package at this moment, in this process or another.
    for (let attempt = 0; attempt < 50; attempt++) {
      const state = storage.state.packages.get(name);
      if (state?.proxied?.upstream !== upstream.name || state.versions.has(version)) return;
      const drafts = events.map((event) => ({ actor: actorOf(upstream), subject, event }));
      if ((await storage.append(drafts, state.last)) !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
      await storage.refresh();
    }
    views.remember(digest, document, bytes.length);
  }
}

/** Whether packages of one upstream may be compiled against those of another: not against what fewer may read. */
function mayMeet(one: Upstream, other: Upstream): boolean {
  const { organisation } = other.terms;
  return (
    one.name === other.name || organisation === null || organisation === one.terms.organisation
  );
}

/** What a package leads to, before it: each after what it requires, circles cut anywhere. */
function inOrder(name: string, found: ReadonlyMap<string, Work>): readonly Work[] {
  const order: Work[] = [];
  const seen = new Set<string>();
  const visit = (each: string) => {
    const work = found.get(each);
    if (work === undefined || seen.has(each)) return;
    seen.add(each);
    work.requires.forEach(visit);
    order.push(work);
  };
  visit(name);
  return order;
}
