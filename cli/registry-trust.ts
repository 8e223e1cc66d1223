import { resolve } from "node:path";
import { failed, ok, type Result } from "../model/problem.ts";
import { registryUrl } from "../registry/client/config.ts";
import { TrustStore } from "../registry/client/trust-store.ts";
import { chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";
import { trustFolder } from "./registries.ts";
import { count } from "./text.ts";

/** `unipkg registry verify`: is the folder of a registry, or a copy of it, whole? */
export async function verifyData(
  words: Arguments,
  { report, folder }: Context,
): Promise<Result<number>> {
  const { verifyFolder } = await import("../registry/server/verify.ts");
  const data = resolve(folder, words.one("data") ?? "registry-data");
  let verified: Awaited<ReturnType<typeof verifyFolder>>;
  try {
    verified = await verifyFolder(data);
  } catch (error) {
    return failed({
      code: "UP705",
      message: `${data} cannot be read as the folder of a registry: ${(error as Error).message}`,
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

/** `unipkg registry key`: the line for a policy that names the key of a registry's log. */
export async function tellKey(words: Arguments, context: Context): Promise<Result<number>> {
  const chosen = await chooseRegistry(words, null, context);
  if (!chosen.ok) return chosen;
  const { url, api } = chosen.value;
  const config = await api.call("GET", "-/unipkg/config.json", "its configuration");
  if (!config.ok) return config;
  const { log } = config.value as { readonly log?: unknown };
  if (typeof log !== "string") {
    return failed({ code: "UP824", message: `${url} has no transparency log` });
  }
  context.report.line(`trust log ${url} ${log}`);
  context.report.document({ registry: url, log });
  return ok(exit.ok);
}

/** `unipkg registry forget URL`: the next time it is trusted as on the first day. */
export function forget(names: readonly string[], context: Context): Result<number> {
  const url = registryUrl(names[0] ?? "");
  if (url === null) {
    return failed({
      code: "UP702",
      message: "`unipkg registry forget` needs the address of a registry",
      hint: "`unipkg registry forget https://registry.acme.example/`",
    });
  }
  const known = new TrustStore(trustFolder(context)).forget(url);
  context.report.line(
    known
      ? `${url} is forgotten: it will be trusted anew, by the keys that it has then`
      : `nothing was known of ${url}`,
  );
  context.report.document({ registry: url, known });
  return ok(exit.ok);
}
