/** Small programs of AssemblyScript, made into wasm and native images for the tests here. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import asc from "assemblyscript/asc";
import { loadBackend } from "../../linker/backend.ts";
import { blobAddress } from "../../linker/blob.ts";
import { qemuArguments, qemuCommand } from "../../linker/native/qemu.ts";

export interface Compiled {
  readonly wasm: Uint8Array;
  readonly sourceMap: string;
}

/** Host calls and exports that every test program may use. */
const preface = `
@external("console", "write") declare function consoleWrite(stream: i32, at: usize, length: i32): void;
@external("clock", "monotonic") declare function monotonic(): i64;
@external("clock", "wall") declare function wall(): i64;
@external("random", "fill") declare function randomFill(at: usize, length: i32): void;
@external("event", "exit") declare function exit(status: i32): void;
const recordsAt = memory.data(2048, 8);
export function records(): usize { return recordsAt; }
function print(text: string): void {
  const bytes = String.UTF8.encode(text + "\\n");
  consoleWrite(1, changetype<usize>(bytes), bytes.byteLength);
}
`;

/** Lines that `preface` puts before the source, so that tests can count its lines. */
export const prefaceLines = preface.split("\n").length - 1;

/** Compiles as linker/compile.ts does. */
export async function compile(source: string, blobLength = 0): Promise<Compiled> {
  const written = new Map<string, string | Uint8Array>();
  const memoryBase = String(Math.ceil((blobAddress + blobLength) / 16) * 16);
  const { error, stderr } = await asc.main(
    [
      ...["app/main.ts", "--outFile", "image.wasm", "--sourceMap", "--debug"],
      ...["--runtime", "minimal", "--exportStart", "_initialize"],
      ...["--optimizeLevel", "3", "--shrinkLevel", "1", "--memoryBase", memoryBase],
    ],
    {
      readFile: (path) => (path === "app/main.ts" ? preface + source : null),
      writeFile: (path, content) => {
        written.set(path, content);
      },
      listFiles: () => null,
    },
  );
  if (error !== null) throw new Error(stderr.toString());
  return {
    wasm: written.get("image.wasm") as Uint8Array,
    sourceMap: written.get("image.wasm.map") as string,
  };
}

export interface ImageOptions {
  readonly blob?: Uint8Array;
  readonly folder?: string;
  readonly maximumPages?: number;
  readonly layoutSeed?: string;
}

/** Makes the image in `folder`, named `image`. */
export async function makeImage(
  target: "unix" | "xen",
  compiled: Compiled,
  {
    blob = new Uint8Array(),
    folder = temporaryFolder(),
    maximumPages = 512,
    layoutSeed = "",
  }: ImageOptions = {},
) {
  const backend = await loadBackend(target === "unix" ? "elf-hosted" : "elf-pvh");
  const output = join(folder, "image");
  const report = await backend!({
    ...compiled,
    blob,
    maximumPages,
    frequencies: new Map(),
    application: { name: "image", version: "1.0.0", description: "", licences: [], port: null },
    linked: { modules: [], uses: [] },
    parameters: [],
    lockDigest: "",
    layoutSeed,
    kernel: null,
    targetFolder: resolve(`recipes/targets/${target}`),
    output,
    workFolder: join(folder, "work"),
  });
  return { output, report };
}

export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a command to its end; it is killed after `limit` ms, and its status is null then. */
export function runCommand(
  command: string,
  options: readonly string[] = [],
  limit = 20_000,
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(command, options, { stdio: ["ignore", "pipe", "pipe"], timeout: limit });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    child.on("error", fail);
    child.on("close", (status) => done({ status, output, errors }));
  });
}

/** Boots an image in QEMU. */
export function boot(image: string, memory = 128): Promise<Ended> {
  return runCommand(qemuCommand, qemuArguments(image, { memory, accelerator: "tcg" }), 30_000);
}

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "unipkg-native-"));
  folders.push(folder);
  return folder;
}

/** For `afterAll`. */
export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
