/** How an upstream answered. */
export type Answer = "new" | "unchanged" | "missing" | "failed" | "refused";

/** Counters of what upstreams were asked for, in the text format of Prometheus. */
export class UpstreamCounts {
  readonly #counts = new Map<string, number>();

  /** A document was asked for. */
  asked(upstream: string, answer: Answer): void {
    this.#add(`unipkg_upstream_documents_total{upstream="${upstream}",answer="${answer}"}`, 1);
  }

  /** An archive was asked for. */
  fetched(upstream: string, bytes: number | null): void {
    const answer = bytes === null ? "failed" : "new";
    this.#add(`unipkg_upstream_archives_total{upstream="${upstream}",answer="${answer}"}`, 1);
    this.#add(`unipkg_upstream_archive_bytes_total{upstream="${upstream}"}`, bytes ?? 0);
  }

  /** A document was served that the upstream could not be asked about. */
  stale(upstream: string): void {
    this.#add(`unipkg_upstream_stale_total{upstream="${upstream}"}`, 1);
  }

  lines(): readonly string[] {
    const names = new Set([...this.#counts.keys()].map((key) => key.replace(/\{.*/s, "")));
    return [...names].sort().flatMap((name) => [
      `# TYPE ${name} counter`,
      ...[...this.#counts]
        .filter(([key]) => key.startsWith(`${name}{`))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => `${key} ${count}`),
    ]);
  }

  #add(key: string, count: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }
}
