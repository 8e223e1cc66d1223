/** A folder for any web server: a page whose worker runs the image, by the scripts of the target package. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, ok, type Problem, type Result } from "../../model/problem.ts";
import { type Action, run } from "../action.ts";
import type { BackendInput, ImageReport } from "../backend.ts";
import { blobAddress } from "../blob.ts";
import { fillDocument } from "../browser/document.ts";
import { siteSizes } from "../browser/sizes.ts";
import { withoutCustomSections } from "../browser/wasm.ts";
import { decodeModule } from "../native/decode.ts";
import { SourceMap } from "../native/source-map.ts";
import { programSymbols } from "../native/symbol.ts";

/** Files that the target package has ready, and where they go. The service worker is beside the page, since it is for the folder that it is in. */
const hostFiles = [
  ["host/page.js", "host/page.js"],
  ["host/worker.js", "host/worker.js"],
  ["host/service-worker.js", "service-worker.js"],
  ["page/icon.svg", "icon.svg"],
  ["page/style.css", "style.css"],
] as const;

const template = "page/index.html";

/** For debuggers and messages of traps; no visitor of the page loads it. */
const mapFile = "image.wasm.map";

/** Makes the folder `input.output`. */
export async function browser(input: BackendInput): Promise<Result<ImageReport>> {
  const module = decodeModule(input.wasm);
  if ("reason" in module) {
    return failed({
      code: "UP501",
      message: `the program cannot be made for browsers: ${module.reason}`,
    });
  }
  const host = await readHost(input.targetFolder);
  if (!host.ok) return host;
  const { page, files } = host.value;
  const symbols = programSymbols(module, new SourceMap(input.sourceMap));
  const wasm = withoutCustomSections(input.wasm, mapFile);
  const { name, version, port } = input.application;
  const facts = { name, version, blobAddress, blobLength: input.blob.length };
  files.set("image.wasm", wasm);
  files.set(mapFile, withNames(input.sourceMap, symbols));
  files.set("image.json", `${JSON.stringify({ ...facts, port })}\n`);
  if (input.blob.length > 0) files.set("image.blob", input.blob);
  const linked = input.linked;
  const hostBytes = [...files]
    .filter(([file]) => !file.startsWith("image."))
    .reduce((sum, [, content]) => sum + content.length, 0);
  const target = linked.modules.at(-1)!.name;
  const count = { module, symbols, wasmBytes: wasm.length, blobBytes: input.blob.length };
  // The page tells sizes, and is not in them: it is for people, and its own size would change them.
  const sizes = siteSizes({ ...count, hostBytes, target });
  const { application } = input;
  files.set(
    "index.html",
    fillDocument(page, { application, linked, sizes, wasmBytes: wasm.length }),
  );
  const problem = await replaced(input.output, files);
  if (problem !== null) return failed(problem);
  return ok({ bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0), sizes });
}

type Files = Map<string, string | Uint8Array>;

async function readHost(
  folder: string,
): Promise<Result<{ readonly page: string; readonly files: Files }>> {
  const files: Files = new Map();
  try {
    for (const [from, to] of hostFiles) files.set(to, await readFile(join(folder, from)));
    return ok({ page: await readFile(join(folder, template), "utf8"), files });
  } catch (error) {
    return failed({
      code: "UP532",
      message: `the target package lacks a part of its host: ${(error as Error).message}`,
      hint: "it is made when unipkg is built (`npm run build`), and is in every published package",
    });
  }
}

/** The source map with the names of functions, which the wasm has no more. */
function withNames(
  sourceMap: string,
  symbols: ReadonlyMap<number, { readonly name: string }>,
): string {
  const names = Object.fromEntries([...symbols].map(([index, { name }]) => [index, name]));
  const map = JSON.parse(sourceMap) as object;
  return `${JSON.stringify({ ...map, x_unipkg_functions: names })}\n`;
}

/** Puts the folder in place, whole. One that somebody else has made stays as it is. */
async function replaced(output: string, files: Files): Promise<Problem | null> {
  const present = await readdir(output).catch((error: NodeJS.ErrnoException): string[] | null =>
    error.code === "ENOENT" ? null : [],
  );
  if (present !== null && !present.includes("image.json")) {
    return {
      code: "UP531",
      message: `${output} is there, and is no site that unipkg has made`,
      hint: "name another folder with `--output`, or move that one away",
    };
  }
  const made = `${output}.${process.pid}`;
  const actions: Action[] = [
    { kind: "remove", path: made },
    { kind: "folder", path: join(made, "host") },
    ...[...files].map(
      ([path, content]): Action => ({ kind: "write", path: join(made, path), content }),
    ),
    { kind: "remove", path: output },
    { kind: "rename", from: made, to: output },
  ];
  const failure = await run(actions);
  if (failure === null) return null;
  await run([{ kind: "remove", path: made }]);
  const why = failure.kind === "file" ? failure.message : failure.kind;
  return { code: "UP705", message: `${output} cannot be written: ${why}` };
}
