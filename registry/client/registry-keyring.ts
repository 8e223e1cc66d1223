import { failed, ok, type Result } from "../../model/problem.ts";
import { type RegistryKey, readKeys } from "../trust/registry-key.ts";
import { leafOfEntry } from "./log-entry.ts";
import { type GetPath, type Leaf, type LogReader, logPath } from "./log-reader.ts";
import type { NetworkMode } from "./remote-documents.ts";
import { storeFailed, type TrustStore } from "./trust-store.ts";

/** What a keyring is read with. */
export interface KeyringOptions {
  /** Address of the registry. */
  readonly registry: string;
  readonly get: GetPath;
  readonly mode: NetworkMode;
  readonly store: TrustStore;
  /** Gets a sentence for the user: that keys are trusted from now on. */
  readonly notice: (text: string) => void;
  /** The registry's log; null when it has none. */
  readonly openLog: () => Promise<Result<LogReader | null>>;
}

/**
 * The keys that a registry signs versions with, as this machine knows them. The first are believed; later ones when the
 * registry's log has them, where everybody sees them, and never when there is no log to vouch for them.
 */
export class RegistryKeyring {
  readonly #options: KeyringOptions;
  #fetched: Promise<Result<readonly RegistryKey[]>> | null = null;

  constructor(options: KeyringOptions) {
    this.#options = options;
  }

  /** The keys, among them those of some IDs if there are such. */
  async keys(keyids: readonly string[]): Promise<Result<readonly RegistryKey[]>> {
    const { store, registry, mode } = this.#options;
    let known: readonly RegistryKey[];
    try {
      known = store.pinned(registry)?.keys ?? [];
    } catch (error) {
      return failed(storeFailed(error as Error));
    }
    const hasAll = keyids.every((id) => known.some(({ keyid }) => keyid === id));
    if (mode === "offline" || (mode === "prefer-offline" && hasAll)) return ok(known);
    this.#fetched ??= this.#fetch();
    return this.#fetched;
  }

  async #fetch(): Promise<Result<readonly RegistryKey[]>> {
    const { registry, get, store, notice, openLog } = this.#options;
    const got = await get("-/npm/v1/keys", "its keys");
    if (!got.ok) return got;
    const log = await openLog();
    if (!log.ok) return log;
    let listed: readonly RegistryKey[];
    try {
      listed = got.value === null ? [] : readKeys(got.value.toString("utf8"));
    } catch (error) {
      const message = `the keys of ${registry} make no sense: ${(error as Error).message}`;
      return failed({ code: "UP806", message });
    }
    try {
      const pinned = store.pinned(registry);
      const known = pinned?.keys ?? [];
      const fresh = listed.filter(({ keyid }) => !known.some((each) => each.keyid === keyid));
      if (log.value !== null) {
        const vouched = await this.#vouchedBy(log.value, fresh);
        if (!vouched.ok) return vouched;
      } else if (known.length > 0 && fresh.length > 0) {
        return failed({
          code: "UP825",
          message: `${registry} signs with keys that this machine does not know, and nothing vouches for them`,
          details: fresh.map(({ keyid }) => keyid),
          hint: `if its operator says that they are right, run \`unipkg registry forget ${registry}\``,
        });
      } else if (fresh.length > 0) {
        const names = fresh.map(({ keyid }) => keyid).join(", ");
        notice(
          `${registry} is new to this machine: what it signs is trusted from now on by ${names}`,
        );
      }
      const keys = [...known.map((key) => endedBy(key, listed)), ...fresh];
      if (JSON.stringify(keys) !== JSON.stringify(known)) {
        if (pinned === null) store.pin({ format: 1, registry, log: null, keys });
        else store.repin({ ...pinned, keys });
      }
      return ok(keys);
    } catch (error) {
      return failed(storeFailed(error as Error));
    }
  }

  /** Whether new keys are in the log. */
  async #vouchedBy(log: LogReader, keys: readonly RegistryKey[]): Promise<Result<null>> {
    const { registry, get } = this.#options;
    const leaves: Leaf[] = [];
    for (const { keyid, key } of keys) {
      const called = `the key ${keyid}`;
      const got = await get(`${logPath}key/${encodeURIComponent(keyid)}`, called);
      if (!got.ok) return got;
      const event = { type: "key-added", keyid, key };
      const leaf = leafOfEntry(got.value, { subject: "keys:versions", event });
      if ("wrong" in leaf) {
        return failed({
          code: "UP824",
          message: `${called} is not in the transparency log of ${registry}: ${leaf.wrong}`,
          hint: "do not trust it, and ask the registry's operator",
        });
      }
      leaves.push({ ...leaf, called });
    }
    return log.verify(leaves);
  }
}

/** A key with the end that its registry says that it has; an end that is known is never taken back. */
function endedBy(key: RegistryKey, listed: readonly RegistryKey[]): RegistryKey {
  const said = listed.find(({ keyid }) => keyid === key.keyid)?.expires ?? null;
  if (said === null || (key.expires !== null && key.expires <= said)) return key;
  return { ...key, expires: said };
}
