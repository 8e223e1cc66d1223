import { resolve } from "node:path";
import type { LinkRequest } from "../linker/build.ts";
import type { Settings } from "../linker/settings.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Arguments, Option } from "./command.ts";
import type { PlannedApplication } from "./planned-app.ts";
import type { Report } from "./report.ts";

/** Options of the commands that link. */
export const linkOptions: readonly Option[] = [
  {
    name: "set",
    value: "PKG.SETTING=VALUE",
    doc: "a setting of a package or slot, before that of package.json (may be repeated)",
  },
  {
    name: "memory",
    value: "MIB",
    doc: "limit of the program's memory in MiB (default 256)",
  },
  { name: "locked", doc: "fail if unipkg.lock is missing or would change" },
];

/** Of the commands that make images besides. */
export const kernelOption: Option = {
  name: "kernel",
  value: "RELEASE",
  doc: "the Linux kernel that a module is for: its release, or a folder of headers",
};

/** What `linkOptions` say, checked. */
export interface LinkWords {
  readonly set: Settings;
  readonly memory: number;
  /** Release, or absolute folder; null when not said. */
  readonly kernel: string | null;
}

export function linkWords(words: Arguments, folder: string): Result<LinkWords> {
  const problems: Problem[] = [];
  const set: Record<string, Record<string, string>> = {};
  for (const word of words.all("set")) {
    const [, owner, name, value] = /^([^=]+)\.([^.=]+)=(.*)$/s.exec(word) ?? [];
    if (owner === undefined || name === undefined || value === undefined) {
      problems.push({
        code: "UP702",
        message: `\`--set ${word}\` is not PKG.SETTING=VALUE`,
        hint: "write it as in `--set my-site.port=8080`; `unipkg info PKG` lists a package's settings",
      });
      continue;
    }
    set[owner] = { ...set[owner], [name]: value };
  }
  const memory = Number(words.one("memory") ?? "256");
  // 4 GiB is all that a 32-bit linear memory can have.
  if (!Number.isInteger(memory) || memory < 1 || memory > 4096) {
    problems.push({
      code: "UP702",
      message: `\`--memory ${words.one("memory")}\` is not a number of MiB`,
      hint: "it is a whole number from 1 to 4096",
    });
  }
  const word = words.one("kernel");
  const kernel = word === undefined ? null : word.includes("/") ? resolve(folder, word) : word;
  return problems.length > 0 ? failed(...problems) : ok({ set, memory, kernel });
}

/** The linker's request for one plan of an application. */
export function linkRequest(
  { app, root }: PlannedApplication,
  plan: Plan,
  { set, memory }: LinkWords,
  report: Report,
): LinkRequest {
  const versions = new Map(plan.packages.map(({ name, version }) => [name, version]));
  const { catalog } = app;
  const release = (name: string) => {
    if (name === plan.root) return root.release;
    const found = catalog
      .releases(name)
      .find((candidate) => candidate.manifest.version === versions.get(name));
    if (found === undefined) throw new Error(`the plan has no package ${name}`);
    return found;
  };
  return {
    plan,
    sources: {
      release,
      read: (name, file) =>
        name === plan.root ? root.read(file) : catalog.read(name, versions.get(name) ?? "", file),
    },
    packageFolder: (name) => catalog.folder(name, versions.get(name) ?? ""),
    exists: (name) => catalog.releases(name).length > 0,
    folder: app.folder,
    set,
    memory,
    note: (text) => report.note(text),
    progress: (step) => report.progress(`${plan.target}: ${step}`),
  };
}
