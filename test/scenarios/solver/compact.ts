import type { Effect } from "../../../model/effect.ts";
import type { Manifest, PackageKind, TargetBlock } from "../../../model/manifest.ts";
import type { Plan } from "../../../model/plan.ts";
import { formatPolicy, type Policy, parsePolicy } from "../../../model/policy.ts";
import type { Release, Universe } from "../../../model/release.ts";
import type { NamedRange, SolveRequest } from "../../../model/request.ts";
import type {
  ExportedItem,
  FunctionShape,
  Member,
  Primitive,
  Signature,
} from "../../../model/signature.ts";

/** `listen` or `Connection#write` -> `(port: u16): i32`, for a constant `i32`. */
export type CompactExports = Readonly<Record<string, string>>;

/** A requirement's range, or what there is to say beside it. */
export type CompactRequirement =
  | string
  | { of?: string; range?: string; optional?: boolean; when?: readonly string[] };

/** A package version in the short form of the scenario files. */
export interface CompactRelease {
  kind?: PackageKind;
  exports?: CompactExports;
  /** Interface -> version; the exports are the interface's own unless said otherwise. */
  provides?: Readonly<Record<string, string | { version: string; exports: CompactExports }>>;
  requires?: Readonly<Record<string, CompactRequirement>>;
  uses?: Readonly<Record<string, readonly string[]>>;
  targets?: readonly string[];
  conflicts?: Readonly<Record<string, string>>;
  /** Effect -> `function file:line:column`. */
  effects?: Readonly<Record<string, string>>;
  yanked?: boolean;
  deprecated?: string;
  /** ISC when absent. */
  license?: string;
  pins?: Readonly<Record<string, string>>;
  policies?: readonly string[];
  licences?: readonly string[];
  prefers?: Readonly<Record<string, readonly string[]>>;
  host?: readonly string[];
  forbids?: readonly string[];
}

/** `name@version` -> release. */
export type CompactPackages = Readonly<Record<string, CompactRelease>>;

export interface CompactRequest {
  targets?: readonly string[];
  upgrade?: "all" | readonly string[];
  /** `name` or `name@range`. */
  with?: readonly string[];
  without?: readonly string[];
  prefer?: readonly string[];
  locked?: readonly Plan[];
  /** `name@range`. */
  pins?: readonly string[];
  /** Lines of an organisation's file. */
  policies?: readonly string[];
}

export function releasesOf(packages: CompactPackages): readonly Release[] {
  return Object.entries(packages).map(([id, compact]) => {
    const [name, version] = splitId(id);
    return releaseOf(name, version, compact, packages);
  });
}

export function requestOf(root: Release, compact: CompactRequest): SolveRequest {
  return {
    root,
    targets: compact.targets ?? ["unix"],
    locked: compact.locked ?? [],
    upgrade: compact.upgrade ?? [],
    with: (compact.with ?? []).map(namedRange),
    without: compact.without ?? [],
    prefer: compact.prefer ?? [],
    pins: (compact.pins ?? []).map(namedRange),
    policies: policiesOf(compact.policies ?? [], "/etc/acme.policy"),
  };
}

/** A universe in memory, in the order that it is given. */
export class MemoryUniverse implements Universe {
  readonly #releases: readonly Release[];

  constructor(releases: readonly Release[]) {
    this.#releases = releases;
  }

  releases(name: string): readonly Release[] {
    return this.#releases.filter((one) => one.manifest.name === name);
  }

