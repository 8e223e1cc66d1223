// Our registry beside Verdaccio 6.8 on the same machine in one run: start, durable publishes, packuments, 304s,
// archives, search, memory. Load comes from wrk (Debian) and from this process, so that figures are of the pair.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { root } from "../scripts/setup.mjs";
import { table } from "./measure.mjs";
import { packageOf, packages, solveTimes } from "./registry-solve.mjs";

const { pack } = await import(join(root, "dist/registry/archive/pack.js"));

export async function benchRegistry() {
  const folder = join(tmpdir(), `unipkg-bench-registry-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const results = [];
    for (const server of [unipkg(folder), verdaccio(folder)])
      results.push(await measure(server, folder));
    const [ours, theirs] = results.map(({ figures }) => figures);
    const rows = Object.keys(ours).map((what) => {
      const [a, b] = [ours[what], theirs[what]];
      const ratio =
        a === null || b === null ? "" : what.includes("ms") || what.includes("MB") ? b / a : a / b;
      return [what, shown(a), shown(b), ratio === "" ? "" : `${ratio.toFixed(1)}x`];
    });
    table("registry: ours, Verdaccio 6.8", ["", "unipkg", "Verdaccio", "better by"], rows);
    const solves = ["unipkg", "Verdaccio"].flatMap((registry, at) =>
      Object.entries(results[at].solves).map(([what, { milliseconds, cpu }]) => [
        ...[`${what}, at ${registry}`, shown(milliseconds), cpu.toFixed(1)],
      ]),
    );
    table(`an application that reaches ${packages} packages`, ["", "ms", "CPU s"], solves);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unipkg(folder) {
  return {
    name: "unipkg",
    words: (port) => [
      join(root, "dist/cli/main.js"),
      ...["registry", "serve", "--data", join(folder, "data"), "--listen", `127.0.0.1:${port}`],
    ],
    token: async (_, output) => /upt_\S+/.exec(output())[0],
  };
}

/** Verdaccio with JSON web tokens, its quickest way to know who asks. */
function verdaccio(folder) {
  const installed = join(root, "node_modules/.cache/verdaccio-6.8.0");
  if (!existsSync(installed)) {
    const made = join(folder, "verdaccio");
    mkdirSync(made);
    cpSync(join(root, "test/support/verdaccio/package.json"), join(made, "package.json"));
    spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: made, stdio: "inherit" });
    mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
    cpSync(made, installed, { recursive: true });
  }
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `storage: ${folder}/storage
auth: { htpasswd: { file: ${folder}/htpasswd, max_users: 10 } }
uplinks: {}
packages: { '**': { access: $all, publish: $authenticated } }
log: { type: stdout, format: json, level: fatal }
max_body_size: 50mb
security: { api: { jwt: { sign: { expiresIn: 7d } } } }
`,
  );
  return {
    name: "Verdaccio",
    words: (port) => [
      join(installed, "node_modules/verdaccio/bin/verdaccio"),
      ...["--config", config, "--listen", `127.0.0.1:${port}`],
    ],
    token: async (url) => {
      const answer = await fetch(`${url}-/user/org.couchdb.user:ann`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "ann", password: "correct horse battery" }),
      });
      return (await answer.json()).token;
    },
  };
}

async function measure(server, folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const begin = performance.now();
  const child = spawn(process.execPath, server.words(port), {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  try {
    while (
      !(await fetch(`${url}-/ping`).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const start = performance.now() - begin;
    const token = await server.token(url, () => printed);
    const publish = (name, version, bytes) => put(url, token, version, plainPackage(name, bytes));
    const library = (name) => put(url, token, "1.0.0", compiledPackage(name));
    const one = await rate(60, 1, (index) => publish(`@acme/one${index}`, "1.0.0", 20_000));
    const eight = await rate(200, 8, (index) => publish(`@acme/eight${index}`, "1.0.0", 20_000));
    const compiled = await rate(30, 1, (index) => library(`@acme/library${index}`));
    const early = await rate(50, 1, (index) => publish("@acme/small", `1.0.${index}`, 200));
    await rate(400, 1, (index) => publish("@acme/large", `1.0.${index}`, 200));
    const late = await rate(100, 1, (index) => publish("@acme/large", `1.1.${index}`, 200));
    // Whatever a package requires is there before it.
    await rate(packages, 8, (index) =>
      put(url, token, "1.0.0", graphPackage(packages - 1 - index)),
    );
    const auth = `Authorization: Bearer ${token}`;
    const small = `${url}@acme%2fsmall`;
    const large = `${url}@acme%2flarge`;
    const headers = { authorization: `Bearer ${token}` };
    const { etag, bytes: smallBytes } = await sizeOf(small, headers);
    const { bytes: largeBytes } = await sizeOf(large, headers);
    console.log(`${server.name}: ${smallBytes} and ${largeBytes} bytes of packument`);
    const figures = {
      "start to first answer, ms": start,
      "publishes/s, 20 kB": one,
      "publishes/s, 20 kB, 8 at once": eight,
      "publishes/s, a library that is compiled": compiled,
      "publishes/s, versions 1 to 50 of a package": early,
      "publishes/s, versions 400 to 500": late,
      "packuments/s, 50 versions": wrk(small, auth),
      "packuments/s, 50 versions, gzip": wrk(small, auth, "Accept-Encoding: gzip"),
      "packuments/s, 500 versions": wrk(large, auth),
      "packuments/s, 500 versions, gzip": wrk(large, auth, "Accept-Encoding: gzip"),
      "304s/s": wrk(small, auth, `If-None-Match: ${etag}`),
      "archives/s, 20 kB": wrk(`${url}@acme/one1/-/one1-1.0.0.tgz`, auth),
      "searches/s": wrk(`${url}-/v1/search?text=eight1&size=20`, auth),
      "memory after it, MB": residentMegabytes(child.pid),
    };
    const place = join(folder, `solve-${server.name}`);
    mkdirSync(place);
    return { figures, solves: solveTimes(url, token, place, server.name === "unipkg") };
  } finally {
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGTERM");
    await ended;
  }
}

/** A package that is nothing but bytes. */
function plainPackage(name, padding) {
  const unipkg = { kind: "target", target: { backend: "none" } };
  return { manifest: { name, unipkg }, files: { "data.bin": randomBytes(padding) } };
}

/** A package with types, which our registry compiles when it is published. */
function compiledPackage(name) {
  const source = `export declare function ${name.replace(/\W/g, "")}(a: u16): i64;\n`;
  const unipkg = { kind: "interface", module: "src/a.ts" };
  return { manifest: { name, unipkg }, files: { "src/a.ts": Buffer.from(source) } };
}

function graphPackage(index) {
  const { source, ...manifest } = packageOf(index);
  return { manifest, files: { "src/a.ts": Buffer.from(source) } };
}

async function put(url, token, version, { manifest: given, files: others }) {
  const { name } = given;
  const manifest = { ...given, version, license: "ISC", description: "A package of the bench" };
  const files = [{ path: "package.json", bytes: Buffer.from(JSON.stringify(manifest)) }];
  for (const [path, bytes] of Object.entries(others)) files.push({ path, bytes });
  const archive = pack(files);
  const dist = {
    integrity: `sha512-${createHash("sha512").update(archive).digest("base64")}`,
    shasum: createHash("sha1").update(archive).digest("hex"),
    tarball: `${url}${name}/-/${name.split("/")[1]}-${version}.tgz`,
  };
  const answer = await fetch(`${url}${name.replace("/", "%2f")}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      _id: name,
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
      _attachments: {
        [`${name}-${version}.tgz`]: {
          data: archive.toString("base64"),
          length: archive.length,
          content_type: "application/octet-stream",
        },
      },
    }),
  });
  if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** How often a second something is done, `count` times, by so many at once. */
async function rate(count, parallel, action) {
  let next = 0;
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (next < count) await action(next++);
    }),
  );
  return (count * 1000) / (performance.now() - begin);
}

async function sizeOf(url, headers) {
  const answer = await fetch(url, { headers: { ...headers, "accept-encoding": "identity" } });
  return {
    etag: answer.headers.get("etag") ?? "none",
    bytes: (await answer.arrayBuffer()).byteLength,
  };
}

/** Requests a second, by wrk: 16 connections for three seconds; null when it is not there. */
function wrk(url, ...headers) {
  const words = ["-t1", "-c16", "-d3s", ...headers.flatMap((header) => ["-H", header]), url];
  const { stdout, error } = spawnSync("wrk", words, { encoding: "utf8" });
  if (error !== undefined) return null;
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1] ?? "0");
}

function residentMegabytes(pid) {
  const pages = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1];
  return (Number(pages) * 4096) / 1e6;
}

function shown(value) {
  if (value === null) return "-";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
