import { posix } from "node:path";
import type { PackagePlace } from "../model/place.ts";
import { type Plan, packageOf } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Release } from "../model/release.ts";
import { rewriteImports } from "../registry/imports.ts";
import { entryFile, entrySource, eventLoopOf } from "./entry.ts";
import { type Instance, instancesOf } from "./instance.ts";

/** Where a plan's packages come from. The application is one of them. */
export interface PackageSources {
  /** The planned release of a package. */
  release(name: string): Release;
  /** A source file of a planned package, null when there is none. */
  read(name: string, file: string): string | null;
}

/** A whole program before compilation: every source at its place in one tree, every import bound. */
export interface Program {
  /** Path in the tree -> source text. */
  readonly files: ReadonlyMap<string, string>;
  /** Path in the tree -> whose it is, for messages. */
  readonly owners: ReadonlyMap<string, { readonly package: string; readonly file: string }>;
}

/** The generated settings module in each instance's folder; no package file has this name. */
export const settingsFile = "unipkg-config.ts";

/**
 * Puts the sources of all chosen packages into one tree and binds each import to its provider. Files are
 * read when they are reached from the app's entry, so that a package's tests are not linked.
 *
 * @param settings instance name -> source of its settings module
 */
export function assembleProgram(
  plan: Plan,
  sources: PackageSources,
  settings: ReadonlyMap<string, string>,
): Result<Program> {
  const instances = instancesOf(plan);
  const byName = new Map(instances.map((instance) => [instance.name, instance]));
  const byFolder = new Map(instances.map((instance) => [instance.folder, instance]));
  const files = new Map<string, string>();
  const owners = new Map<string, { package: string; file: string }>();
  const problems: Problem[] = [];

  const moduleOf = (instance: string, interfaceName: string | null): string | null => {
    const { manifest } = sources.release(packageOf(instance));
    const file =
      interfaceName === null
        ? manifest.module
        : (manifest.provides.find((provision) => provision.interface === interfaceName)?.module ??
          null);
    return file === null ? null : `${byName.get(instance)?.folder}/${file}`;
  };

  const loop = eventLoopOf(plan);
  const app = moduleOf(plan.root, null);
  const loopModule = loop === null ? null : moduleOf(loop, "event");
  if (app === null || loopModule === null) {
    return failed({
      code: "UP404",
      message: `the plan for ${plan.target} has no event loop and app to enter`,
      hint: "the target package must require the interface `event`",
    });
  }
  const fromEntry = (module: string) => `../${module.replace(/\.ts$/, "")}`;
  files.set(entryFile, entrySource(fromEntry(app), fromEntry(loopModule)));
  for (const [name, text] of settings) {
    const instance = byName.get(name);
    if (instance !== undefined) files.set(`${instance.folder}/${settingsFile}`, text);
  }

  /** File to be read -> the first import that asks for it. */
  const wanted = new Map<string, PackagePlace | null>([
    [app, null],
    [loopModule, null],
  ]);
  const pending = [...wanted.keys()];
  const want = (path: string, from: PackagePlace) => {
    if (wanted.has(path)) return;
    wanted.set(path, from);
    pending.push(path);
  };
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    const instance = instanceAt(path, byFolder);
    const file = path.slice(instance.folder.length + 1);
    const { version } = sources.release(instance.package).manifest;
    const owner = {
      package: instance.package,
      ...(instance.name === plan.root ? {} : { version }),
    };
    const text = sources.read(instance.package, file);
    if (text === null) {
      const place = wanted.get(path) ?? null;
      problems.push({
        code: "UP404",
        message: `\`${instance.package}\` has no file \`${file}\``,
        ...(place === null ? {} : { place }),
      });
      continue;
    }
    const bound = rewriteImports(text, file, (specifier, place) => {
      if (specifier.startsWith(".")) {
        const relative = specifier.replace(/\.ts$/, "");
        want(posix.normalize(`${posix.dirname(path)}/${relative}.ts`), { ...owner, ...place });
        return relative;
      }
      let module: string | null;
      if (specifier === "config") {
        module = `${instance.folder}/${settingsFile}`;
      } else {
        const slot = instance.slots.get(specifier);
        module = slot === undefined ? null : moduleOf(slot.instance, slot.interface);
        if (module !== null) want(module, { ...owner, ...place });
      }
      if (module === null) {
        problems.push({
          code: "UP404",
          message: `"${specifier}" is not a slot that \`${instance.package}\` requires`,
          place: { ...owner, ...place },
          hint: `add \`${specifier}\` to \`requires\` in its package.json`,
        });
        return null;
      }
      const relative = posix.relative(posix.dirname(path), module.replace(/\.ts$/, ""));
      return relative.startsWith(".") ? relative : `./${relative}`;
    });
    if (bound.ok) {
      files.set(path, bound.value);
      owners.set(path, { package: instance.package, file });
    } else {
      problems.push(...bound.problems);
    }
  }
  return problems.length > 0 ? { ok: false, problems } : ok({ files, owners });
}

/** The instance whose folder a path of the tree is in; folders of scoped packages have two parts. */
function instanceAt(path: string, byFolder: ReadonlyMap<string, Instance>): Instance {
  const parts = path.split("/");
  for (const count of [1, 2]) {
    const instance = byFolder.get(parts.slice(0, count).join("/"));
    if (instance !== undefined) return instance;
  }
  throw new Error(`no instance holds ${path}`);
}
