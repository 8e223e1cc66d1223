/**
 * Compiles dns-zones, and of dns-server what has no network, into one module that tests drive (test/dns/assembly). The
 * module is kept beside the other caches for as long as no source changes.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type WasmModule, webAssembly } from "../../net/support/webassembly.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const cacheFolder = join(root, "node_modules/.cache/unipkg-test-dns");
const packages = ["dns-server", "dns-wire", "dns-zones"];

/** What an import's word leads to. */
const bound: Readonly<Record<string, string>> = {
  dns: "harness/dns",
  "dns-wire": "dns-wire/src/wire",
};

/** The module, to be instantiated once for each set of zones. */
export async function zonesModule(): Promise<WasmModule> {
  const files = sources();
  const hash = createHash("sha256");
  for (const [path, text] of [...files].sort()) hash.update(path).update("\0").update(text);
  const cached = join(cacheFolder, `${hash.digest("hex").slice(0, 32)}.wasm`);
  if (!existsSync(cached)) {
    mkdirSync(dirname(cached), { recursive: true });
    const temporary = `${cached}.${process.pid}`;
    writeFileSync(temporary, await compile(files));
    renameSync(temporary, cached);
  }
  return webAssembly.compile(readFileSync(cached));
}

async function compile(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const asc = await import("assemblyscript/asc");
  let wasm: Uint8Array | null = null;
  const { error, stderr } = await asc.main(
    [
      ...["harness/app.ts", "--outFile", "zones.wasm", "--debug"],
      ...["--runtime", "minimal", "--exportStart", "_initialize", "-O1"],
    ],
    {
      readFile: (path) => files.get(path) ?? null,
      writeFile: (path, content) => {
        if (path === "zones.wasm") wasm = content as Uint8Array;
      },
      listFiles: () => null,
    },
  );
  if (error !== null || wasm === null) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return wasm;
}

/** All sources by their place in one tree, with imports of slots bound. */
function sources(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (path: string, text: string) => {
    const here = posix.dirname(path);
    const rebound = text.replace(/from "([a-z][a-z0-9-]*)"/g, (_, slot: string) => {
      const config = `harness/config-${path.split("/")[0]?.replace("dns-", "")}`;
      const to = posix.relative(here, slot === "config" ? config : (bound[slot] ?? slot));
      return `from "${to.startsWith(".") ? to : `./${to}`}"`;
    });
    files.set(path, rebound);
  };
  const assembly = join(root, "test/dns/assembly");
  for (const file of readdirSync(assembly)) {
    add(`harness/${file.replace(/\.as$/, ".ts")}`, readFileSync(join(assembly, file), "utf8"));
  }
  for (const name of packages) {
    const folder = join(root, "recipes/libraries", name, "src");
    for (const entry of readdirSync(folder, { recursive: true }) as string[]) {
      if (entry.endsWith(".ts"))
        add(`${name}/src/${entry}`, readFileSync(join(folder, entry), "utf8"));
    }
  }
  return files;
}
