import { failed, ok, type Result } from "../model/problem.ts";
import { writeAtomically } from "../registry/atomic-file.ts";

/** Writes a file so that nobody ever sees a part of it; tells why it cannot. */
export function writeWhole(path: string, content: string | Uint8Array): Result<null> {
  try {
    writeAtomically(path, content);
    return ok(null);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${path} cannot be written: ${(error as Error).message}`,
    });
  }
}
