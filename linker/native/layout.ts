/**
 * Where things are in a sealed image, by a seed: the order of the program's functions, and how far from the usual place all of it is
 * loaded. Equal seeds, equal layouts.
 */
import { createHash } from "node:crypto";

export interface Layout {
  /** Input sections of functions in their order, for the linker script. */
  readonly script: string;
  /** Bytes by which the image is moved up: whole pages, less than 1 MiB. */
  readonly shift: number;
}

const page = 4096;
const pages = 256;
const gapStep = 16;
const gapSteps = 16384;

/** Bytes between the files of an image and the program's data: less than 256 KiB, so that objects are at no usual place either. */
export function memoryGap(seed: string): number {
  return (digest(seed, "memory").readUInt32LE(0) % gapSteps) * gapStep;
}

function digest(seed: string, text: string): Buffer {
  return createHash("sha256").update(`${seed}\0${text}`).digest();
}

/** @param names of the program's functions in C */
export function randomLayout(seed: string, names: readonly string[]): Layout {
  const order = names
    .map((name) => ({ name, key: digest(seed, name) }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  // What is often run stays together. The compiler gives parts of a function a name with a suffix.
  const section = (kind: string) =>
    order.map(({ name }) => `*(${kind}.${name} ${kind}.${name}.*)\n`).join("");
  return {
    script: `${section(".text")}${section(".text.unlikely")}`,
    shift: (digest(seed, "").readUInt32LE(0) % pages) * page,
  };
}
