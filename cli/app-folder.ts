import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";

/**
 * The folder of the application that a command works for: the nearest one upwards with a package.json
 * that has a `unipkg` block. One without (a tool's, a workspace's) is passed by.
 */
export function findAppFolder(from: string): Result<string> {
  let passed: string | null = null;
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    const text = readIfThere(file);
    if (text !== null) {
      if (hasBlock(text)) return ok(folder);
      passed ??= file;
    }
    if (folder === dirname(folder)) break;
  }
  return failed({
    code: "UP704",
    message: `${from} is not in the folder of an application`,
    details:
      passed === null
        ? ["no package.json here or in a folder above"]
        : [`${passed} has no \`unipkg\` block`],
    hint: "make one with `unipkg init my-app`, or name its folder with `-C DIR`",
  });
}

/** Whether the block is right is for the manifest's reader to say; a broken file may well have one. */
function hasBlock(text: string): boolean {
  try {
    const manifest: unknown = JSON.parse(text);
    return typeof manifest === "object" && manifest !== null && "unipkg" in manifest;
  } catch {
    return /"unipkg"\s*:/.test(text);
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
