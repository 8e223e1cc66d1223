import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Option } from "./command.ts";

/** For the commands that run images. */
export const diskOption: Option = {
  name: "disk",
  value: "FILE",
  doc: "file or block device that is disk 0 of the image (repeated: disk 1, …)",
};

/** How many disks an image can have. */
const limit = 10;

/** Absolute paths of the disks that `--disk` names, all of which are there. */
export async function readDisks(
  words: readonly string[],
  folder: string,
  plan: Plan,
): Promise<Result<readonly string[]>> {
  if (words.length === 0) return ok([]);
  if (!plan.packages.some(({ name }) => name === "block")) {
    return failed({
      code: "UP702",
      message: `\`--disk\` is of no use: no package of the image for ${plan.target} uses a disk`,
      hint: `an image has disks when the interface \`block\` is in its plan; \`unipkg tree --target ${plan.target}\` shows it`,
    });
  }
  if (words.length > limit) {
    return failed({
      code: "UP702",
      message: `\`--disk\` is there ${words.length} times; an image can have ${limit} disks`,
    });
  }
  const paths = words.map((word) => resolve(folder, word));
  const problems = (await Promise.all(paths.map(problemOf))).filter((each) => each !== null);
  return problems.length > 0 ? failed(...problems) : ok(paths);
}

async function problemOf(path: string): Promise<Problem | null> {
  try {
    const status = await stat(path);
    if (status.isFile() || status.isBlockDevice()) return null;
    return { code: "UP615", message: `${path} is neither a file nor a block device` };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return {
      code: "UP615",
      message: isMissing
        ? `there is no disk ${path}`
        : `the disk ${path} cannot be looked at: ${(error as Error).message}`,
      ...(isMissing ? { hint: `\`truncate -s 64M ${path}\` makes an empty one of 64 MiB` } : {}),
    };
  }
}
