import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { pack } from "../../registry/archive/pack.ts";
import { integrityOf } from "../../registry/integrity.ts";
import { sriOf } from "../../registry/protocol/digest.ts";
import { formatCheckpoint } from "../../registry/transparency/checkpoint.ts";
import { leafHash } from "../../registry/transparency/merkle.ts";
import { MerkleTree } from "../../registry/transparency/merkle-tree.ts";
import { formatVerifier, signNote, verifierOf } from "../../registry/transparency/note.ts";
import { parseTilePath } from "../../registry/transparency/tile.ts";
import { keyScheme, registryKeyOf, signVersion } from "../../registry/trust/registry-key.ts";
import { type FakeAnswer, type FakeRegistry, fakeRegistry } from "./fake-registry.ts";

/** The time of all that is published here. */
export const published = "2026-01-01T00:00:00.000Z";

/** One history of a registry of ours: what its log has, and what it signs with. A copy may go another way. */
export class History {
  readonly lines: Buffer[] = [];
  readonly log: KeyObject;
  readonly versions: KeyObject;
  readonly name = "@acme/x";
  readonly #index: string[] = [];
  readonly #entries = new Map<string, number>();
  readonly #archives = new Map<string, Buffer>();

  constructor(from?: History) {
    this.log = from?.log ?? generateKeyPairSync("ed25519").privateKey;
    this.versions = from?.versions ?? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    if (from === undefined) {
      const { keyid, key } = registryKeyOf(this.versions);
      this.add("keys:versions", { type: "key-added", keyid, key });
      return;
    }
    this.lines.push(...from.lines);
    this.#index.push(...from.#index);
    for (const [version, seq] of from.#entries) this.#entries.set(version, seq);
    for (const [path, archive] of from.#archives) this.#archives.set(path, archive);
  }

  add(subject: string, event: object): number {
    const seq = this.lines.length + 1;
    const entry = { seq, time: published, actor: "ann", subject, event, salt: `salt ${seq}` };
    this.lines.push(Buffer.from(JSON.stringify(entry)));
    return seq;
  }

  /** Publishes a version; `isLogged` false leaves it out of the log. */
  publish(version: string, isLogged = true, signedBy: KeyObject | null = this.versions): void {
    const manifest = {
      ...{ name: this.name, version },
      unipkg: { kind: "target", target: { backend: "none" } },
    };
    const files = [{ path: "package.json", bytes: Buffer.from(JSON.stringify(manifest)) }];
    const bytes = pack(files);
    const archive = sriOf(bytes);
    this.#archives.set(`/${this.name}/-/x-${version}.tgz`, bytes);
    const signatures =
      signedBy === null ? [] : [signVersion(this.name, version, archive, signedBy)];
    this.#index.push(
      JSON.stringify({
        ...{ package: manifest, integrity: integrityOf(files), archive, size: bytes.length },
        ...{ types: null, effects: [], published, signatures },
      }),
    );
    const seq = isLogged
      ? this.add(`package:${this.name}`, { type: "published", version, archive, types: null })
      : 1;
    this.#entries.set(version, seq);
  }

  get tree(): MerkleTree {
    const tree = new MerkleTree();
    for (const line of this.lines) tree.append(leafHash(line));
    return tree;
  }

  get origin(): string {
    return "registry.example/log";
  }

  get verifier(): string {
    return formatVerifier(verifierOf(this.origin, this.log));
  }

  /** @param time milliseconds since 1970 */
  checkpoint(time: number, root = this.tree.root()): string {
    const text = formatCheckpoint({ origin: this.origin, size: this.lines.length, root });
    return signNote(text, this.origin, this.log, Math.floor(time / 1000));
  }

  /** What a registry with this history answers. */
  answer(path: string, time: number): FakeAnswer | null {
    const rest = path.replace(/^\/-\//, "");
    const tile = parseTilePath(rest.replace(/^unipkg\/log\/tile\//, ""));
    const entry = /^unipkg\/log\/published\/@acme%2fx\/(.+)$/.exec(rest)?.[1];
    if (rest === "unipkg/config.json") {
      return { body: JSON.stringify({ format: 1, log: this.verifier }) };
    }
    if (rest === "unipkg/index/@acme%2fx") return { body: `${this.#index.join("\n")}\n` };
    if (rest === "unipkg/log/checkpoint") return { body: this.checkpoint(time) };
    if (rest.startsWith("unipkg/log/key/")) return { body: this.lines[0]! };
    if (entry !== undefined) {
      return { body: this.lines[this.#entries.get(decodeURIComponent(entry))! - 1]! };
    }
    if (tile !== null) {
      const bytes = this.tree.tile(tile.level, tile.index, tile.width);
      return bytes === null ? null : { body: bytes };
    }
    if (rest === "npm/v1/keys") {
      const { keyid, key } = registryKeyOf(this.versions);
      return { body: JSON.stringify({ keys: [{ keyid, key, scheme: keyScheme, expires: null }] }) };
    }
    const archive = this.#archives.get(path);
    return archive === undefined ? null : { body: archive };
  }
}

/** A registry that shows a history, and another when a test says so. */
export class LoggedRegistry {
  history: History;
  /** Milliseconds since 1970: what its clock says. */
  time: number;
  /** Answers that an attack puts in place of the honest ones. */
  readonly instead = new Map<string, FakeAnswer>();
  server!: FakeRegistry;

  private constructor(history: History, time: number) {
    this.history = history;
    this.time = time;
  }

  static async start(history: History, time: number): Promise<LoggedRegistry> {
    const made = new LoggedRegistry(history, time);
    made.server = await fakeRegistry(
      (path) => made.instead.get(path) ?? made.history.answer(path, made.time),
    );
    return made;
  }
}
