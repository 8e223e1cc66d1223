/** Counters of a server, in the text format of Prometheus (exposition format 0.0.4). */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #started: number;
  #seconds = 0;
  #bytes = 0;

  constructor(now: number) {
    this.#started = now;
  }

  count(method: string, status: number, seconds: number, bytes: number): void {
    const labels = `method="${method}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#seconds += seconds;
    this.#bytes += bytes;
  }

  text(now: number, gauges: Readonly<Record<string, number>>): string {
    const lines = ["# TYPE unipkg_requests_total counter"];
    for (const [labels, count] of [...this.#requests].sort()) {
      lines.push(`unipkg_requests_total{${labels}} ${count}`);
    }
    lines.push("# TYPE unipkg_request_seconds_total counter");
    lines.push(`unipkg_request_seconds_total ${this.#seconds.toFixed(6)}`);
    lines.push("# TYPE unipkg_sent_bytes_total counter", `unipkg_sent_bytes_total ${this.#bytes}`);
    const all = { uptime_seconds: (now - this.#started) / 1000, ...gauges };
    for (const [name, value] of Object.entries(all)) {
      lines.push(`# TYPE unipkg_${name} gauge`, `unipkg_${name} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}
