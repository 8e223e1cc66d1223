import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formatCheckpoint, parseCheckpoint } from "../transparency/checkpoint.ts";
import { equal } from "../transparency/merkle.ts";
import type { MerkleTree } from "../transparency/merkle-tree.ts";
import {
  formatVerifier,
  isSignedBy,
  parseNote,
  readPrivateKey,
  signNote,
  verifierOf,
} from "../transparency/note.ts";
import {
  type RegistryKey,
  type RegistrySignature,
  registryKeyOf,
  signVersion,
} from "../trust/registry-key.ts";

/** `keys.json`: the private keys of a registry. Whoever has it can speak for the registry. */
interface KeyFile {
  readonly format: 1;
  /** The log's name for ever. */
  readonly origin: string;
  /** Ed25519, PEM: signs the heads of the log. */
  readonly log: string;
  /** ECDSA P-256, PEM: the last one signs versions; others did. */
  readonly versions: readonly string[];
}

/** What a registry signs with, and the last head of the log that it signed: `keys.json` and `checkpoint`. */
export class SigningKeys {
  /** The log's public key, `NAME+ID+KEY`. */
  readonly verifier: string;
  readonly #folder: string;
  readonly #file: KeyFile;
  readonly #log: KeyObject;
  readonly #versions: KeyObject;
  #signed: { readonly size: number; readonly time: number; readonly note: string } | null = null;

  private constructor(folder: string, file: KeyFile) {
    this.#folder = folder;
    this.#file = file;
    this.#log = readPrivateKey(file.log);
    this.#versions = createPrivateKey(file.versions.at(-1)!);
    this.verifier = formatVerifier(verifierOf(file.origin, this.#log));
  }

  /**
   * Opens the keys of a folder, and makes them when there are none. Throws a sentence when the log is not one that
   * these keys signed: shorter, or with another history.
   */
  static open(folder: string, tree: MerkleTree): SigningKeys {
    const path = join(folder, "keys.json");
    const keys = existsSync(path)
      ? new SigningKeys(folder, JSON.parse(readFileSync(path, "utf8")) as KeyFile)
      : SigningKeys.#make(folder);
    keys.#checkLast(tree);
    return keys;
  }

  static #make(folder: string): SigningKeys {
    const log = generateKeyPairSync("ed25519").privateKey;
    const file: KeyFile = {
      format: 1,
      origin: `unipkg-registry/${randomBytes(8).toString("hex")}`,
      log: pemOf(log),
      versions: [pemOf(newVersionKey())],
    };
    write(folder, file);
    return new SigningKeys(folder, file);
  }

  /** The same with a new key for versions. */
  rotated(): SigningKeys {
    const file = { ...this.#file, versions: [...this.#file.versions, pemOf(newVersionKey())] };
    write(this.#folder, file);
    return new SigningKeys(this.#folder, file);
  }

  /** The public key that versions are signed with now. */
  get versionKey(): Omit<RegistryKey, "expires"> {
    return registryKeyOf(this.#versions);
  }

  /** Whether any key for versions, today's or a former one, is among these. */
  isOf(known: ReadonlyMap<string, unknown>): boolean {
    return this.#file.versions.some((pem) => known.has(registryKeyOf(createPrivateKey(pem)).keyid));
  }

  signVersion(name: string, version: string, archive: string): RegistrySignature {
    return signVersion(name, version, archive, this.#versions);
  }

  /**
   * The log's head, signed: anew when the log has grown, or the time that it was last signed at is a minute ago.
   *
   * @param now milliseconds since 1970
   */
  checkpoint(tree: MerkleTree, now: number): string {
    const { size } = tree;
    const time = Math.floor(now / 1000);
    const known = this.#signed;
    if (known !== null && known.size === size && time - known.time < 60) return known.note;
    const text = formatCheckpoint({ origin: this.#file.origin, size, root: tree.root() });
    const note = signNote(text, this.#file.origin, this.#log, time);
    if (known?.size !== size) replace(join(this.#folder, "checkpoint"), note);
    this.#signed = { size, time, note };
    return note;
  }

  #checkLast(tree: MerkleTree): void {
    const path = join(this.#folder, "checkpoint");
    if (!existsSync(path)) return;
    const note = parseNote(readFileSync(path, "utf8"));
    const { size, root } = parseCheckpoint(note.text);
    if (!isSignedBy(note, verifierOf(this.#file.origin, this.#log))) {
      throw new Error(`${path} is not signed by the key of keys.json`);
    }
    if (size > tree.size) {
      throw new Error(
        `the log has ${tree.size} entries, but ${size} were there when its head was signed last: it was cut off, or is an old copy`,
      );
    }
    if (!equal(tree.root(size), root)) {
      throw new Error(`the first ${size} entries of the log are not those that were signed`);
    }
  }
}

function newVersionKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

function write(folder: string, file: KeyFile): void {
  replace(join(folder, "keys.json"), `${JSON.stringify(file, null, 2)}\n`);
}

/** One process works on the folder, so that the unfinished file has one writer. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.part`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.part`, path);
}
