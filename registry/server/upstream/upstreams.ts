import { failed, ok, type Problem, type Result } from "../../../model/problem.ts";
import { similarityKey } from "../../protocol/package-name.ts";
import { isDemanded } from "../../trust/trust-policy.ts";
import { mayUse, type Visitor } from "../access.ts";
import type { PackageEvent } from "../event.ts";
import type { PackageState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import { policyOfScope } from "../scope-policy.ts";
import type { Draft } from "../state.ts";
import { Admission } from "./admission.ts";
import { UpstreamClient } from "./client.ts";
import { UpstreamCounts } from "./counts.ts";
import { knownVersion, type ProxiedDocument, readUpstreamDocument, standing } from "./document.ts";
import { actorOf, type Upstream, upstreamOf } from "./rules.ts";
import type { UpstreamSettings } from "./settings.ts";

/** What upstreams are asked by, and for. */
export interface UpstreamOptions
  extends Pick<Registry, "storage" | "views" | "extractor" | "bundled" | "now"> {
  readonly keys: () => Registry["keys"];
  readonly settings: UpstreamSettings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets a sentence for the operator. */
  readonly warn: (message: string) => void;
}

/** What is known of a package of an upstream. */
export interface Brought {
  readonly state: PackageState;
  readonly document: ProxiedDocument;
  /** Seconds since the upstream was last heard of it, when it does not answer now. */
  readonly stale: number | null;
}

/** Milliseconds for which an upstream that did not answer is not asked again, and a name that it did not have. */
const pause = { down: 30_000, missing: 60_000 };

/** Names that are remembered to be nowhere. */
const mostMissing = 10_000;

/**
 * Other registries that this one asks for packages of theirs, and what came of it: documents of packages as entries of
 * the log, archives as blobs, so that all instances share them and they outlast a restart.
 */
export class Upstreams {
  readonly counts = new UpstreamCounts();
  readonly #options: UpstreamOptions;
  readonly #admission: Admission;
  /** Names that ship with unipkg, and those that look like them. */
  readonly #shipped: ReadonlySet<string>;
  readonly #clients = new Map<
    string,
    { readonly terms: object; readonly client: UpstreamClient }
  >();
  /** When, in milliseconds, a package's document was confirmed by its upstream, and what that called it. */
  readonly #checked = new Map<string, { readonly time: number; readonly etag: string | null }>();
  readonly #missing = new Map<string, number>();
  readonly #down = new Map<string, { readonly until: number; readonly problem: Problem }>();
  readonly #coming = new Map<string, Promise<Result<null>>>();
  readonly #archives = new Map<string, Promise<Result<Buffer>>>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#admission = new Admission(options, this);
    this.#shipped = new Set(options.bundled.names().map(similarityKey));
  }

  /** The upstream that a name is asked at; null for names of this registry, and those that ship with unipkg. */
  of(name: string): Upstream | null {
    const { state } = this.#options.storage;
    if (state.upstreams.size === 0 || this.#shipped.has(similarityKey(name))) return null;
    return upstreamOf(state, name);
  }

  /** The upstream of a name, if somebody may have it asked; others must not make this registry tell names to anybody. */
  usable(name: string, visitor: Visitor, anonymous: boolean): Upstream | null {
    const upstream = this.of(name);
    const { state } = this.#options.storage;
    return upstream !== null && mayUse(state, upstream, visitor, name, anonymous) ? upstream : null;
  }

  /** Has all versions of a package taken in that unipkg can use, as far as that can be done. */
  async bring(name: string, visitor: Visitor, anonymous: boolean): Promise<void> {
    const upstream = this.usable(name, visitor, anonymous);
    if (upstream !== null) await this.#admission.admit(name, upstream);
  }

  /** Takes versions in until none is left, or patience is at its end: false then, and the rest goes on by itself. */
  admit(name: string, upstream: Upstream, brought: Brought, patience: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patience);
    });
    const done = this.#admission.admit(name, upstream, brought).then(() => true);
    return Promise.race([done, end]).finally(() => clearTimeout(timer));
  }

  /** A package as its upstream has it now, or had it; null when it has none. UP850 when that cannot be known. */
  async document(name: string, upstream: Upstream): Promise<Result<Brought | null>> {
    const { terms } = upstream;
    const now = this.#options.now().getTime();
    const known = this.#known(name, upstream);
    const checked = this.#checked.get(name);
    if (known === "another's") return ok(null);
    if (known === null && (this.#missing.get(name) ?? 0) > now) return ok(null);
    const isFresh = checked !== undefined && checked.time + terms.fresh * 60_000 > now;
    if (known !== null && (isFresh || terms.offline)) return ok(await this.#brought(known, null));
    if (terms.offline) {
      return failed(silent(upstream, `it is set to be offline, and ${name} is not here`));
    }
    const asked = await this.#ask(name, upstream, now);
    const found = this.#known(name, upstream);
    if (asked.ok) {
      return ok(found === null || found === "another's" ? null : await this.#brought(found, null));
    }
    if (found === null || found === "another's") return failed(...asked.problems);
    const heard = checked?.time ?? Date.parse(found.proxied!.seen);
    const stale = Math.max(0, Math.round((now - heard) / 1000));
    if (terms.stale !== null && stale > terms.stale * 3600) return failed(...asked.problems);
    this.counts.stale(upstream.name);
    return ok(await this.#brought(found, stale));
  }

  /** The archive of a version: from the blobs, or from its upstream, kept then. UP850 and UP851 when it cannot be had. */
  async archive(
    name: string,
    version: string,
    { document }: Pick<Brought, "document">,
    upstream: Upstream,
  ): Promise<Result<Buffer>> {
    const { storage, warn } = this.#options;
    const proxied = knownVersion(document, version)!;
    const here = await storage.getBlob(proxied.archive);
    if (here !== null) return ok(here);
    const called = `${name}@${version}`;
    const now = this.#options.now().getTime();
    const down = this.#down.get(upstream.name);
    if (upstream.terms.offline) {
      return failed(
        silent(upstream, `it is set to be offline, and the archive of ${called} is not here`),
      );
    }
    if (down !== undefined && down.until > now) return failed(down.problem);
    const fetchIt = async (): Promise<Result<Buffer>> => {
      const fetched = await this.#client(upstream).archive(proxied, called);
      this.counts.fetched(upstream.name, fetched.ok ? fetched.value.length : null);
      if (fetched.ok) await storage.putBlob(fetched.value);
      else warn(`upstream ${upstream.name}: ${fetched.problems[0]!.message}`);
      return fetched.ok ? fetched : failed(...fetched.problems.map((each) => told(upstream, each)));
    };
    return once(this.#archives, proxied.archive, fetchIt);
  }

  /** Forgets that a name was looked for. */
  forget(name: string): void {
    this.#checked.delete(name);
    this.#missing.delete(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map(({ client }) => client.close()));
  }

  /** The state of a package of this upstream; null when nothing is known of it. */
  #known(name: string, upstream: Upstream): PackageState | null | "another's" {
    const state = this.#options.storage.state.packages.get(name);
    if (state === undefined) return null;
    return state.proxied?.upstream === upstream.name ? state : "another's";
  }

  async #brought(state: PackageState, stale: number | null): Promise<Brought> {
    const document = await this.#options.views.proxied(state.proxied!);
    return { state, document, stale };
  }

  #client(upstream: Upstream): UpstreamClient {
    const known = this.#clients.get(upstream.name);
    if (known?.terms === upstream.terms) return known.client;
    void known?.client.close();
    const { settings, environment } = this.#options;
    const client = new UpstreamClient(upstream.terms, settings, environment);
    this.#clients.set(upstream.name, { terms: upstream.terms, client });
    // It may be another registry now.
    this.#down.delete(upstream.name);
    this.#checked.clear();
    this.#missing.clear();
    return client;
  }

  /** Asks for a document and takes it in; many who ask at the same time are one question. */
  async #ask(name: string, upstream: Upstream, now: number): Promise<Result<null>> {
    const client = this.#client(upstream);
    const down = this.#down.get(upstream.name);
    if (down !== undefined && down.until > now) return failed(down.problem);
    return once(this.#coming, name, () => this.#fetch(name, upstream, client, now));
  }

  async #fetch(
    name: string,
    upstream: Upstream,
    client: UpstreamClient,
    now: number,
  ): Promise<Result<null>> {
    const { warn } = this.#options;
    const known = this.#known(name, upstream);
    if (known === "another's") return ok(null);
    const proxied = known?.proxied ?? null;
    const answer = await client.document(
      name,
      this.#checked.get(name)?.etag ?? proxied?.etag ?? null,
    );
    if (!answer.ok) {
      const problem = told(upstream, answer.problems[0]!);
      if (answer.problems[0]!.code === "UP804") {
        this.#down.set(upstream.name, { until: now + pause.down, problem });
      }
      this.counts.asked(upstream.name, "failed");
      warn(`upstream ${upstream.name}: ${answer.problems[0]!.message}`);
      return failed(problem);
    }
    const said = answer.value;
    this.counts.asked(upstream.name, said.kind);
    switch (said.kind) {
      case "unchanged":
        this.#checked.set(name, {
          time: now,
          etag: this.#checked.get(name)?.etag ?? proxied?.etag ?? null,
        });
        return ok(null);
      case "missing":
        if (known !== null) return this.#takeIn(name, upstream, null, known, now);
        if (this.#missing.size >= mostMissing) {
          this.#missing.delete(this.#missing.keys().next().value!);
        }
        this.#missing.set(name, now + pause.missing);
        return ok(null);
      case "new":
        return this.#takeIn(name, upstream, said, known, now);
    }
  }

  /** Takes a document in: an entry of the log, if it says something new. */
  async #takeIn(
    name: string,
    upstream: Upstream,
    answer: { readonly body: Buffer; readonly etag: string | null } | null,
    known: PackageState | null,
    now: number,
  ): Promise<Result<null>> {
    const { storage, views, warn } = this.#options;
    const { url } = upstream.terms;
    const before = known === null ? null : await views.proxied(known.proxied!);
    let read: ReturnType<typeof readUpstreamDocument>;
    try {
      const age = this.#leastAge(name, upstream);
      const notAfter = age === 0 ? null : now - age;
      read = readUpstreamDocument(answer?.body ?? null, { name, url, before, notAfter });
    } catch (error) {
      this.counts.asked(upstream.name, "refused");
      const message = `the document of ${name} of the upstream ${upstream.name} makes no sense: ${(error as Error).message}`;
      warn(message);
      return failed({ code: "UP851", message });
    }
    for (const version of read.changed) {
      warn(
        `upstream ${upstream.name}: ${name}@${version} has other bytes than before; those from before are kept (UP851)`,
      );
    }
    // With versions left out that are too young, the same answer means something else tomorrow.
    const etag = read.held ? null : (answer?.etag ?? null);
    const document = await storage.putBlob(Buffer.from(JSON.stringify(read.document)));
    if (document !== known?.proxied?.document) {
      const proxied = { type: "proxied", upstream: upstream.name, document, etag } as const;
      const events: readonly PackageEvent[] = [proxied, ...changesOf(known, read.document)];
      const drafts = events.map(
        (event): Draft => ({
          ...{ actor: actorOf(upstream), subject: `package:${name}`, event },
        }),
      );
      // Null when another instance was faster: it has asked at the same time.
      await storage.append(drafts, known?.last ?? 0);
    }
    this.#checked.set(name, { time: now, etag });
    return ok(null);
  }

  /** Milliseconds that must have passed since a version was published there: by its terms, and its organisation's policy. */
  #leastAge(name: string, { terms }: Upstream): number {
    const age = policyOfScope(this.#options.storage.state, terms.organisation)?.age ?? null;
    return Math.max(terms.age * 3_600_000, isDemanded(age, name) ? age.least : 0);
  }
}

