// Every command in README.md and docs/ is run: the lines that begin with `$ ` in ```console blocks, in
// order, one folder and one shell for each document. `# status N` after a command tells what it must end with.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, projectRoot, testFolder } from "../support/unipkg.ts";

const documents = [
  "README.md",
  ...readdirSync(join(projectRoot, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** A block whose info is `json FILE` or `ts FILE` makes that file first. */
interface Step {
  readonly line: number;
  readonly script: string;
}

function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  let info: string | null = null;
  let body: string[] = [];
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^\s*```(.*)$/.exec(text);
    if (fence === null) {
      if (info === null) continue;
      body.push(text);
      if (info !== "console" || !text.startsWith("$ ")) continue;
      const [, command = "", status] = /^\$ (.*?)(?:\s+# status (\d+))?$/.exec(text) ?? [];
      steps.push({ line: index + 1, script: expecting(command, Number(status ?? 0), index + 1) });
    } else if (info === null) {
      info = fence[1]?.trim() ?? "";
      body = [];
    } else {
      const [, file] = /^(?:json|ts) (\S+)$/.exec(info) ?? [];
      if (file !== undefined) {
        const content = Buffer.from(`${body.join("\n")}\n`).toString("base64");
        const script = `mkdir -p "$(dirname ${file})" && echo ${content} | base64 -d > ${file}`;
        steps.push({ line: index + 1, script });
      }
      info = null;
    }
  }
  return steps;
}

function expecting(command: string, status: number, line: number): string {
  if (command.endsWith("&")) return command;
  return `echo "+ ${line}"; set +e; ${command}\ncode=$?; set -e; [ $code = ${status} ] || { echo "line ${line}: status $code"; exit 99; }`;
}

test.each(documents)("%s", { timeout: 300_000 }, (document) => {
  const steps = stepsOf(readFileSync(join(projectRoot, document), "utf8"));
  if (steps.length === 0) return;
  const folder = testFolder();
  mkdirSync(join(folder, ".bin"));
  writeFileSync(
    join(folder, ".bin/unipkg"),
    `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const script = [
    "set -e",
    "trap 'set +e; kill $(jobs -p) 2>/dev/null; wait' EXIT",
    ...steps.map((step) => step.script),
  ].join("\n");
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    // Settings of registries are the document's own, and the switch is.
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: join(folder, ".run"),
      XDG_CONFIG_HOME: join(folder, ".config"),
      XDG_CACHE_HOME: join(folder, ".cache"),
      XDG_STATE_HOME: join(folder, ".state"),
      PATH: `${join(folder, ".bin")}:${process.env["PATH"]}`,
    },
  });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
});
