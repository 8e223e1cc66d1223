import { existsSync } from "node:fs";
import { join } from "node:path";
import { linkProgram } from "../../linker/build.ts";
import type { ImageParts } from "../../linker/node-host/image.ts";
import type { Settings } from "../../linker/settings.ts";
import type { Manifest } from "../../model/manifest.ts";
import { type Binding, type Plan, packageOf, slotInstance } from "../../model/plan.ts";
import type { Problem, Result } from "../../model/problem.ts";
import { openPackageFolder, type PackageFolder } from "../../registry/package-folder.ts";
import { projectRoot } from "../support/unipkg.ts";

const target = "unix";
const recipes = join(projectRoot, "recipes");

/** Who fills the slots of an interface, unless a test says otherwise. */
const usual: Readonly<Record<string, string>> = {
  block: "host-block",
  clock: "host-clock",
  console: "host-console",
  dns: "dns-server",
  event: "event-loop",
  files: "fat32",
  http: "http1",
  kv: "kv-log",
  "kv-ro": "assets",
  random: "host-random",
  resolver: "dns-resolver",
  statistics: "float-statistics",
  tcp: "kernel-sockets",
  timer: "event-loop",
  udp: "kernel-sockets",
};

/**
 * Links an app with the recipes as they are, without a solver: every slot is filled as `usual` says.
 *
 * @param app folder of the app
 * @param providers interface -> library, instead of the usual one
 * @param memory limit of the program's memory in MiB
 */
export async function link(
  app: string,
  settings: Settings = {},
  providers: Readonly<Record<string, string>> = {},
  memory = 256,
): Promise<ImageParts> {
  const folders = new Map<string, PackageFolder>();
  const open = (name: string): PackageFolder => {
    const known = folders.get(name);
    if (known !== undefined) return known;
    const folder = ["libraries", "interfaces", "targets"]
      .map((kind) => join(recipes, kind, name))
      .find((path) => existsSync(path));
    const opened = demand(openPackageFolder(folder ?? app));
    folders.set(name, opened);
    return opened;
  };
  const root = demand(openPackageFolder(app));
  folders.set(root.manifest.name, root);

  const bindings: Binding[] = [];
  const pending = [root.manifest.name, target];
  const seen = new Set(pending);
  for (let consumer = pending.shift(); consumer !== undefined; consumer = pending.shift()) {
    for (const { slot, of } of open(packageOf(consumer)).manifest.requires) {
      const isInterface = open(of).manifest.kind === "interface";
      const name = isInterface ? (providers[of] ?? usual[of] ?? of) : of;
      const provider = isInterface && slot !== of ? slotInstance(name, consumer, slot) : name;
      bindings.push({
        consumer,
        slot,
        interface: isInterface ? of : null,
        provider,
        reason: "asked for",
      });
      if (!seen.has(provider)) pending.push(provider);
      seen.add(provider);
    }
  }
  const plan: Plan = {
    target,
    root: root.manifest.name,
    packages: [...folders.values()].map(({ manifest: { name, version } }) => ({
      name,
      version,
      integrity: "",
    })),
    bindings,
  };
  const linked = demand(
    await linkProgram({
      plan,
      sources: {
        release: (name) => releaseOf(open(name).manifest),
        read: (name, file) => open(name).read(file),
      },
      packageFolder: (name) => open(name).folder,
      exists: (name) => usual[name] !== undefined,
      folder: app,
      set: settings,
      memory,
      progress: () => {},
    }),
  );
  return { ...linked, blobAddress: 65536 };
}

function releaseOf(manifest: Manifest) {
  return { manifest, integrity: "", signature: null, provided: {}, uses: {}, effects: [] };
}

function demand<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refused(result.problems);
}

/** An app that cannot be linked. */
export class Refused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(tell).join("\n"));
    this.problems = problems;
  }
}

function tell({ code, message, place, details = [] }: Problem): string {
  const at = place === undefined ? "" : ` (${JSON.stringify(place)})`;
  return [`${code} ${message}${at}`, ...details].join("\n  ");
}
