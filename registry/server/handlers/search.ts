import { mayRead } from "../access.ts";
import { type ApiRequest, type ApiResponse, hidden, json } from "../exchange.ts";
import { rankOf } from "../match.ts";
import { newestOffered, waitingVersions } from "../offered.ts";
import type { PackageState, VersionState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import { summariesOf } from "../summary.ts";
import type { VersionDocument } from "../version-document.ts";

/** `GET /-/v1/search?text=…&size=…&from=…`: packages that have all words, the best match first. */
export async function search(request: ApiRequest, registry: Registry): Promise<ApiResponse> {
  const { query, visitor } = request;
  if (visitor.account === null && !registry.policy.anonymous) return hidden(visitor);
  const words = (query.get("text") ?? "").toLowerCase().slice(0, 200).split(/\s+/).filter(Boolean);
  const size = boundedNumber(query.get("size"), 20, 250);
  const from = boundedNumber(query.get("from"), 0, 10_000);
  const now = registry.now();
  const newest = [...registry.storage.state.packages.values()].flatMap(
    (state) => newestOf(state, request, registry, now) ?? [],
  );
  const summaries = await summariesOf(
    newest.map(({ version }) => version),
    registry.views,
  );
  const found: { readonly rank: number; readonly name: string; readonly newest: Newest }[] = [];
  for (const [at, { searched }] of summaries.entries()) {
    const rank = rankOf(searched, words);
    if (rank !== null) found.push({ rank, name: searched.name, newest: newest[at]! });
  }
  found.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  const objects = found
    .slice(from, from + size)
    .map(async ({ newest: { state, version }, rank }) => {
      const document = await registry.views.document(version);
      return objectOf({ state, version }, document, rank);
    });
  return json(200, {
    ...{ objects: await Promise.all(objects), total: found.length, time: now.toISOString() },
  });
}

/** `GET /-/unipkg/providers/INTERFACE?target=T`: what no npm registry can tell. */
export async function providers(
  interfaceName: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  if (request.visitor.account === null && !registry.policy.anonymous)
    return hidden(request.visitor);
  const { state } = registry.storage;
  const now = registry.now();
  const target = request.query.get("target");
  const found = [];
  for (const name of [...(state.providers.get(interfaceName) ?? [])].sort()) {
    const newest = newestOf(state.packages.get(name), request, registry, now);
    if (newest === null || !newest.version.provides.includes(interfaceName)) continue;
    const document = await registry.views.document(newest.version);
    const block = document.line.package["unipkg"] as {
      readonly provides?: Readonly<Record<string, { readonly version?: string }>>;
      readonly targets?: readonly string[];
    };
    const targets = block.targets ?? ["*"];
    if (target !== null && !targets.includes("*") && !targets.includes(target)) continue;
    found.push({
      name,
      version: newest.version.version,
      provides: block.provides?.[interfaceName]?.version ?? "",
      targets,
      effects: document.line.effects.map(({ effect }) => effect),
    });
  }
  return json(200, { interface: interfaceName, providers: found });
}

interface Newest {
  readonly state: PackageState;
  readonly version: VersionState;
}

function newestOf(
  state: PackageState | undefined,
  { visitor }: ApiRequest,
  { storage, policy }: Registry,
  now: Date,
): Newest | null {
  if (state === undefined || !mayRead(storage.state, visitor, state, policy.anonymous)) return null;
  const version = newestOffered(state, waitingVersions(storage.state, state, now));
  return version === undefined ? null : { state, version };
}

function objectOf({ state, version }: Newest, document: VersionDocument, rank: number): unknown {
  const { description, keywords, license } = document.packageJson;
  const score = 1 - rank / 10;
  const maintainers = [...state.owners].map((username) => ({ username }));
  return {
    package: {
      ...{ name: state.name, version: version.version },
      description: String(description ?? ""),
      keywords: Array.isArray(keywords) ? keywords : [],
      ...{ date: version.published, license, maintainers },
      ...{ links: {}, publisher: { username: version.publisher } },
      unipkg: { kind: version.kind, provides: version.provides },
    },
    score: { final: score, detail: { quality: score, popularity: score, maintenance: score } },
    searchScore: score,
  };
}

function boundedNumber(text: string | null, otherwise: number, most: number): number {
  const number = Number(text ?? otherwise);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, most) : otherwise;
}
