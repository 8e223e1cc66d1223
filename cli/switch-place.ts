import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { writeAtomically } from "../registry/atomic-file.ts";

/** Where this user's switch is found by images, and by a page that `unipkg run` serves. */
export interface SwitchPlace {
  /** Only this user can look into it; it goes with the session, or at the latest when the machine starts again. */
  readonly folder: string;
  /** The Unix socket for streams of frames. */
  readonly socket: string;
  readonly token: string;
}

/** What is written beside the socket while a switch runs. */
export interface Announcement {
  readonly socket: string;
  /** Address for browsers, with the token; null when it is not open to them. */
  readonly link: string | null;
}

/** The places; nothing is made. */
export function switchPlace(
  environment: Readonly<Record<string, string | undefined>>,
): SwitchPlace {
  const runtime = environment["XDG_RUNTIME_DIR"];
  const user = process.getuid?.() ?? 0;
  const folder = runtime ? join(runtime, "unipkg") : join(tmpdir(), `unipkg-${user}`);
  return {
    folder,
    socket: join(folder, "switch.sock"),
    token: join(folder, "switch.token"),
  };
}

/** Makes the folder, or finds that it is ours alone: in a folder of all users anybody could have made it before us. */
export function openPlace({ folder }: SwitchPlace): Result<void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    const isFolder = (mode & 0o170000) === 0o040000;
    if (isFolder && (mode & 0o077) === 0 && uid === process.getuid?.()) return ok(undefined);
    return failed(notOurs(folder, "others may write to it, or read in it"));
  } catch (error) {
    return failed(notOurs(folder, (error as Error).message));
  }
}

function notOurs(folder: string, reason: string): Problem {
  return {
    code: "UP541",
    message: `the switch cannot keep its socket in ${folder}: ${reason}`,
    hint: "the folder must be this user's alone; the variable XDG_RUNTIME_DIR says where it is",
  };
}

/** What browsers must know: the same at every start, so that pages find back to a switch that was started again. */
export function tokenOf({ token }: SwitchPlace, anew: boolean): string {
  if (!anew) {
    try {
      const known = readFileSync(token, "utf8").trim();
      if (/^[\w-]{22}$/.test(known)) return known;
    } catch {
      // There is none yet.
    }
  }
  const made = randomBytes(16).toString("base64url");
  writeAtomically(token, `${made}\n`);
  return made;
}

/** Writes beside the socket what the switch says of itself. */
export function announce(content: Announcement): void {
  // It has the token in it, and the socket may be in a folder of others.
  const mask = process.umask(0o077);
  try {
    writeAtomically(announcementOf(content.socket), `${JSON.stringify(content)}\n`);
  } finally {
    process.umask(mask);
  }
}

export function withdraw(socket: string): void {
  rmSync(announcementOf(socket), { force: true });
}

/** What the switch at a socket says of itself; null when none is running there. */
export function findSwitch(socket: string): Announcement | null {
  try {
    return JSON.parse(readFileSync(announcementOf(socket), "utf8"));
  } catch {
    return null;
  }
}

function announcementOf(socket: string): string {
  return `${socket}.json`;
}
