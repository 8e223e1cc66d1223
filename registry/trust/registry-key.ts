import {
  createHash,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";

/** A registry's signature of a version, as npm has it in `dist.signatures`. */
export interface RegistrySignature {
  /** Which key: `SHA256:…` over it. */
  readonly keyid: string;
  /** ECDSA over `NAME@VERSION:INTEGRITY` with SHA-256: DER, in Base64. */
  readonly sig: string;
}

/** A key that a registry signs versions with, as npm's `/-/npm/v1/keys` has it. */
export interface RegistryKey {
  readonly keyid: string;
  /** The public key: SPKI, DER, in Base64. */
  readonly key: string;
  /** ISO 8601: signatures of versions that were published later are not valid. Null for none. */
  readonly expires: string | null;
}

/** What npm calls our kind of key: ECDSA on the curve P-256. */
export const keyScheme = "ecdsa-sha2-nistp256";

/** The public half of a key. */
export function registryKeyOf(privateKey: KeyObject): Omit<RegistryKey, "expires"> {
  const known = halves.get(privateKey);
  if (known !== undefined) return known;
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const keyid = `SHA256:${createHash("sha256").update(der).digest("base64").replace(/=+$/, "")}`;
  const made = { keyid, key: der.toString("base64") };
  halves.set(privateKey, made);
  return made;
}

/** Public halves that were worked out, for as long as their keys are kept. */
const halves = new WeakMap<KeyObject, Omit<RegistryKey, "expires">>();

/** @param archive `sha512-…` over the archive */
export function signVersion(
  name: string,
  version: string,
  archive: string,
  privateKey: KeyObject,
): RegistrySignature {
  const message = Buffer.from(messageOf(name, version, archive));
  const sig = signBytes("sha256", message, privateKey).toString("base64");
  return { keyid: registryKeyOf(privateKey).keyid, sig };
}

/** What is wrong with a signature, in words that go on from the version's name; null when nothing is. */
export function faultOfSignature(
  version: {
    readonly name: string;
    readonly version: string;
    readonly archive: string;
    readonly published: string;
  },
  { sig }: RegistrySignature,
  registryKey: RegistryKey,
): string | null {
  const { expires, keyid } = registryKey;
  // A time that is none must not pass for an early one.
  if (expires !== null && !(Date.parse(version.published) < Date.parse(expires))) {
    return `is signed by ${keyid}, which expired on ${expires}, before it was published`;
  }
  const message = Buffer.from(messageOf(version.name, version.version, version.archive));
  try {
    const spki = publicKeyOf(registryKey);
    if (spki.asymmetricKeyType !== "ec") return `has a signature of ${keyid}, which is no EC key`;
    return verifyBytes("sha256", message, spki, Buffer.from(sig, "base64"))
      ? null
      : `has a wrong signature of ${keyid}`;
  } catch {
    return `has a signature of ${keyid} that cannot be read`;
  }
}

/** Keys that were read, for as long as their registry's are kept. */
const publicKeys = new WeakMap<RegistryKey, KeyObject>();

/** Throws when it is no key. */
function publicKeyOf(registryKey: RegistryKey): KeyObject {
  const known = publicKeys.get(registryKey);
  if (known !== undefined) return known;
  const bytes = Buffer.from(registryKey.key, "base64");
  const read = createPublicKey({ key: bytes, format: "der", type: "spki" });
  publicKeys.set(registryKey, read);
  return read;
}

/** Reads `signatures` of a stranger: those that are none are left out. */
export function readSignatures(value: unknown): readonly RegistrySignature[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 16).flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { keyid, sig } = item as Partial<Record<"keyid" | "sig", unknown>>;
    const isSignature =
      typeof keyid === "string" && isKeyId(keyid) && typeof sig === "string" && sig.length < 500;
    return isSignature ? [{ keyid, sig }] : [];
  });
}

/** Reads the answer of `/-/npm/v1/keys`; throws a sentence when it makes no sense. Other kinds of keys are left out. */
export function readKeys(text: string): readonly RegistryKey[] {
  const { keys } = JSON.parse(text) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error("it has no list of keys");
  return keys.slice(0, 100).flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { keyid, key, expires, scheme } = item as Record<string, unknown>;
    if (scheme !== keyScheme || typeof keyid !== "string" || !isKeyId(keyid)) return [];
    if (typeof key !== "string" || !/^[A-Za-z0-9+/]{40,400}={0,2}$/.test(key)) return [];
    const end = typeof expires === "string" ? expires : null;
    return [{ keyid, key, expires: end }];
  });
}

/** npm's own are `SHA256:…`; nothing that could move a terminal's cursor. */
function isKeyId(text: string): boolean {
  return /^[A-Za-z0-9+/=:_.-]{1,100}$/.test(text);
}

function messageOf(name: string, version: string, archive: string): string {
  return `${name}@${version}:${archive}`;
}
