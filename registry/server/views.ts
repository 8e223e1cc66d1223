import { gzip } from "node:zlib";
import { formatIndexLine } from "../protocol/index-line.ts";
import { archiveFile } from "../protocol/package-name.ts";
import { abbreviated } from "./abbreviated.ts";
import { markOf, offeredFrom, offeredTags, partialRevision, type Waiting } from "./offered.ts";
import type { PackageState, ProxiedState, VersionState } from "./package-state.ts";
import { SizedCache } from "./sized-cache.ts";
import type { Storage } from "./storage.ts";
import type { ProxiedDocument } from "./upstream/document.ts";
import { proxiedPackument } from "./upstream/packument.ts";
import type { VersionDocument } from "./version-document.ts";

/** A document that is worked out from state and blobs, ready to be sent. */
export interface View {
  readonly body: Buffer;
  /** The same, compressed; null when that would not be worth it. */
  readonly gzip: Buffer | null;
}

export type ViewKind = "full" | "abbreviated" | "index";

/**
 * The documents about packages, rendered when they are first asked for after a change, and kept: reading one costs
 * a look into a map. Documents of versions never change and are kept apart, so that a package with many versions
 * is rendered anew without reading them again.
 */
export class Views {
  readonly #storage: Storage;
  readonly #views: SizedCache<View>;
  readonly #documents: SizedCache<VersionDocument>;
  readonly #proxied: SizedCache<ProxiedDocument>;

  constructor(storage: Storage, megabytes = 128) {
    this.#storage = storage;
    this.#views = new SizedCache(megabytes << 20);
    this.#documents = new SizedCache(megabytes << 20);
    this.#proxied = new SizedCache(megabytes << 20);
  }

  /**
   * What a view is known by: it is the same as long as this is.
   *
   * @param waiting versions that are not offered yet
   */
  tagOf(state: PackageState, kind: ViewKind, waiting: Waiting): string {
    const waits = markOf(waiting);
    return `W/"${state.last.toString(36)}-${Date.parse(state.modified).toString(36)}-${kind[0]}${waits}"`;
  }

  /**
   * Npm's documents leave out what is not offered yet; lines of the index say from when on it is, because a client of
   * unipkg whose lockfile has it may go on with it.
   *
   * @param base address of the registry, which npm's documents have the archives' addresses below
   */
  async of(state: PackageState, kind: ViewKind, base: string, waiting: Waiting): Promise<View> {
    const key = `${kind} ${kind === "index" ? "" : base} ${state.name} ${state.last} ${markOf(waiting)}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const body = Buffer.from(await this.#text(state, kind, base, waiting));
    const view: View = { body, gzip: body.length < 1400 ? null : await compressed(body) };
    this.#views.set(key, view, body.length + (view.gzip?.length ?? 0));
    return view;
  }

  /** What is kept of an upstream's document. A lost blob throws: the storage is damaged. */
  async proxied({ document }: Pick<ProxiedState, "document">): Promise<ProxiedDocument> {
    const known = this.#proxied.get(document);
    if (known !== undefined) return known;
    const bytes = await this.#storage.getBlob(document);
    if (bytes === null) throw new Error(`the blob ${document} is lost`);
    const parsed = JSON.parse(bytes.toString("utf8")) as ProxiedDocument;
    this.#proxied.set(document, parsed, 2 * bytes.length);
    return parsed;
  }

  async #text(
    state: PackageState,
    kind: ViewKind,
    base: string,
    waiting: Waiting,
  ): Promise<string> {
    if (state.proxied !== null && kind !== "index") {
      const document = await this.proxied(state.proxied);
      return JSON.stringify(proxiedPackument(state, document, kind, base));
    }
    const versions = [...state.versions.values()].filter(
      (each) => !each.unpublished && (kind === "index" || !waiting.versions.has(each)),
    );
    const documents = await Promise.all(versions.map((each) => this.document(each)));
    return kind === "index"
      ? versions.map((each, at) => `${lineOf(each, documents[at]!, waiting)}\n`).join("")
      : JSON.stringify(packument(state, versions, documents, kind, base, waiting));
  }

  /** Keeps a document that was stored just now: it will be asked for. */
  remember(digest: string, document: VersionDocument, bytes: number): void {
    this.#documents.set(digest, document, 2 * bytes);
  }

  /** The document of a version. A lost blob throws: the storage is damaged. */
  async document({ document }: Pick<VersionState, "document">): Promise<VersionDocument> {
    const known = this.#documents.get(document);
    if (known !== undefined) return known;
    const bytes = await this.#storage.getBlob(document);
    if (bytes === null) throw new Error(`the blob ${document} is lost`);
    const parsed = JSON.parse(bytes.toString("utf8")) as VersionDocument;
    this.remember(document, parsed, bytes.length);
    return parsed;
  }
}

function lineOf(state: VersionState, { line }: VersionDocument, waiting: Waiting): string {
  const offered = waiting.versions.has(state) ? offeredFrom(state, waiting) : null;
  return formatIndexLine({ ...line, published: state.published }, { ...state, offered });
}

/** What npm knows a package by: all versions in one document. */
function packument(
  state: PackageState,
  versions: readonly VersionState[],
  documents: readonly VersionDocument[],
  kind: "full" | "abbreviated",
  base: string,
  waiting: Waiting,
): Readonly<Record<string, unknown>> {
  const { name, created, modified, owners, last } = state;
  const manifests = versions.map((each, at) => {
    const document = documents[at]!;
    const { packageJson, line, shasum, fileCount, unpackedSize } = document;
    const { deprecated, yanked } = each;
    const warning = deprecated ?? (yanked ? "this version was withdrawn" : null);
    const dist = {
      tarball: `${base}${name}/-/${archiveFile(name, each.version)}`,
      ...{ integrity: line.archive, shasum, fileCount, unpackedSize },
      ...(each.signatures.length > 0 && { signatures: each.signatures }),
      ...(each.provenance !== null && {
        attestations: {
          url: `${base}-/npm/v1/attestations/${name}@${each.version}`,
          provenance: { predicateType: "https://slsa.dev/provenance/v1" },
        },
      }),
    };
    const common = {
      name,
      version: each.version,
      dist,
      ...(warning !== null && { deprecated: warning }),
    };
    const kept = kind === "full" ? packageJson : abbreviated(packageJson);
    const unipkg = {
      format: 1,
      ...{ integrity: line.integrity, types: line.types, effects: line.effects, yanked },
    };
    return [
      each.version,
      {
        ...kept,
        ...common,
        ...(kind === "full" && {
          _id: `${name}@${each.version}`,
          _npmUser: { name: each.publisher },
          maintainers: [...owners].map((owner) => ({ name: owner })),
          unipkgRelease: unipkg,
        }),
      },
    ];
  });
  const newest = documents.at(-1);
  return {
    _id: name,
    _rev: waiting.versions.size === 0 ? `${last}-0` : partialRevision,
    name,
    "dist-tags": offeredTags(state, waiting),
    versions: Object.fromEntries(manifests),
    ...(kind === "abbreviated" && { modified }),
    ...(kind === "full" && {
      time: {
        ...{ created, modified },
        ...Object.fromEntries(versions.map((each) => [each.version, each.published])),
      },
      description: newest?.packageJson["description"] ?? "",
      maintainers: [...owners].map((owner) => ({ name: owner })),
      readme: newest?.readme ?? "",
    }),
  };
}

function compressed(body: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(body, { level: 6 }, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}
