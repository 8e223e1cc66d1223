import { createHash } from "node:crypto";
import { pack } from "../../registry/archive/pack.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { type FakeAnswer, type FakeRegistry, fakeRegistry } from "./fake-registry.ts";

/** A version that a fake upstream has. */
export interface FakeVersion {
  /** Of `package.json`, beside name and version; without `unipkg` it is a package of npm's own world. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly dist?: Readonly<Record<string, unknown>>;
  readonly time?: string;
}

/** Package -> version -> what it is. Tests change it while the upstream runs. */
export type FakePackages = Record<string, Record<string, FakeVersion>>;

export interface FakeUpstream extends FakeRegistry {
  readonly packages: FakePackages;
  /** Answers before the packages are looked at, when it is not null. */
  answer: ((path: string) => FakeAnswer | null) | null;
  /** Paths that were asked for since it was called last. */
  asked(): readonly string[];
}

/** A registry of npm's protocol with the packages that a test gives it. */
export async function fakeUpstream(packages: FakePackages): Promise<FakeUpstream> {
  const registry = await fakeRegistry((path, url) => {
    const own = upstream.answer?.(path) ?? null;
    return own ?? answerTo(path, url, packages);
  });
  let seen = 0;
  const upstream: FakeUpstream = {
    ...registry,
    packages,
    answer: null,
    asked: () => {
      const paths = registry.requests.slice(seen).map(({ path }) => path);
      seen += paths.length;
      return paths;
    },
  };
  return upstream;
}

export function archiveOfFake(
  name: string,
  version: string,
  { manifest = {}, files = {} }: FakeVersion,
): Buffer {
  const all = { "package.json": JSON.stringify({ name, version, ...manifest }), ...files };
  return pack(Object.entries(all).map(([path, text]) => ({ path, bytes: Buffer.from(text) })));
}

function answerTo(path: string, url: string, packages: FakePackages): FakeAnswer | null {
  const decoded = decodeURIComponent(path.slice(1));
  const [, archived, file] = /^(.*)\/-\/(.*)$/.exec(decoded) ?? [];
  if (archived !== undefined) {
    const bare = archived.replace(/^@[^/]*\//, "");
    const found = Object.entries(packages[archived] ?? {}).find(
      ([version]) => `${bare}-${version}.tgz` === file,
    );
    return found === undefined ? null : { body: archiveOfFake(archived, ...found) };
  }
  const versions = packages[decoded];
  return versions === undefined
    ? null
    : { body: JSON.stringify(documentOf(decoded, versions, url)) };
}

export function documentOf(
  name: string,
  versions: Readonly<Record<string, FakeVersion>>,
  url: string,
): Readonly<Record<string, unknown>> {
  const all = Object.entries(versions);
  const bare = name.replace(/^@[^/]*\//, "");
  return {
    name,
    "dist-tags": { latest: all.at(-1)?.[0] },
    time: Object.fromEntries(
      all.map(([version, { time }]) => [version, time ?? "2026-01-01T00:00:00.000Z"]),
    ),
    versions: Object.fromEntries(
      all.map(([version, fake]) => {
        const archive = archiveOfFake(name, version, fake);
        const dist = {
          tarball: `${url}${name}/-/${bare}-${version}.tgz`,
          integrity: sriOf(archive),
          shasum: createHash("sha1").update(archive).digest("hex"),
          ...fake.dist,
        };
        return [version, { name, version, ...fake.manifest, dist }];
      }),
    ),
  };
}
