import type { IndexedPackage } from "../protocol/index-line.ts";

/** A package as it is handed to the extraction process: only what the compiler reads. */
export interface SourcePackage {
  readonly package: IndexedPackage;
  readonly integrity: string;
  /** TypeScript files: path -> text. */
  readonly sources: Readonly<Record<string, string>>;
}

/** What is extracted from the first of these packages; the others are what it is compiled against. */
export interface ExtractionJob {
  readonly packages: readonly SourcePackage[];
}
