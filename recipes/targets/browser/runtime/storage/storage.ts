import { IN_USE, UNREACHABLE } from "../../../../../linker/node-host/abi.ts";
import type { Backing } from "../../../../../linker/node-host/disk.ts";
import { IndexedDbDisk } from "./indexeddb.ts";
import { OpfsDisk } from "./opfs.ts";

/** Bytes of a disk. They take room as they are written. */
const diskBytes = 64 << 20;

/** How long a page that is being left may still hold the disk, in milliseconds. */
const handover = 1500;

export interface OpenedStorage {
  /** The disk, or why there is none: an error of docs/abi.md. */
  readonly backing: Backing | number;
  /** For people. */
  readonly description: string;
}

/**
 * Opens the disk of an application, which it keeps over reloads. One page holds it at a time, by a Web Lock that ends with this worker:
 * two that write to one disk would spoil it.
 *
 * @param name unlike that of every other application of the origin
 */
export async function openStorage(
  name: string,
  kind: "best" | "indexeddb",
): Promise<OpenedStorage> {
  if (!("locks" in navigator)) {
    return {
      backing: UNREACHABLE,
      description: "no disk: the browser gives one to pages of this machine or over HTTPS only",
    };
  }
  if (!(await hold(`unipkg disk ${name}`))) {
    return { backing: IN_USE, description: "no disk: another tab of this page has it" };
  }
  try {
    if (kind === "best" && OpfsDisk.isThere) {
      const backing = await OpfsDisk.open(name, diskBytes);
      return { backing, description: "a disk of 64 MiB, kept in this browser (OPFS)" };
    }
  } catch {
    // A private window of some browsers has a database all the same.
  }
  try {
    const backing = await IndexedDbDisk.open(name, diskBytes);
    return { backing, description: "a disk of 64 MiB, kept in this browser (IndexedDB)" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { backing: UNREACHABLE, description: `no disk: ${why}` };
  }
}

/** Takes a lock for as long as this worker lives; false when another has it and keeps it. */
function hold(lock: string): Promise<boolean> {
  return new Promise((resolve) => {
    const forEver = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    const signal = AbortSignal.timeout(handover);
    navigator.locks.request(lock, { signal }, forEver).catch(() => resolve(false));
  });
}
