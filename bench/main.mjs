// `npm run bench [browser] [build] [cli] [http] [dns] [net] [solver] [catalog] [registry] [cudf] [opam] [xen] [switch]`: side by side with peers in one run, medians, as ratios.
// `solver` is catalog, cudf and opam. Without words: build, cli, http and dns, which take about two minutes. The machine is made ready first (nginx, wrk, nsd, bind9, dnsperf and
// CUDF solvers from Debian); sites and images are made in a temporary folder.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, setup } from "../scripts/setup.mjs";
import { Applications } from "./applications.mjs";

const parts = {
  build: async (apps) => (await import("./build.mjs")).benchBuild(apps),
  browser: async (apps) => (await import("./browser.mjs")).benchBrowser(apps),
  cli: async (apps) => (await import("./cli.mjs")).benchCli(apps),
  http: async (apps) => (await import("./http.mjs")).benchHttp(apps),
  dns: async (apps) => (await import("./dns.mjs")).benchDns(apps),
  net: async (apps) => (await import("./net.mjs")).benchNet(apps),
  catalog: async () => (await import("./catalog.mjs")).benchCatalog(),
  registry: async () => (await import("./registry.mjs")).benchRegistry(),
  cudf: async () => run(process.execPath, "bench/cudf.mjs"),
  opam: async () => (await import("./opam.mjs")).benchOpam(),
  solver: async () => {
    await parts.catalog();
    await parts.cudf();
    await parts.opam();
  },
  switch: async (apps) => (await import("./switch.mjs")).benchSwitch(apps),
  "kernel-module": async (apps) => (await import("./kernel-module.mjs")).benchKernelModule(apps),
  xen: async (apps) => (await import("./xen.mjs")).benchXen(apps),
};
const words = process.argv.slice(2);
const unknown = words.filter((word) => !(word in parts));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(64);
}

setup({ system: true });
run(process.execPath, "scripts/build.mjs");
const folder = mkdtempSync(join(tmpdir(), "unipkg-bench-"));
try {
  const apps = new Applications(root, folder);
  for (const word of words.length > 0 ? words : ["build", "cli", "http", "dns"])
    await parts[word](apps);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
