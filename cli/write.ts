import { renameSync, rmSync, writeFileSync } from "node:fs";
import { failed, ok, type Result } from "../model/problem.ts";

/** Writes a file so that nobody ever sees a part of it. */
export function writeWhole(path: string, text: string): Result<null> {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    return ok(null);
  } catch (error) {
    rmSync(temporary, { force: true });
    return failed({
      code: "UP705",
      message: `${path} cannot be written: ${(error as Error).message}`,
    });
  }
}
