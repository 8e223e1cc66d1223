import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../model/plan.ts";
import type { SolveRequest } from "../model/request.ts";
import type { Application } from "./application.ts";
import { workFolderName } from "./catalog.ts";
import { installedPackage } from "./installation.ts";
import { writeWhole } from "./write.ts";

/**
 * The answer of the last solve, kept beside the application with a digest of all that it was solved from:
 * the solver is deterministic, so that equal questions need not be asked twice. A command on an unchanged
 * application does not even load it.
 */
export interface Remembered {
  /** The plans for this very question; null when another one was asked last. */
  readonly plans: readonly Plan[] | null;
  remember(plans: readonly Plan[]): void;
}

export function remembered(app: Application, request: SolveRequest): Remembered {
  const file = join(app.folder, workFolderName, "plans.json");
  const key = digestOf(app, request);
  return {
    plans: read(file, key),
    remember(plans) {
      // A folder that cannot be written to costs time only.
      writeWhole(file, JSON.stringify({ key, plans }));
    },
  };
}

function read(file: string, key: string): readonly Plan[] | null {
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as { key: string; plans: Plan[] };
    return record.key === key ? record.plans : null;
  } catch {
    return null;
  }
}

function digestOf(app: Application, request: SolveRequest): string {
  const { root, ...words } = request;
  const { catalog } = app;
  // The integrity of a release covers all that the solver may know of it, but for what its registry said later; that
  // of the root is of its files.
  const universe = catalog.names().map((name) =>
    catalog.releases(name).map(({ manifest, integrity }) => {
      const { version, yanked, deprecated } = manifest;
      return [name, version, integrity, yanked, deprecated !== undefined];
    }),
  );
  const question = [installedPackage().version, root, words, universe];
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}
