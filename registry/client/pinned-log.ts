import { failed, ok, type Result } from "../../model/problem.ts";
import { formatVerifier, parseVerifier } from "../transparency/note.ts";
import { type LogOptions, LogReader, logIsGone, otherKey, verifierIn } from "./log-reader.ts";
import { storeFailed } from "./trust-store.ts";

export interface PinnedLogOptions extends Omit<LogOptions, "verifier"> {
  /** The key that a policy names; null when none does. */
  readonly named: string | null;
  /** Gets a sentence for the user: that a log is trusted from now on. */
  readonly notice: (text: string) => void;
}

/**
 * Opens the log of a registry under the key that a policy names, that this machine knows, or, the first time, that the
 * registry says. Null when it has no log and never had one.
 */
export async function openPinnedLog(options: PinnedLogOptions): Promise<Result<LogReader | null>> {
  const { registry, store, named, get, notice } = options;
  try {
    let pinned = store.pinned(registry);
    if (named !== null && pinned?.log != null && pinned.log !== named) {
      return failed(otherKey(registry, `the key ${pinned.log}`));
    }
    let text = named ?? pinned?.log ?? null;
    if (text === null) {
      const got = await get("-/unipkg/config.json", "its configuration");
      if (!got.ok) return got;
      const verifier = verifierIn(got.value);
      if (verifier === null) return ok(null);
      text = formatVerifier(verifier);
      if (pinned === null) pinned = store.pin({ format: 1, registry, log: text, keys: [] });
      else store.repin({ ...pinned, log: text });
      // Another process may have been faster, and have been told another key.
      if (pinned.log !== null && pinned.log !== text) {
        return failed(otherKey(registry, `the key ${pinned.log}`));
      }
      notice(
        `${registry} is new to this machine: its log is trusted from now on by the key ${text}`,
      );
    }
    const verifier = parseVerifier(text);
    if (verifier === null) return failed(logIsGone(registry));
    return await LogReader.open({ ...options, verifier });
  } catch (error) {
    return failed(storeFailed(error as Error));
  }
}
