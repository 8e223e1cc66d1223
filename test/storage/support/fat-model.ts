import type { Random } from "../../net/support/random.ts";
import { bytesOf } from "./bytes.ts";
import * as fat from "./fat.ts";

/** What is asked of a volume. */
export type Operation =
  | { readonly kind: "create" | "folder" | "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | {
      readonly kind: "write";
      readonly path: string;
      readonly position: number;
      readonly length: number;
      readonly seed: number;
    };

export function words(operation: Operation): [string, ...(string | number)[]] {
  switch (operation.kind) {
    case "rename":
      return ["rename", operation.path, operation.to];
    case "truncate":
      return ["truncate", operation.path, operation.size];
    case "write":
      return ["write", operation.path, operation.position, operation.length, operation.seed];
    case "create":
    case "folder":
    case "remove":
      return [operation.kind, operation.path];
  }
}

/** Files and folders by path: bytes, and null for a folder. Names keep their case and are found without. */
export class FatModel {
  readonly tree = new Map<string, Uint8Array | null>();

  copy(): FatModel {
    const other = new FatModel();
    for (const [path, bytes] of this.tree) other.tree.set(path, bytes);
    return other;
  }

  /** The path as it is stored, or null. */
  find(path: string): string | null {
    for (const known of this.tree.keys()) if (lower(known) === lower(path)) return known;
    return null;
  }

  /** Does it, and answers the result that it should have when there is room. */
  do(operation: Operation): number {
    const { kind, path } = operation;
    const above = this.#problemAbove(path);
    if (above !== null) return above;
    const known = this.find(path);
    switch (kind) {
      case "create":
      case "folder":
        if (known !== null) return fat.exists;
        this.tree.set(this.#canonical(path), kind === "create" ? new Uint8Array(0) : null);
        return fat.done;
      case "remove":
        if (known === null) return fat.absent;
        if (this.#inside(known).length > 0) return fat.notEmpty;
        this.tree.delete(known);
        return fat.done;
      case "rename":
        return this.#rename(known, operation.to);
      case "truncate": {
        const bytes = this.#file(known);
        if (typeof bytes === "number") return bytes;
        if (operation.size > bytes.length) return fat.invalid;
        this.tree.set(known!, bytes.slice(0, operation.size));
        return fat.done;
      }
      case "write": {
        const bytes = this.#file(known);
        if (typeof bytes === "number") return bytes;
        const { position, length, seed } = operation;
        if (position > bytes.length) return fat.invalid;
        const longer = new Uint8Array(Math.max(bytes.length, position + length));
        longer.set(bytes);
        longer.set(bytesOf(length, seed), position);
        this.tree.set(known!, longer);
        return fat.done;
      }
    }
  }

  /** Why a volume's tree is not the model's; null when it is. `ignored` paths may be anything. */
  differs(
    tree: ReadonlyMap<string, Uint8Array | null>,
    ignored: readonly string[] = [],
  ): string | null {
    const skip = new Set(ignored.map(lower));
    const keys = (map: ReadonlyMap<string, unknown>) =>
      [...map.keys()].filter((path) => !skip.has(lower(path))).sort();
    const [wanted, found] = [keys(this.tree), keys(tree)];
    if (wanted.join("\n") !== found.join("\n")) return `${found} instead of ${wanted}`;
    for (const path of wanted) {
      const [one, other] = [this.tree.get(path)!, tree.get(path)!];
      if ((one === null) !== (other === null)) return `kind of ${path}`;
      if (one !== null && Buffer.compare(one, other) !== 0) return `bytes of ${path}`;
    }
    return null;
  }

  #rename(from: string | null, to: string): number {
    if (from === null) return fat.absent;
    const above = this.#problemAbove(to);
    if (above !== null) return above;
    const known = this.find(to);
    if (known !== null && known !== from) return fat.exists;
    if (this.tree.get(from) === null && lower(parent(from)) !== lower(parent(to)))
      return fat.invalid;
    const target = this.#canonical(to);
    const moved = [from, ...this.#inside(from)].map(
      (path) => [path, this.tree.get(path)!] as const,
    );
    for (const [path] of moved) this.tree.delete(path);
    for (const [path, bytes] of moved) this.tree.set(target + path.slice(from.length), bytes);
    return fat.done;
  }

  #file(path: string | null): Uint8Array | number {
    if (path === null) return fat.absent;
    return this.tree.get(path) ?? fat.wrongKind;
  }

  #inside(path: string): string[] {
    return [...this.tree.keys()].filter((other) => other.startsWith(`${path}/`));
  }

  #problemAbove(path: string): number | null {
    const folder = parent(path);
    if (folder === "") return null;
    const known = this.find(folder);
    const above = this.#problemAbove(folder);
    if (above !== null) return above;
    if (known === null) return fat.absent;
    return this.tree.get(known) === null ? null : fat.wrongKind;
  }

  /** With the folders above as they are stored. */
  #canonical(path: string): string {
    const folder = parent(path);
    const name = path.slice(folder === "" ? 0 : folder.length + 1);
    return folder === "" ? name : `${this.find(folder)}/${name}`;
  }
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

const names = [
  ...["A", "B.TXT", "b.txt", "read me.md", ".profile", "Grüße aus 東京 🗼.jpeg", "FILE.TAR.GZ"],
  ...["a name that is so long that it needs many entries of a folder, one after another.document"],
  ...["x".repeat(255), `${"y".repeat(120)}.1`, `${"y".repeat(120)}.2`, "+,;=[].x", "LOWER.lwr"],
];

/** Something to do, often to what is there. */
export function operationOf(model: FatModel, random: Random): Operation {
  const known = [...model.tree.keys()];
  const folders = ["", ...known.filter((path) => model.tree.get(path) === null)];
  const fresh = () => {
    const folder = random.pick(folders.filter((path) => path.split("/").length < 3));
    const name = random.pick(names);
    return folder === "" ? name : `${folder}/${name}`;
  };
  const some = () => (known.length > 0 && random.chance(0.9) ? random.pick(known) : fresh());
  const kind = random.pick([
    "create",
    "create",
    "folder",
    "remove",
    "rename",
    "truncate",
    "write",
    "write",
    "write",
  ] as const);
  switch (kind) {
    case "create":
    case "folder":
      return { kind, path: fresh() };
    case "remove":
      return { kind, path: some() };
    case "rename":
      return { kind, path: some(), to: fresh() };
    case "truncate":
    case "write": {
      const path = some();
      const size = model.tree.get(path)?.length ?? 0;
      if (kind === "truncate") return { kind, path, size: random.below(size + 2) };
      const position = random.chance(0.5) ? size : random.below(size + 2);
      const length = random.chance(0.1) ? random.below(20_000) : random.below(2000);
      return { kind, path, position, length, seed: random.below(1e9) };
    }
  }
}
