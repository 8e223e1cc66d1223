import type { Release, Universe } from "./release.ts";
import type { SolveRequest } from "./request.ts";

/** The format that this version writes, and the only one that it reads. */
export const caseFormat = 1;

/**
 * A question to the solver with all that its answer depends on: what `unipkg solve --save-case` writes. Solving it again
 * gives the same plan or the same explanation, on any machine.
 */
export interface SolveCase {
  readonly request: SolveRequest;
  /** All versions of every package in reach, by name, then newest first. */
  readonly releases: readonly Release[];
  /** Names of packages, for suggestions: of all that there were when one was needed. Sorted. */
  readonly names: readonly string[];
}

/** The packages of a case. */
export class CaseUniverse implements Universe {
  readonly #names: readonly string[];
  readonly #byName = new Map<string, Release[]>();
  readonly #byInterface = new Map<string, Release[]>();

  constructor({ releases, names }: SolveCase) {
    this.#names = names;
    for (const release of releases) {
      const { name, provides } = release.manifest;
      append(this.#byName, name, release);
      for (const of of new Set(provides.map((one) => one.interface))) {
        append(this.#byInterface, of, release);
      }
    }
  }

  releases(name: string): readonly Release[] {
    return this.#byName.get(name) ?? [];
  }

  providers(interfaceName: string): readonly Release[] {
    return this.#byInterface.get(interfaceName) ?? [];
  }

  names(): readonly string[] {
    return this.#names;
  }

  targets(): readonly string[] {
    return [...this.#byName]
      .filter(([, releases]) => releases[0]?.manifest.kind === "target")
      .map(([name]) => name)
      .sort();
  }
}

function append(index: Map<string, Release[]>, key: string, release: Release): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [release]);
  else known.push(release);
}

/** A case without what the solver does not look at: descriptions, settings and their values, folders of catalogs. */
export function withoutNeedless({ request, releases, names }: SolveCase): SolveCase {
  const bare = (release: Release): Release => {
    const { notice: _, ...manifest } = release.manifest;
    return {
      ...release,
      manifest: { ...manifest, description: "", config: {}, settings: {}, catalogs: [] },
    };
  };
  return { request: { ...request, root: bare(request.root) }, releases: releases.map(bare), names };
}

/** The file's text: keys sorted, a release on each line. Equal cases are equal bytes. */
export function formatCase(saved: SolveCase, unipkg: string): string {
  const list = (items: readonly unknown[]) =>
    items.length === 0 ? "[]" : `[\n${items.map((one) => stable(one)).join(",\n")}\n]`;
  return `{
"format": ${caseFormat},
"unipkg": ${JSON.stringify(unipkg)},
"request": ${stable(saved.request)},
"names": ${stable(saved.names)},
"releases": ${list(saved.releases)}
}
`;
}

/** JSON with the keys of every object sorted. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
