/** A spot in a source file of a package, as people count: lines and columns from 1. */
export interface Place {
  /** Path inside the package, with `/`, e.g. `src/tcp.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A spot in a named package: what a message about somebody's library points at. */
export interface PackagePlace extends Place {
  readonly package: string;
  /** Absent for the application's own files. */
  readonly version?: string;
}

/** `src/tcp.ts:12:3`, with the package in front when it is known: `tcpip@1.0.0 src/tcp.ts:12:3`. */
export function formatPlace(place: Place | PackagePlace): string {
  const spot = `${place.file}:${place.line}:${place.column}`;
  if (!("package" in place) || place.version === undefined) return spot;
  return `${place.package}@${place.version} ${spot}`;
}
