import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** A text and its signatures, none of them verified (c2sp.org/signed-note). */
export interface Note {
  /** With the line end that it ends with: what signatures are over. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  /** Name of the key. */
  readonly name: string;
  /** The first four bytes of a hash over name, kind and key: which key it is meant to be of. */
  readonly id: Buffer;
  readonly bytes: Buffer;
}

/** Signature of an Ed25519 key over the text itself, or over the text and a time (c2sp.org/tlog-cosignature). */
export type SignatureKind = "plain" | "timed";

const kindBytes: Readonly<Record<SignatureKind, number>> = { plain: 1, timed: 4 };

/** A public Ed25519 key with a name. */
export interface Verifier {
  readonly name: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** `NAME+ID+KEY`, what people tell each other (c2sp.org/signed-note, "Verifier keys"). */
export function formatVerifier(verifier: Verifier): string {
  const typed = Buffer.concat([Buffer.of(kindBytes.plain), verifier.key]);
  return `${verifier.name}+${keyIdOf(verifier, "plain").toString("hex")}+${typed.toString("base64")}`;
}

/** Null when the text is no such key, or its ID is of another one. */
export function parseVerifier(text: string): Verifier | null {
  const [, name, id, encoded] =
    /^([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) return null;
  const typed = Buffer.from(encoded, "base64");
  if (typed.length !== 33 || typed[0] !== kindBytes.plain) return null;
  const verifier = { name, key: typed.subarray(1) };
  return keyIdOf(verifier, "plain").toString("hex") === id ? verifier : null;
}

/** The public half of a key, by the name that it signs as. */
export function verifierOf(name: string, privateKey: KeyObject): Verifier {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return { name, key: der.subarray(-32) };
}

/** A private key from its PEM; it has to be an Ed25519 one. */
export function readPrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519") throw new Error("the key of the log is no Ed25519 key");
  return key;
}

/**
 * A note with a plain and a timed signature of one key. What they are over begins differently, so that neither passes
 * for the other.
 *
 * @param text ends with a line end
 * @param time seconds since 1970
 */
export function signNote(text: string, name: string, key: KeyObject, time: number): string {
  const verifier = verifierOf(name, key);
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const plain = sign(null, Buffer.from(text), key);
  const timed = Buffer.concat([stamp, sign(null, timedMessage(text, time), key)]);
  const line = (kind: SignatureKind, bytes: Buffer) =>
    `— ${name} ${Buffer.concat([keyIdOf(verifier, kind), bytes]).toString("base64")}\n`;
  return `${text}\n${line("plain", plain)}${line("timed", timed)}`;
}

/** Reads a note of a stranger; throws a sentence when it is none. */
export function parseNote(note: string): Note {
  if (note.length > mostNote) throw new Error("the note is too long");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u0009\u000b-\u001f\ufffd]/.test(note)) throw new Error("the note is no plain text");
  const split = note.lastIndexOf("\n\n");
  if (split === -1 || !note.endsWith("\n")) throw new Error("the note has no signatures");
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > 16) throw new Error("the note has too many signatures");
  const signatures = lines.map((line): NoteSignature => {
    const [, name, encoded] = /^— ([^\s+]{1,200}) ([A-Za-z0-9+/]{8,400}={0,2})$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? "", "base64");
    // One text for one signature: Base64 has others that are decoded to the same bytes (RFC 4648, 3.5).
    const isWhole = bytes.length >= 5 && bytes.toString("base64") === encoded;
    if (name === undefined || !isWhole) throw new Error("a signature cannot be read");
    return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
  });
  return { text: note.slice(0, split + 1), signatures };
}

/** Whether a note has a plain signature of this key, and none that is wrong. */
export function isSignedBy({ text, signatures }: Note, verifier: Verifier): boolean {
  const own = signaturesOf(signatures, verifier, "plain");
  const key = publicKeyOf(verifier);
  return own.length > 0 && own.every(({ bytes }) => verify(null, Buffer.from(text), key, bytes));
}

/** The latest time that this key signed a note at, in seconds since 1970; null when it has no such signature. */
export function signedTime({ text, signatures }: Note, verifier: Verifier): number | null {
  const key = publicKeyOf(verifier);
  const times = signaturesOf(signatures, verifier, "timed").flatMap(({ bytes }) => {
    if (bytes.length !== 72) return [];
    const time = Number(bytes.readBigUInt64BE(0));
    const isRight =
      Number.isSafeInteger(time) && verify(null, timedMessage(text, time), key, bytes.subarray(8));
    return isRight ? [time] : [];
  });
  return times.length === 0 ? null : Math.max(...times);
}

/** No checkpoint needs more. */
const mostNote = 16 << 10;

function timedMessage(text: string, time: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

function signaturesOf(
  signatures: readonly NoteSignature[],
  verifier: Verifier,
  kind: SignatureKind,
): readonly NoteSignature[] {
  const id = keyIdOf(verifier, kind);
  return signatures.filter((each) => each.name === verifier.name && each.id.equals(id));
}

function keyIdOf({ name, key }: Verifier, kind: SignatureKind): Buffer {
  const hash = createHash("sha256").update(`${name}\n`).update(Buffer.of(kindBytes[kind]));
  return hash.update(key).digest().subarray(0, 4);
}

/** A raw Ed25519 key as Node takes it (RFC 8410, 4: the prefix never changes). */
function publicKeyOf({ key }: Verifier): KeyObject {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}