/** What the upstream says otherwise than before of versions that were taken in. */
function changesOf(known: PackageState | null, document: ProxiedDocument): readonly PackageEvent[] {
  return [...(known?.versions.values() ?? [])].flatMap(({ version, yanked, deprecated }) => {
    const events: PackageEvent[] = [];
    const now = standing(document, version);
    if (now.yanked !== yanked) events.push({ type: now.yanked ? "yanked" : "unyanked", version });
    if (now.deprecated !== deprecated) {
      events.push({ type: "deprecated", version, message: now.deprecated ?? "" });
    }
    return events;
  });
}

function silent({ name }: Upstream, reason: string): Problem {
  return { code: "UP850", message: `the upstream ${name} cannot be asked: ${reason}` };
}

/** A problem of an upstream for those who asked: without its address, which is the operator's business. */
function told(upstream: Upstream, { code, message }: Problem): Problem {
  if (code === "UP851") return { code, message };
  const reason = message.replaceAll(upstream.terms.url, "it ").replace(/https?:\/\/\S+ ?/g, "it ");
  return silent(upstream, reason);
}

/** One piece of work for all who ask for it at the same time. */
function once<T>(all: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const known = all.get(key);
  if (known !== undefined) return known;
  const made = work().finally(() => all.delete(key));
  all.set(key, made);
  return made;
}
