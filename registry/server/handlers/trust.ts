import { isPackageName } from "../../protocol/package-name.ts";
import { parseTilePath } from "../../transparency/tile.ts";
import { readProvenance } from "../../trust/provenance.ts";
import { keyScheme } from "../../trust/registry-key.ts";
import { type ApiRequest, type ApiResponse, hidden, isAnswer, json, refuse } from "../exchange.ts";
import type { Registry } from "../registry.ts";
import { type Draft, keysSubject } from "../state.ts";
import { mayAdminister } from "./accounts.ts";
import { readable } from "./packages.ts";

/** `GET /-/unipkg/log/checkpoint`: the log's head, signed (c2sp.org/tlog-checkpoint). */
export function getCheckpoint(
  { visitor }: ApiRequest,
  { storage, keys, policy, now }: Registry,
): ApiResponse {
  if (visitor.account === null && !policy.anonymous) return hidden(visitor);
  const body = keys.checkpoint(storage.tree, now().getTime());
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return { status: 200, headers, body };
}

/** `GET /-/unipkg/log/tile/LEVEL/INDEX[.p/WIDTH]`: hashes of the log (c2sp.org/tlog-tiles); they tell no names. */
export function getTile(
  words: readonly string[],
  { visitor }: ApiRequest,
  { storage, policy }: Registry,
): ApiResponse {
  if (visitor.account === null && !policy.anonymous) return hidden(visitor);
  const tile = parseTilePath(words.join("/"));
  const body = tile === null ? null : storage.tree.tile(tile.level, tile.index, tile.width);
  if (body === null) return refuse(404, "the log has no such tile");
  const headers = {
    "content-type": "application/octet-stream",
    "cache-control": "private, max-age=31536000, immutable",
  };
  return { status: 200, headers, body };
}

/** `GET /-/unipkg/log/published/NAME/VERSION`: the leaf of the log that published a version. */
export async function getPublished(
  name: string,
  version: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const found = readable(name, request, registry);
  if (isAnswer(found)) return found;
  const known = found.versions.get(version);
  if (known === undefined || known.unpublished) return refuse(404, "no such version");
  return leaf(known.seq, registry);
}

/** `GET /-/unipkg/log/key/KEYID`: the leaf that added a key, its ID percent-encoded. */
export function getKeyLeaf(
  keyid: string,
  { visitor }: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> | ApiResponse {
  if (visitor.account === null && !registry.policy.anonymous) return hidden(visitor);
  const known = registry.storage.state.keys.get(keyid);
  return known === undefined ? refuse(404, "no such key") : leaf(known.seq, registry);
}

async function leaf(seq: number, { storage }: Registry): Promise<ApiResponse> {
  const body = await storage.line(seq);
  if (body === null) return refuse(500, "the entry is lost");
  const headers = {
    "content-type": "application/json",
    "cache-control": "private, max-age=31536000, immutable",
  };
  return { status: 200, headers, body };
}

/** `GET /-/npm/v1/attestations/NAME@VERSION`: its provenance, in npm's form. */
export async function getAttestations(
  id: string,
  request: ApiRequest,
  registry: Registry,
): Promise<ApiResponse> {
  const at = id.lastIndexOf("@");
  const name = id.slice(0, Math.max(0, at));
  if (!isPackageName(name)) return hidden(request.visitor);
  const found = readable(name, request, registry);
  if (isAnswer(found)) return found;
  const known = found.versions.get(id.slice(at + 1));
  if (known === undefined || known.unpublished || known.provenance === null) {
    return refuse(404, "no attestations");
  }
  const bytes = await registry.storage.getBlob(known.provenance);
  if (bytes === null) return refuse(500, "the provenance is lost");
  const text = bytes.toString("utf8");
  const { predicateType } = readProvenance(text);
  return json(200, { attestations: [{ predicateType, bundle: JSON.parse(text) as unknown }] });
}

/** `GET /-/npm/v1/keys`: what versions are signed with, in npm's form. Public keys are for everybody. */
export function getKeys(_: ApiRequest, { storage }: Registry): ApiResponse {
  const keys = [...storage.state.keys.values()].map(({ keyid, key, expires }) => ({
    ...{ expires, keyid, keytype: keyScheme, scheme: keyScheme, key },
  }));
  return json(200, { keys });
}

/** `POST /-/unipkg/keys/rotate`: a new key for versions; the one until now expires, what it signed stays signed. */
export async function rotateKeys(request: ApiRequest, registry: Registry): Promise<ApiResponse> {
  const { visitor } = request;
  if (!mayAdminister(request)) return refuse(403, "only administrators rotate keys");
  const before = registry.keys.versionKey.keyid;
  registry.keys = registry.keys.rotated();
  const added = await announceKey(registry, visitor.account!, before);
  return added
    ? json(200, { ok: true, keyid: registry.keys.versionKey.keyid })
    : refuse(409, "try again");
}

/** The answer to what would be signed by a key that another instance has replaced; null when the key holds. */
export function refuseOutdatedKeys({ storage, keys }: Registry): ApiResponse | null {
  const known = storage.state.keys.get(keys.versionKey.keyid);
  if (known === undefined || known.expires === null) return null;
  return refuse(503, "the keys were rotated by another instance: this one needs the new keys.json");
}

/** Writes the key that versions are signed with into the log, if it is not there yet. */
export async function announceKey(
  { storage, keys }: Registry,
  actor: string,
  before?: string,
): Promise<boolean> {
  const { keyid, key } = keys.versionKey;
  if (storage.state.keys.has(keyid)) return true;
  const subject = keysSubject;
  const drafts: Draft[] = [{ actor, subject, event: { type: "key-added", keyid, key } }];
  if (before !== undefined) {
    drafts.push({ actor, subject, event: { type: "key-expired", keyid: before } });
  }
  return (await storage.append(drafts, storage.state.lastOf(subject))) !== null;
}

/** Signs every version that has no signature: those of a registry that had no keys when they were published. */
export async function signUnsigned({ storage, keys }: Registry): Promise<void> {
  for (const { name, versions, last } of storage.state.packages.values()) {
    const unsigned = [...versions.values()].filter(
      (each) => each.signatures.length === 0 && !each.unpublished,
    );
    if (unsigned.length === 0) continue;
    const drafts = unsigned.map(
      ({ version, archive }): Draft => ({
        actor: "admin",
        subject: `package:${name}`,
        event: { type: "signed", version, signature: keys.signVersion(name, version, archive) },
      }),
    );
    await storage.append(drafts, last);
  }
}
