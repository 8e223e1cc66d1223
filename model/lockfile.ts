/**
 * `unipkg.lock`: what was chosen, for every target that the application was solved for. docs/lockfile.md
 * describes the format. Equal content is equal bytes; one entry a line, so that merges are easy.
 */
import type { Binding, Plan } from "./plan.ts";
import { failed, ok, type Result } from "./problem.ts";

/** The format that this version writes, and the only one that it reads. */
export const lockVersion = 1;

export interface Lockfile {
  /** Tools whose versions an image depends on -> version. */
  readonly tools: Readonly<Record<string, string>>;
  /** Seed of the layout of sealed images, 32 hexadecimal digits. Files of earlier versions have none. */
  readonly layout?: string;
  /** `name@version` -> what was chosen. The application itself is not among them. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
  /** Target -> its plan. */
  readonly plans: Readonly<Record<string, LockedPlan>>;
}

export interface LockedPackage {
  /** `sha512-…`, as in the catalog. */
  readonly integrity: string;
  /** `bundled`; the catalog folder it came from, relative to the application, with `/`; or its registry's address. */
  readonly source: string;
  /** `sha512-…` over its archive's bytes, when it came from a registry. */
  readonly archive?: string;
}

export interface LockedPlan {
  /** `name@version` of every package of the plan, the application left out, sorted. */
  readonly packages: readonly string[];
  /** Consumer instance -> slot -> provider instance. */
  readonly bindings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Name and version of a `name@version`; a scope's `@` in front belongs to the name. */
export function parsePackageId(id: string): { readonly name: string; readonly version: string } {
  const at = id.lastIndexOf("@");
  return { name: id.slice(0, at), version: id.slice(at + 1) };
}

/**
 * The lockfile for these plans.
 *
 * @param source where a package came from, as `LockedPackage` says
 * @param layout the seed that is kept, or a new one
 */
export function lockfileOf(
  plans: readonly Plan[],
  tools: Readonly<Record<string, string>>,
  source: (name: string, version: string) => Omit<LockedPackage, "integrity">,
  layout?: string,
): Lockfile {
  const packages: Record<string, LockedPackage> = {};
  const locked: Record<string, LockedPlan> = {};
  for (const plan of plans) {
    const ids: string[] = [];
    for (const { name, version, integrity } of plan.packages) {
      if (name === plan.root) continue;
      const id = `${name}@${version}`;
      ids.push(id);
      packages[id] = { integrity, ...source(name, version) };
    }
    const bindings: Record<string, Record<string, string>> = {};
    for (const { consumer, slot, provider } of plan.bindings) {
      bindings[consumer] = { ...bindings[consumer], [slot]: provider };
    }
    locked[plan.target] = { packages: ids.sort(), bindings };
  }
  return { tools, ...(layout !== undefined && { layout }), packages, plans: locked };
}

/**
 * The plans of a lockfile, as an earlier solve made them.
 *
 * @param root the application's name
 * @param interfaceOf the interface that a slot of a package asks for, null when it asks for a library;
 *   the lockfile does not repeat what the manifests say
 */
export function plansOf(
  lockfile: Lockfile,
  root: string,
  interfaceOf: (
    consumer: string,
    slot: string,
    packages: ReadonlyMap<string, string>,
  ) => string | null,
): readonly Plan[] {
  return Object.entries(lockfile.plans).map(([target, plan]) => {
    const packages = plan.packages.map((id) => ({
      ...parsePackageId(id),
      integrity: lockfile.packages[id]?.integrity ?? "",
    }));
    const versions = new Map(packages.map(({ name, version }) => [name, version]));
    const bindings = Object.entries(plan.bindings).flatMap(([consumer, slots]) =>
      Object.entries(slots).map(
        ([slot, provider]): Binding => ({
          consumer,
          slot,
          interface: interfaceOf(consumer, slot, versions),
          provider,
          reason: "locked",
        }),
      ),
    );
    return { target, root, packages, bindings };
  });
}

/** The file's text: names sorted by UTF-16 code units, indented by two, with a final newline. */
export function formatLockfile({ tools, layout, packages, plans }: Lockfile): string {
  const locked = Object.entries(packages).map(([id, entry]): [string, Printed] => {
    const { integrity, source, archive } = entry;
    const fields = Object.entries({ integrity, source, ...(archive && { archive }) });
    const texts = fields.map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
    return [id, { line: `{ ${texts.join(", ")} }` }];
  });
  const planned = Object.entries(plans).map(([target, plan]): [string, Printed] => [
    target,
    { fields: { packages: { items: [...plan.packages].sort() }, bindings: block(plan.bindings) } },
  ]);
  const file: Printed = {
    fields: {
      lockVersion: { line: String(lockVersion) },
      tools: block(tools),
      ...(layout !== undefined && { layout: { line: JSON.stringify(layout) } }),
      packages: { fields: Object.fromEntries(locked.sort(byName)) },
      plans: { fields: Object.fromEntries(planned.sort(byName)) },
    },
  };
  return `${print(file, "")}\n`;
}

/** Reads what `formatLockfile` wrote, or a merge of it that is still valid. */
export function parseLockfile(text: string, file: string): Result<Lockfile> {
  const wrong = (
    message: string,
    at?: string | number,
    hint = "delete the file and run `unipkg solve`",
  ) =>
    failed({
      code: "UP105",
      message,
      ...(at === undefined ? {} : { place: { file, ...positionOf(text, at) } }),
      hint,
    });
  const marker = /^(<{7}|={7}|>{7})( |$)/m.exec(text);
  if (marker !== null) {
    return wrong(
      `${file} has merge conflict markers`,
      marker[0],
      "keep either side of each conflict, then run `unipkg solve`",
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // The engine's own words differ from version to version; the offset is in some of them.
    const offset = /at position (\d+)/.exec((error as Error).message)?.[1];
    return wrong(`${file} is not valid JSON`, offset === undefined ? undefined : Number(offset));
  }
  if (!isRecord(json)) return wrong(`${file} must hold an object`);
  if (json["lockVersion"] !== lockVersion) {
    const found = json["lockVersion"];
    return typeof found === "number" && found > lockVersion
      ? wrong(
          `${file} has the format ${found}, which is newer than this unipkg`,
          '"lockVersion"',
          "update unipkg, or delete the file and run `unipkg solve`",
        )
      : wrong(`${file} has no lockVersion that this unipkg knows`, '"lockVersion"');
  }
  const { tools, layout, packages, plans } = json;
  if (!isRecordOf(tools, isString))
    return wrong(`${file}: "tools" must map names to versions`, '"tools"');
  if (layout !== undefined && !(isString(layout) && /^[0-9a-f]{32}$/.test(layout))) {
    return wrong(
      `${file}: "layout" must be 32 hexadecimal digits`,
      '"layout"',
      "run `unipkg solve --new-layout` once the line is taken out",
    );
  }
  if (!isRecord(packages)) return wrong(`${file}: "packages" must be an object`, '"packages"');
  for (const [id, entry] of Object.entries(packages)) {
    if (!/.@./.test(id) || !isLockedPackage(entry)) {
      return wrong(
        `${file}: the package "${id}" must be a NAME@VERSION with "integrity" and "source"`,
        JSON.stringify(id),
      );
    }
  }
  if (!isRecord(plans)) return wrong(`${file}: "plans" must be an object`, '"plans"');
  for (const [target, plan] of Object.entries(plans)) {
    if (!isLockedPlan(plan)) {
      return wrong(
        `${file}: the plan for "${target}" must have "packages" and "bindings"`,
        JSON.stringify(target),
      );
    }
    const unknown = plan.packages.find((id) => !Object.hasOwn(packages, id));
    if (unknown !== undefined) {
      return wrong(
        `${file}: the plan for "${target}" names ${unknown}, which "packages" does not have`,
        JSON.stringify(unknown),
      );
    }
  }
  return ok({
    tools,
    ...(isString(layout) && { layout }),
    packages: packages as Lockfile["packages"],
    plans: plans as Lockfile["plans"],
  });
}

/** What the file is printed from: a text for one line, a list, or an object in the given order. */
type Printed =
  | { readonly line: string }
  | { readonly items: readonly string[] }
  | { readonly fields: Readonly<Record<string, Printed>> };

type Strings = { readonly [name: string]: string | Strings };

/** An object of strings or of such objects, sorted. */
function block(strings: Strings): Printed {
  return {
    fields: Object.fromEntries(
      Object.entries(strings)
        .sort(byName)
        .map(([name, value]) => [
          name,
          typeof value === "string" ? { line: JSON.stringify(value) } : block(value),
        ]),
    ),
  };
}

function print(value: Printed, indent: string): string {
  if ("line" in value) return value.line;
  const deeper = `${indent}  `;
  const [open, close, lines] =
    "items" in value
      ? ["[", "]", value.items.map((item) => JSON.stringify(item))]
      : [
          "{",
          "}",
          Object.entries(value.fields).map(
            ([name, field]) => `${JSON.stringify(name)}: ${print(field, deeper)}`,
          ),
        ];
  if (lines.length === 0) return `${open}${close}`;
  return `${open}\n${lines.map((line) => `${deeper}${line}`).join(",\n")}\n${indent}${close}`;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where an offset is, or where a text occurs first; the file's begin when it does not. */
function positionOf(text: string, at: string | number): { line: number; column: number } {
  const offset = typeof at === "number" ? at : Math.max(0, text.indexOf(at));
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordOf<T>(
  value: unknown,
  isItem: (item: unknown) => item is T,
): value is Record<string, T> {
  return isRecord(value) && Object.values(value).every(isItem);
}

function isLockedPackage(value: unknown): value is LockedPackage {
  if (!isRecord(value)) return false;
  const { integrity, source, archive } = value;
  return isString(integrity) && isString(source) && (archive === undefined || isString(archive));
}

function isLockedPlan(value: unknown): value is LockedPlan {
  return (
    isRecord(value) &&
    Array.isArray(value["packages"]) &&
    value["packages"].every(isString) &&
    isRecordOf(value["bindings"], (slots): slots is Record<string, string> =>
      isRecordOf(slots, isString),
    )
  );
}
