import type { StoredLine } from "../protocol/index-line.ts";

/**
 * What a registry keeps of one version beside its archive, all of it worked out from the archive when it was
 * published: a blob of JSON.
 */
export interface VersionDocument {
  readonly format: 1;
  readonly name: string;
  readonly version: string;
  /** The whole `package.json`. */
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly line: Omit<StoredLine, "published">;
  /** SHA-1, hexadecimal: old clients of npm ask for it; nothing of ours looks at it. */
  readonly shasum: string;
  readonly fileCount: number;
  readonly unpackedSize: number;
  readonly readme: string;
}
