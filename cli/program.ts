import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { failed, ok, type Result } from "../model/problem.ts";
import { findCommandName, parseArguments } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";
import { type CommandName, isCommandName, loadCommand, unknownCommand } from "./commands.ts";
import { exit, exitOf } from "./exit.ts";
import { installedPackage } from "./installation.ts";
import { Report } from "./report.ts";
import type { ColorChoice } from "./style.ts";
import type { World } from "./world.ts";

/**
 * Runs one command line and answers with the exit status. Never throws: a bug is told as one, with its
 * stack when UNIPKG_DEBUG is set.
 *
 * @param words what follows `unipkg`
 */
export async function program(words: readonly string[], world: World): Promise<number> {
  // Problems of the command line itself are told in the form that was asked for, too.
  let report = reportFor(world, null, words);
  let status: number;
  try {
    const parsed = await parse(words);
    if (parsed.ok) report = reportFor(world, parsed.value.words, words);
    const result = parsed.ok
      ? await runParsed(parsed.value.command, parsed.value.words, world, report)
      : parsed;
    if (!result.ok) report.problems(result.problems);
    status = result.ok ? result.value : exitOf(result.problems);
  } catch (error) {
    status = tellBug(error, world, report);
  }
  report.end(status);
  return status;
}

async function parse(
  words: readonly string[],
): Promise<Result<{ readonly command: Command | null; readonly words: Arguments }>> {
  const found = findCommandName(words);
  if (found !== null && !isCommandName(found.name)) return failed(unknownCommand(found.name));
  const command = found === null ? null : await loadCommand(found.name as CommandName);
  const rest = words.filter((_, index) => index !== found?.index);
  const parsed = parseArguments(rest, command);
  return parsed.ok ? ok({ command, words: parsed.value }) : parsed;
}

async function runParsed(
  command: Command | null,
  words: Arguments,
  world: World,
  report: Report,
): Promise<Result<number>> {
  if (words.has("version")) {
    const { version } = installedPackage();
    report.document({ version });
    report.line(version);
    return ok(exit.ok);
  }
  if (command === null || words.has("help")) {
    const { helpOf, helpOverview } = await import("./help.ts");
    const lines =
      command === null ? await helpOverview(report.style) : helpOf(command, report.style);
    report.document({ help: lines });
    for (const line of lines) report.line(line);
    return ok(exit.ok);
  }
  if (report.json && !command.json) {
    return failed({
      code: "UP702",
      message: `\`unipkg ${command.name}\` has no JSON output`,
      hint: "leave `--json` out",
    });
  }
  const folder = resolve(world.folder, words.one("directory") ?? ".");
  if (!isFolder(folder)) {
    return failed({ code: "UP704", message: `${folder}, which \`-C\` names, is not a folder` });
  }
  const catalogs = words.all("catalog").map((path) => resolve(world.folder, path));
  const policies = words.all("policy").map((path) => resolve(world.folder, path));
  // Binaryen is 10 MB of wasm. V8's quick compiler alone halves the time that a build takes in a new process.
  if (command.runsLong !== true) setFlagsFromString("--liftoff-only");
  const cleanUps: (() => Promise<void>)[] = [];
  const isNewWanted = command.asksRegistries === true && !words.has("prefer-offline");
  try {
    return await command.run(words, {
      ...{ world, report, folder, catalogs, policies },
      network: words.has("offline") ? "offline" : isNewWanted ? "online" : "prefer-offline",
      atEnd: (cleanUp) => void cleanUps.push(cleanUp),
    });
  } finally {
    await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function reportFor(world: World, parsed: Arguments | null, words: readonly string[]): Report {
  const color = parsed?.one("color");
  return new Report(world, {
    json: parsed?.has("json") ?? words.includes("--json"),
    color: (color ?? "auto") as ColorChoice,
    quiet: parsed?.has("quiet") ?? false,
  });
}

function tellBug(error: unknown, world: World, report: Report): number {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  report.progressEnds();
  world.stderr.write(`unipkg ${installedPackage().version} has a bug: ${text}\n`);
  if ((world.environment["UNIPKG_DEBUG"] ?? "") !== "") {
    world.stderr.write(`${error instanceof Error ? (error.stack ?? "") : ""}\n`);
    world.stderr.write(`Node ${process.version} on ${process.platform} ${process.arch}\n`);
  } else {
    world.stderr.write(
      "Please report it with the command line that you used and what it prints with UNIPKG_DEBUG=1 set.\n",
    );
  }
  return exit.internal;
}
