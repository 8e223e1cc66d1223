import { failed, ok, type Result } from "../model/problem.ts";
import { registryUrl } from "../registry/client/config.ts";
import { TrustStore } from "../registry/client/trust-store.ts";
import { chooseRegistry } from "./chosen-registry.ts";
import type { Arguments, Context } from "./command.ts";
import { exit } from "./exit.ts";
import { trustFolder } from "./registries.ts";

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
