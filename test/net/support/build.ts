/**
 * Compiles the package `tcpip` as it ships, bound to interfaces that a test drives (test/net/assembly), and keeps the
 * module beside the other caches for as long as no source changes.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type WasmModule, webAssembly } from "./webassembly.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const packageFolder = join(root, "recipes/libraries/tcpip");
const assemblyFolder = join(root, "test/net/assembly");
const cacheFolder = join(root, "node_modules/.cache/unipkg-test-net");

interface Setting {
  readonly type: string;
  readonly default: boolean | number | string;
  readonly runTime?: true;
}

/** The package's settings, in the order by which `configure` counts them; `ipv4-cidr` has a second one for its prefix. */
export const settings: readonly string[] = settingConstants().map(({ name }) => name);

/** The stack as a module. */
export async function stackModule(): Promise<WasmModule> {
  const files = sources();
  const hash = createHash("sha256");
  for (const [path, text] of [...files].sort()) hash.update(path).update("\0").update(text);
  const cached = join(cacheFolder, `${hash.digest("hex").slice(0, 32)}.wasm`);
  mkdirSync(dirname(cached), { recursive: true });
  await locked(`${cached}.lock`, async () => {
    if (existsSync(cached)) return;
    const temporary = `${cached}.${process.pid}`;
    writeFileSync(temporary, await compile(files));
    renameSync(temporary, cached);
  });
  return webAssembly.compile(readFileSync(cached));
}

/** Runs `body` while no other worker does. A lock that was left behind is broken after two minutes. */
async function locked(folder: string, body: () => Promise<void>): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    try {
      mkdirSync(folder);
      break;
    } catch {
      if (waited > 120_000) rmSync(folder, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  try {
    await body();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compile(files: ReadonlyMap<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const asc = await import("assemblyscript/asc");
  let wasm: Uint8Array<ArrayBuffer> | null = null;
  const { error, stderr } = await asc.main(
    [
      ...["harness/app.ts", "--outFile", "stack.wasm", "--debug"],
      ...["--runtime", "minimal", "--exportStart", "_initialize", "-O1"],
    ],
    {
      readFile: (path) => files.get(path) ?? null,
      writeFile: (path, content) => {
        if (path === "stack.wasm") wasm = new Uint8Array(content as Uint8Array);
      },
      listFiles: () => null,
    },
  );
  if (error !== null || wasm === null) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return wasm;
}

/** All sources by their place in one tree, with imports of interfaces bound to the harness. */
function sources(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (path: string, text: string) => {
    const toHarness = posix.relative(posix.dirname(path), "harness") || ".";
    const bound = text.replace(/from "([a-z][a-z0-9-]*)"/g, (_, name) => {
      const to = `${toHarness}/${name}`;
      return `from "${to.startsWith(".") ? to : `./${to}`}"`;
    });
    files.set(path, bound);
  };
  for (const file of readdirSync(assemblyFolder)) {
    if (file.endsWith(".as")) {
      add(`harness/${file.slice(0, -3)}.ts`, readFileSync(join(assemblyFolder, file), "utf8"));
    }
  }
  files.set("harness/config.ts", configModule());
  for (const entry of readdirSync(join(packageFolder, "src"), { recursive: true }) as string[]) {
    if (entry.endsWith(".ts")) {
      add(`src/${entry}`, readFileSync(join(packageFolder, "src", entry), "utf8"));
    }
  }
  return files;
}

/** The settings as variables, so that one module serves all tests. */
function configModule(): string {
  const constants = settingConstants();
  const lines = constants.map(({ name, type, value, runTime }) =>
    runTime
      ? `let ${name}_: ${type} = ${value};\nexport function ${name}(): ${type} { return ${name}_; }`
      : `export let ${name}: ${type} = ${value};`,
  );
  const cases = constants.map(({ name, type, runTime }, index) => {
    const variable = runTime ? `${name}_` : name;
    return type === "bool"
      ? `    case ${index}: ${variable} = value != 0; break;`
      : `    case ${index}: ${variable} = <${type}>value; break;`;
  });
  return `${lines.join("\n")}
export function configure(index: i32, value: i64): void {
  switch (index) {
${cases.join("\n")}
    default: assert(false, "no such setting");
  }
}
`;
}

interface SettingConstant {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** A function in place of the constant. */
  readonly runTime: boolean;
}

function settingConstants(): readonly SettingConstant[] {
  const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const config: Record<string, Setting> = manifest.unipkg.config;
  return Object.entries(config).flatMap(([name, { type, default: value, runTime = false }]) =>
    partsOf(name, type, String(value)).map((part) => ({ ...part, runTime })),
  );
}

function partsOf(
  name: string,
  type: string,
  value: string,
): readonly Omit<SettingConstant, "runTime">[] {
  const address = { name, type: "u32", value: "0" };
  const prefix = { name: `${name}Prefix`, type: "u8", value: "0" };
  const halves = ["High", "Low"].map((half) => ({
    name: `${name}${half}`,
    type: "u64",
    value: "0",
  }));
  switch (type) {
    case "ipv4":
      return [address];
    case "ipv4-cidr":
      return [address, prefix];
    case "ipv6":
      return halves;
    case "ipv6-cidr":
      return [...halves, prefix];
    default:
      return [{ name, type, value }];
  }
}
