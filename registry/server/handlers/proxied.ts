import type { Problem } from "../../../model/problem.ts";
import { archiveFile } from "../../protocol/package-name.ts";
import { type ApiRequest, type ApiResponse, hidden, refuse } from "../exchange.ts";
import type { PackageState } from "../package-state.ts";
import type { Registry } from "../registry.ts";
import type { Upstream } from "../upstream/rules.ts";
import type { Brought } from "../upstream/upstreams.ts";

/** What an answer says beside the package: that its upstream could not be asked, and how old it is. */
export type Freshness = Readonly<Record<string, string>>;

/** Milliseconds that somebody waits for versions to be taken in, before he is told to come again. */
const patience = 15_000;

/**
 * Has an upstream asked for a package, if its name is one's and the visitor may have it asked; else there is nothing to
 * do. After it, the package is here as any other is.
 *
 * @param taken whether versions have to be taken in: for what unipkg's clients read
 */
export async function bringPackage(
  name: string,
  taken: boolean,
  { visitor }: ApiRequest,
  { upstreams, policy }: Registry,
): Promise<Freshness | ApiResponse> {
  const upstream = upstreams.usable(name, visitor, policy.anonymous);
  if (upstream === null) return {};
  const brought = await upstreams.document(name, upstream);
  if (!brought.ok) return dependent(brought.problems[0]!);
  if (brought.value === null) return hidden(visitor);
  if (taken && !(await upstreams.admit(name, upstream, brought.value, patience))) {
    const headers = { "content-type": "application/json", "retry-after": "2" };
    return { ...refuse(503, `${name} is being fetched from its upstream; try again`), headers };
  }
  return freshness(name, upstream, brought.value);
}

/** The archive of a package of an upstream; null when it has none of this name. */
export async function proxiedArchive(
  found: PackageState,
  file: string,
  { upstreams, views }: Registry,
): Promise<{ readonly digest: string; readonly body: () => Promise<Buffer | ApiResponse> } | null> {
  const upstream = upstreams.of(found.name);
  if (found.proxied === null || upstream === null) return null;
  const document = await views.proxied(found.proxied);
  const version = Object.keys(document.versions).find(
    (each) => archiveFile(found.name, each) === file,
  );
  if (version === undefined) return null;
  return {
    digest: document.versions[version]!.archive,
    body: async () => {
      const bytes = await upstreams.archive(found.name, version, { document }, upstream);
      return bytes.ok ? bytes.value : dependent(bytes.problems[0]!);
    },
  };
}

/** An answer for what an upstream does not give (RFC 4918, 11.4): clients do not ask again and again, as for a 5xx. */
function dependent({ code, message }: Problem): ApiResponse {
  return refuse(424, `${code}: ${message}`);
}

/** RFC 9111, 5.1: the age in seconds; and npm shows its users what `npm-notice` says, if it is not to store the answer. */
function freshness(name: string, upstream: Upstream, { stale }: Brought): Freshness {
  if (stale === null) return {};
  const notice = `${name} is as it was ${ageOf(stale)} ago: its upstream ${upstream.name} does not answer`;
  return { age: String(stale), "cache-control": "no-store", "npm-notice": notice };
}

function ageOf(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  for (const [unit, length] of units) {
    const count = Math.floor(seconds / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return `${seconds} seconds`;
}
