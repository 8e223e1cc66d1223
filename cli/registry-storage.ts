import { resolve } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import type { StorageOptions } from "../registry/server/open-storage.ts";
import type { Arguments, Context, Option } from "./command.ts";
import { exit } from "./exit.ts";
import { count } from "./text.ts";

/** Where the registry is kept that a command works on, without a server. */
export const storageOptions: readonly Option[] = [
  {
    name: "data",
    value: "DIR",
    doc: "serve, verify, migrate: folder of the registry (default ./registry-data)",
    complete: "folder",
  },
  {
    name: "database",
    value: "URL",
    doc: "serve, verify, migrate: postgres://… for the log, which several instances may share",
  },
  {
    name: "blobs",
    value: "URL",
    doc: "serve, verify, migrate: s3://BUCKET[/PREFIX][?endpoint=URL&region=REGION] for the blobs",
  },
];

export function storageIn(words: Arguments, { folder }: Context): StorageOptions {
  return {
    data: resolve(folder, words.one("data") ?? "registry-data"),
    database: words.one("database") ?? null,
    blobs: words.one("blobs") ?? null,
    environment: process.env,
  };
}

/** `unipkg registry verify`: is a registry, or a copy of one, whole? */
export async function verifyData(words: Arguments, context: Context): Promise<Result<number>> {
  const { report } = context;
  const { verifyRegistry } = await import("../registry/server/verify.ts");
  const storage = storageIn(words, context);
  const { data } = storage;
  let verified: Awaited<ReturnType<typeof verifyRegistry>>;
  try {
    verified = await verifyRegistry(storage);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${data} cannot be read as a registry: ${(error as Error).message}`,
    });
  }
  const { entries, versions, packages, root, faults } = verified;
  report.document({ data, ...verified });
  if (faults.length > 0) {
    return failed({
      code: "UP828",
      message: `${data} is damaged`,
      details: faults.slice(0, 50),
      hint: "restore a backup that `unipkg registry verify` is content with",
    });
  }
  report.line(
    `${entries} entries and ${count(versions, "version")} of ${count(packages, "package")}: all is whole`,
  );
  report.line(`head of the log: ${root}`);
  return ok(exit.ok);
}

/** `unipkg registry migrate`: from a folder to a database and a bucket, and back. */
export async function migrate(words: Arguments, context: Context): Promise<Result<number>> {
  const storage = storageIn(words, context);
  if (storage.database === null && storage.blobs === null) {
    return failed({
      code: "UP702",
      message: "`unipkg registry migrate` needs `--database`, `--blobs` or both",
      hint: "`unipkg registry migrate --data DIR --database postgres://… --blobs s3://…`",
    });
  }
  const { migrateAway, migrateBack } = await import("../registry/server/migration.ts");
  try {
    const done = await (words.has("back") ? migrateBack : migrateAway)(storage);
    const { entries, blobs, root } = done;
    context.report.line(`${count(blobs, "blob")} copied; the log has ${entries} entries`);
    context.report.line(`head of the log: ${root}`);
    context.report.document({ ...done });
    return ok(exit.ok);
  } catch (error) {
    return failed({ code: "UP815", message: `nothing was migrated: ${(error as Error).message}` });
  }
}