  providers(interfaceName: string): readonly Release[] {
    return this.#releases.filter((one) =>
      one.manifest.provides.some((two) => two.interface === interfaceName),
    );
  }

  names(): readonly string[] {
    return [...new Set(this.#releases.map((one) => one.manifest.name))].sort();
  }
}

export function releaseOf(
  name: string,
  version: string,
  compact: CompactRelease,
  packages: CompactPackages,
): Release {
  const provided: Record<string, Signature> = {};
  const provides = Object.entries(compact.provides ?? {}).map(([interfaceName, promise]) => {
    const promised = typeof promise === "string" ? promise : promise.version;
    const exports =
      typeof promise === "string"
        ? (packages[`${interfaceName}@${promised}`]?.exports ?? {})
        : promise.exports;
    provided[interfaceName] = signatureOf(exports, `src/${interfaceName}.ts`, 100);
    return { interface: interfaceName, version: promised, module: `src/${interfaceName}.ts` };
  });
  const kind = compact.kind ?? "library";
  const target: TargetBlock = {
    backend: "test",
    host: compact.host ?? [],
    forbids: compact.forbids ?? [],
    prefers: kind === "target" ? (compact.prefers ?? {}) : {},
    ...(compact.licences === undefined ? {} : { licences: compact.licences }),
  };
  const manifest: Manifest = {
    name,
    version,
    description: "",
    license: compact.license ?? "ISC",
    kind,
    module: null,
    provides,
    requires: Object.entries(compact.requires ?? {}).map(([slot, requirement]) => {
      const said = typeof requirement === "string" ? { range: requirement } : requirement;
      return {
        slot,
        of: said.of ?? slot,
        range: said.range ?? "*",
        optional: said.optional ?? false,
        ...(said.when === undefined ? {} : { when: said.when }),
      };
    }),
    targets: compact.targets ?? ["*"],
    conflicts: compact.conflicts ?? {},
    config: {},
    ...(compact.deprecated === undefined ? {} : { deprecated: compact.deprecated }),
    yanked: compact.yanked ?? false,
    ...(kind === "target" ? { target } : {}),
    prefers: kind === "app" ? (compact.prefers ?? {}) : {},
    ...(compact.pins === undefined ? {} : { pins: compact.pins }),
    ...(compact.policies === undefined
      ? {}
      : { policies: policiesOf(compact.policies, "package.json") }),
    settings: {},
    catalogs: [],
  };
  return {
    manifest,
    integrity: `sha512-${name}-${version}`,
    signature:
      kind === "interface" ? signatureOf(compact.exports ?? {}, `src/${name}.ts`, 1) : null,
    provided,
    uses: compact.uses ?? {},
    effects: Object.entries(compact.effects ?? {}).map(([effect, where]) => {
      const [by = "", spot = ""] = where.split(" ");
      const [file = "", line, column] = spot.split(":");
      return {
        effect: effect as Effect,
        function: by,
        place: { file, line: Number(line), column: Number(column) },
      };
    }),
  };
}

function signatureOf(exports: CompactExports, file: string, firstLine: number): Signature {
  const items: Record<string, ExportedItem> = {};
  for (const [index, [path, text]] of Object.entries(exports).entries()) {
    const place = { file, line: firstLine + index, column: 1 };
    const [name = "", member] = path.split("#");
    const shape = shapeOf(text);
    if (member === undefined) {
      items[name] =
        shape === null
          ? { kind: "constant", type: { kind: "primitive", name: text as Primitive }, place }
          : { kind: "function", ...shape, place };
      continue;
    }
    const before = items[name];
    const members: Record<string, Member> = before?.kind === "class" ? { ...before.members } : {};
    if (shape !== null) members[member] = { kind: "method", ...shape, place };
    const start = before?.place ?? place;
    items[name] = { kind: "class", construct: null, members, place: start };
  }
  return { exports: items };
}

/** `(port: u16, backlog: i32): bool`; null when it is no function. */
function shapeOf(text: string): FunctionShape | null {
  const match = /^\((.*)\): (\w+)$/.exec(text);
  if (match === null) return null;
  const [, inside = "", returns = "void"] = match;
  const parameters = inside === "" ? [] : inside.split(", ");
  return {
    parameters: parameters.map((parameter) => {
      const [name = "", type = "void"] = parameter.split(": ");
      return { name, type: { kind: "primitive", name: type as Primitive }, optional: false };
    }),
    returns: { kind: "primitive", name: returns as Primitive },
  };
}

/** Each policy on a line of its own. */
function policiesOf(texts: readonly string[], file: string): readonly Policy[] {
  return texts.map((text, index) => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error(`${text}: ${parsed.fault}`);
    const { rule, except } = parsed;
    const place = { file, line: index + 1, column: 1 };
    return { rule, except, text: formatPolicy(rule, except), place };
  });
}

function splitId(id: string): readonly [string, string] {
  const at = id.lastIndexOf("@");
  return [id.slice(0, at), id.slice(at + 1)];
}

/** `name` or `name@range`. */
export function namedRange(text: string): NamedRange {
  const at = text.indexOf("@", 1);
  return at === -1
    ? { name: text, range: "*" }
    : { name: text.slice(0, at), range: text.slice(at + 1) };
}
