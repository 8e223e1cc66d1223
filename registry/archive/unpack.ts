import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";
import { listFiles } from "../package-folder.ts";
import { type ScannedArchive, scanArchive } from "./scan.ts";

/**
 * Unpacks an archive so that its folder is there whole or not at all: into a temporary folder beside it first,
 * by `tar` in its strict mode, after the scan has found nothing against it; then renamed. A folder that is there
 * already is left as it is: whoever calls names it by what is in it.
 */
export async function unpackTo(
  archive: Uint8Array,
  folder: string,
  called: string,
): Promise<Result<ScannedArchive>> {
  const scanned = scanArchive(archive, called);
  if (!scanned.ok) return scanned;
  const { extract } = await import("tar");
  const unfinished = `${folder}.${randomUUID()}.part`;
  try {
    mkdirSync(unfinished, { recursive: true });
    await new Promise<void>((resolve, reject) => {
      const unpacking = extract({
        cwd: unfinished,
        strip: 1,
        strict: true,
        noMtime: true,
        preserveOwner: false,
        preservePaths: false,
        fmode: 0o644,
        dmode: 0o755,
        umask: 0o022,
      });
      unpacking.on("error", reject).on("close", resolve);
      unpacking.end(scanned.value.tar);
    });
    const written = listFiles(unfinished, new Set());
    if (!written.ok) return written;
    const expected = scanned.value.files.map(({ path }) => path);
    // The two readers of the archive must agree, or one of them was misled.
    if (JSON.stringify(written.value) !== JSON.stringify(expected)) {
      return failed({
        code: "UP801",
        message: `the archive of ${called} is refused: it unpacks to other files than it lists`,
      });
    }
    mkdirSync(dirname(folder), { recursive: true });
    place(unfinished, folder);
    return ok(scanned.value);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return failed(
      code.startsWith("TAR_")
        ? { code: "UP801", message: `the archive of ${called} is refused: ${message}` }
        : { code: "UP705", message: `${called} cannot be unpacked to ${folder}: ${message}` },
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function place(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another process was faster; what it put there is the same.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
