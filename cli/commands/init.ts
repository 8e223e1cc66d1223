import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { openCatalogs } from "../catalog.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";
import { installationFolder } from "../installation.ts";
import { withEntry } from "../manifest-edit.ts";
import { aligned } from "../text.ts";

/** Names of the app packages of the installation, sorted. */
const templates = ["dns", "fetch", "hello", "lookup", "shelf", "web"] as const;

export const command: Command = {
  name: "init",
  summary: "make a new application",
  description: [
    "Makes an application in a new or empty folder that builds and runs as it is. It takes its name from the folder.",
  ],
  operands: [{ name: "DIR", doc: "the new application's folder", complete: "folder" }],
  options: [
    {
      name: "template",
      value: "NAME",
      doc: "web (default), dns, shelf (keeps data): servers; fetch: fetches a URL; lookup: a name; hello: prints",
      complete: templates,
    },
  ],
  examples: [
    { line: "unipkg init my-site", doc: "a web server over the files of my-site/public" },
    { line: "unipkg init greeting --template hello", doc: "the smallest application" },
    { line: "unipkg init .", doc: "here, when the folder is empty" },
  ],
  json: true,
  async run(words, context) {
    const { world, report } = context;
    const folder = resolve(context.folder, words.operands[0]!);
    const template = words.one("template") ?? "web";
    const name = nameFor(folder);
    if (!name.ok) return name;
    const catalog = await openCatalogs(context, [], null, {
      manifest: null,
      names: [],
      locked: [],
    });
    if (!catalog.ok) return catalog;
    const namesake = catalog.value.releases(name.value)[0]?.manifest;
    if (namesake !== undefined) {
      return failed({
        code: "UP702",
        message: `"${name.value}" is the name of a package of the catalog: ${namesake.description}`,
        hint: "choose another name for the folder",
      });
    }
    const made = await makeApplication(folder, name.value, template);
    if (!made.ok) return made;
    const shown = relative(world.folder, folder) || ".";
    report.document({ folder, name: name.value, template });
    report.line(`Made ${report.style.bold(name.value)} in ${shown} from the template ${template}.`);
    report.line();
    report.line("Next:");
    const enter = shown === "." ? "" : `cd ${quoted(shown)} && `;
    const next: [string, string][] = [
      [`${enter}unipkg dev`, "runs it in Node, no C compiler needed"],
      ["unipkg run --target xen", "boots it as a kernel in QEMU"],
    ];
    for (const line of aligned(next, report.style.cyan)) report.line(line);
    return ok(exit.ok);
  },
};

/** Copies a template and names it; the folder appears whole or not at all. */
async function makeApplication(
  folder: string,
  name: string,
  template: string,
): Promise<Result<null>> {
  const inTheWay = obstacle(folder);
  if (inTheWay !== null) return failed(inTheWay);
  const source = join(installationFolder(), "recipes/apps", template);
  const temporary = join(dirname(folder), `.${basename(folder)}.${process.pid}`);
  try {
    mkdirSync(dirname(folder), { recursive: true });
    cpSync(source, temporary, { recursive: true, filter: (path) => !isLeftover(path) });
    const manifest = join(temporary, "package.json");
    writeFileSync(manifest, withEntry(readFileSync(manifest, "utf8"), ["name"], name));
    // npm leaves a .gitignore out of what it packs, so that the template cannot bring it.
    writeFileSync(join(temporary, ".gitignore"), "/.unipkg/\n/build/\n");
    moveInto(temporary, folder);
    return ok(null);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${folder} cannot be made: ${(error as Error).message}`,
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What makes `folder` unfit: anything in it but an empty repository. */
function obstacle(folder: string): Problem | null {
  if (!existsSync(folder)) return null;
  let entries: string[];
  try {
    entries = readdirSync(folder).filter((entry) => entry !== ".git");
  } catch {
    return { code: "UP703", message: `${folder} is not a folder`, hint: "choose another name" };
  }
  const first = entries.sort()[0];
  if (first === undefined) return null;
  return {
    code: "UP703",
    message: `${folder} is not empty`,
    details: [`it has \`${first}\`${entries.length > 1 ? ` and ${entries.length - 1} more` : ""}`],
    hint: "choose a new folder; nothing was written",
  };
}

/** What a build leaves in a checkout's recipes. */
function isLeftover(path: string): boolean {
  return ["node_modules", ".unipkg", "unipkg.lock"].includes(basename(path));
}

/** An existing empty folder is filled, not replaced: somebody may stand in it. */
function moveInto(temporary: string, folder: string): void {
  if (!existsSync(folder)) {
    renameSync(temporary, folder);
    return;
  }
  for (const entry of readdirSync(temporary)) {
    renameSync(join(temporary, entry), join(folder, entry));
  }
}

function nameFor(folder: string): Result<string> {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  if (name !== "") return ok(name);
  return failed({
    code: "UP702",
    message: `"${basename(folder)}" gives no package name`,
    hint: "use a folder name with letters or digits",
  });
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
