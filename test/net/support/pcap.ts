import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Capture } from "../../../linker/simulator/capture.ts";

/** Writes a capture where a person finds it, and says where that is. */
export function writePcap(name: string, capture: Capture): string {
  const folder = join(tmpdir(), "unipkg-test-net");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.pcapng`);
  writeFileSync(file, capture.encode());
  return file;
}
