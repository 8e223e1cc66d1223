/** What an archive may be at most. Whoever unpacks one of a stranger decides by these numbers alone what it costs. */
export interface ArchiveLimits {
  /** Bytes of the compressed archive. */
  readonly archiveBytes: number;
  /** Bytes of the whole tar stream, headers included. */
  readonly unpackedBytes: number;
  readonly entries: number;
  /** Uncompressed bytes for each compressed one. Sources come to about 5, text that repeats itself to 50. */
  readonly ratio: number;
  /** Bytes of a path in UTF-8. */
  readonly pathBytes: number;
  /** Folders that a file may be below. */
  readonly depth: number;
}

export const archiveLimits: ArchiveLimits = {
  archiveBytes: 32 << 20,
  unpackedBytes: 128 << 20,
  entries: 10_000,
  ratio: 100,
  pathBytes: 512,
  depth: 32,
};

/** Below this size a high ratio harms nobody: a few zeros compress a thousandfold. */
export const ratioMatters = 1 << 20;
