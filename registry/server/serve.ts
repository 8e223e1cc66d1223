import { join } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";
import { openCatalog } from "../catalog.ts";
import { Attempts } from "./attempts.ts";
import { Extractor } from "./extractor.ts";
import { createToken } from "./handlers/tokens.ts";
import { announceKey, signUnsigned } from "./handlers/trust.ts";
import { type HttpOptions, HttpServer } from "./http-server.ts";
import { openStorage, type StorageOptions } from "./open-storage.ts";
import type { Policy, Registry } from "./registry.ts";
import { SigningKeys } from "./signing-keys.ts";
import type { Storage } from "./storage.ts";
import { UpstreamSettings } from "./upstream/settings.ts";
import { Upstreams } from "./upstream/upstreams.ts";
import { Views } from "./views.ts";

/** `data` has the keys, wherever all else is. */
export interface ServeOptions extends HttpOptions, StorageOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly policy: Policy;
  /** Folder of unipkg's own package, with its `dist`. */
  readonly installation: string;
  /** unipkg's version. */
  readonly version: string;
}

export interface RunningRegistry {
  readonly port: number;
  /** The first administrator's token, when the registry is new. */
  readonly firstToken: string | null;
  /** Ends it: no more requests, those under way are finished, the log is closed. */
  stop(): Promise<void>;
}

/** Starts a registry. UP815 when its data cannot be used, or its address. */
export async function serve(options: ServeOptions): Promise<Result<RunningRegistry>> {
  const { installation, version } = options;
  const bundled = await openCatalog({
    bundled: join(installation, "dist/catalog.json"),
    folders: [],
    cache: null,
  });
  if (!bundled.ok) return bundled;
  let storage: Storage;
  try {
    storage = await openStorage(options);
  } catch (error) {
    return cannotStart(error as Error);
  }
  let keys: SigningKeys;
  try {
    keys = SigningKeys.open(options.data, storage.tree);
    if (storage.state.keys.size > 0 && !keys.isOf(storage.state.keys)) {
      throw new Error(
        `the log is signed by other keys than those of ${join(options.data, "keys.json")}: every instance needs the file of the first`,
      );
    }
  } catch (error) {
    await storage.close();
    return cannotStart(error as Error);
  }
  const extractor = new Extractor(
    join(installation, "dist/registry/server/extraction-process.js"),
    installation,
  );
  const views = new Views(storage);
  const registry: Registry = {
    ...{ storage, keys, extractor, version, bundled: bundled.value, policy: options.policy },
    views,
    attempts: new Attempts(),
    now: () => new Date(),
    upstreams: new Upstreams({
      ...{ storage, views, extractor, bundled: bundled.value, now: () => new Date() },
      keys: () => registry.keys,
      settings: new UpstreamSettings(join(options.data, "upstreams.conf"), options.environment),
      environment: options.environment,
      warn: (message) => options.log?.(JSON.stringify({ level: "warning", message })),
    }),
  };
  const firstToken = await firstAdministrator(registry);
  await announceKey(registry, "admin");
  await signUnsigned(registry);
  const server = new HttpServer(registry, options);
  let port: number;
  try {
    port = await server.listen(options.host, options.port);
  } catch (error) {
    await storage.close();
    return cannotStart(error as Error);
  }
  return ok({
    ...{ port, firstToken },
    stop: async () => {
      await server.stop();
      await registry.upstreams.close();
      extractor.close();
      await storage.close();
    },
  });
}

/** A registry without accounts gets one, `admin`, and a token for it that is told once. */
async function firstAdministrator(registry: Registry): Promise<string | null> {
  if (registry.storage.state.accounts.size > 0) return null;
  const event = {
    type: "account-created",
    password: null,
    email: "",
    administrator: true,
  } as const;
  const draft = { actor: "admin", subject: "account:admin", event };
  // Another instance may start at the same time.
  if ((await registry.storage.append([draft], 0)) === null) return null;
  const terms = {
    name: "first token",
    rights: "admin",
    scopes: null,
    networks: [],
    expires: null,
  } as const;
  return (await createToken("admin", terms, "admin", registry))?.text ?? null;
}

function cannotStart(error: Error): Result<never> {
  return failed({ code: "UP815", message: `the registry cannot start: ${error.message}` });
}
