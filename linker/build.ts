import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseLockfile } from "../model/lockfile.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Result } from "../model/problem.ts";
import { run } from "./action.ts";
import {
  type BackendInput,
  type ImageReport,
  type LinkedApplication,
  loadBackend,
} from "./backend.ts";
import { Blob } from "./blob.ts";
import { linkedModules } from "./browser/modules.ts";
import { type CompileOptions, compileProgram, type WasmImage } from "./compile.ts";
import { memoryGap } from "./native/layout.ts";
import type { Parameter } from "./parameters.ts";
import type { PackageSources } from "./program.ts";
import { type ResolvedSettings, resolveSettings, type Settings } from "./settings.ts";

/** A plan to be linked, and where everything is. */
export interface LinkRequest {
  readonly plan: Plan;
  readonly sources: PackageSources;
  /** Folder of a planned package's files: the target's runtime. */
  readonly packageFolder: (name: string) => string | null;
  readonly exists: (packageName: string) => boolean;
  /** The application's folder. Work is kept in `.unipkg/` there. */
  readonly folder: string;
  /** Settings of the command line. */
  readonly set: Settings;
  /** Limit of the linear memory in MiB. */
  readonly memory: number;
  /** Told before each step, for people. */
  readonly progress: (step: string) => void;
  /** Told what is worth knowing of the result. */
  readonly note?: (text: string) => void;
}

export interface BuildRequest extends LinkRequest {
  /** Where the image goes. */
  readonly output: string;
  /** Version of unipkg: another one builds anew. */
  readonly toolVersion: string;
  /** As BackendInput has it. */
  readonly kernel: string | null;
}

export interface BuildAnswer extends ImageReport {
  readonly image: string;
  /** True when nothing had changed and nothing was done. */
  readonly cached: boolean;
  /** What it can be given when it starts, sorted by name. */
  readonly parameters: readonly Parameter[];
}

export interface LinkedProgram extends WasmImage {
  readonly blob: Uint8Array;
  readonly maximumPages: number;
}

const pagesPerMebibyte = 16;

/** Links a plan to one wasm module with its blob, as `unipkg dev` runs it and back ends take it. */
export async function linkProgram(request: LinkRequest): Promise<Result<LinkedProgram>> {
  const prepared = await prepare(request, false);
  return prepared.ok ? compile(request, prepared.value) : prepared;
}

/** Makes the image of a plan, or finds that the one that is there is of the same inputs. */
export async function build(request: BuildRequest): Promise<Result<BuildAnswer>> {
  const { plan, folder, output } = request;
  const target = request.sources.release(plan.target).manifest.target;
  const backend = target === undefined ? null : await loadBackend(target.backend);
  const targetFolder = request.packageFolder(plan.target);
  if (backend === null || targetFolder === null) {
    return failed({
      code: "UP205",
      message: `this unipkg cannot make images for ${plan.target}`,
      details: [`its back end is \`${target?.backend ?? "none"}\``],
    });
  }
  request.progress("read settings");
  const prepared = await prepare(request, target?.host.includes("parameter") ?? false);
  if (!prepared.ok) return prepared;
  const { parameters } = prepared.value;

  const recordFile = join(folder, ".unipkg/build", `${plan.target}.json`);
  const lockDigest = await lockDigestOf(folder);
  const layoutSeed = (await layoutSeedOf(folder)) ?? lockDigest;
  const about = { kernel: request.kernel, lockDigest, layoutSeed };
  const key = inputKey(request, prepared.value, aboutKey(target?.backend, about));
  const record = await readRecord(recordFile);
  if (
    record?.key === key &&
    record.output === output &&
    record.digest === (await digestOf(output))
  ) {
    const { bytes, sizes } = record;
    return ok({ image: output, cached: true, bytes, sizes, parameters });
  }

  const linked = await compile(request, prepared.value, {
    // No compiler comes after ours for a browser.
    isLast: target?.backend === "browser",
    gap: target?.backend === "elf-pvh" ? memoryGap(layoutSeed) : 0,
  });
  if (!linked.ok) return linked;
  request.progress(`make the ${plan.target} image`);
  const workFolder = join(folder, ".unipkg/work", plan.target);
  const report = await backend({
    ...linked.value,
    ...about,
    application: linkedApplication(request, prepared.value),
    linked: linkedModules(plan, (name) => request.sources.release(name)),
    parameters,
    targetFolder,
    output,
    workFolder,
  });
  if (!report.ok) return report;
  const digest = await digestOf(output);
  const content = JSON.stringify({ key, output, digest, ...report.value });
  const failure = await run([
    { kind: "folder", path: join(folder, ".unipkg/build") },
    { kind: "write", path: recordFile, content },
  ]);
  if (failure !== null) {
    return failed({ code: "UP705", message: `\`${recordFile}\` cannot be written` });
  }
  return ok({ image: output, cached: false, ...report.value, parameters });
}

/** Where a web server listens that has no setting `port`. */
const usualPort = 8080;

/** What the application's image says of itself. */
function linkedApplication(
  { plan, sources }: BuildRequest,
  { values }: Prepared,
): LinkedApplication {
  const { name, version, description } = sources.release(plan.root).manifest;
  const licences = plan.packages.map((each) => sources.release(each.name).manifest.license);
  const port = values.get(plan.root)?.["port"] ?? usualPort;
  return {
    ...{ name, version, description, licences: [...new Set(licences)].sort() },
    port: plan.packages.some((each) => each.name === "http") ? Number(port) : null,
  };
}

/** What of it decides the bytes of a back end's images. */
function aboutKey(
  backend: string | undefined,
  { kernel, lockDigest, layoutSeed }: Pick<BackendInput, "kernel" | "lockDigest" | "layoutSeed">,
): object {
  if (backend === "kbuild") return { kernel, lockDigest };
  return backend === "elf-pvh" ? { layoutSeed } : {};
}

/** Digest of the application's lockfile, as `sha256sum` prints it. */
async function lockDigestOf(folder: string): Promise<string> {
  return `sha256-${(await digestOf(join(folder, "unipkg.lock"))) ?? "none"}`;
}

/** What the application's lockfile has as seed of the layout; null when it is of an earlier version, or there is none. */
async function layoutSeedOf(folder: string): Promise<string | null> {
  const lock = parseLockfile(
    await readFile(join(folder, "unipkg.lock"), "utf8").catch(() => ""),
    "unipkg.lock",
  );
  return lock.ok ? (lock.value.layout ?? null) : null;
}

interface Prepared {
  readonly blob: Blob;
  readonly settings: ResolvedSettings["modules"];
  readonly values: ResolvedSettings["values"];
  readonly parameters: readonly Parameter[];
}

/** @param atStart whether the host is asked for the settings of run time */
async function prepare(request: LinkRequest, atStart: boolean): Promise<Result<Prepared>> {
  const { plan, sources } = request;
  const blob = new Blob();
  const settings = await resolveSettings(
    {
      plan,
      manifest: (name) => sources.release(name).manifest,
      folder: request.folder,
      layers: [sources.release(plan.root).manifest.settings, request.set],
      exists: request.exists,
      atStart,
    },
    blob,
  );
  if (!settings.ok) return settings;
  const { modules, values, parameters } = settings.value;
  return ok({ blob, settings: modules, values, parameters });
}

async function compile(
  request: LinkRequest,
  { blob, settings }: Prepared,
  options: Pick<CompileOptions, "isLast" | "gap"> = {},
): Promise<Result<LinkedProgram>> {
  request.progress("read sources");
  // Loads the compiler's parser: only for what is really built.
  const { assembleProgram } = await import("./program.ts");
  const program = assembleProgram(request.plan, request.sources, settings);
  if (!program.ok) return program;
  request.progress(`compile ${program.value.files.size} files`);
  const maximumPages = request.memory * pagesPerMebibyte;
  const image = await compileProgram(program.value, { blob, maximumPages, ...options });
  if (!image.ok) return image;
  const { evaluation } = image.value;
  if (evaluation.kind === "at start") {
    request.note?.(
      `initialisers run when the image starts, not at build time: ${evaluation.where}`,
    );
  }
  return ok({ ...image.value, blob: blob.bytes(), maximumPages });
}

/**
 * Digest of everything that decides the image's bytes, `about` being what only some back ends put into it. Sources are in it by the integrity of their
 * packages, so that an unchanged build reads no compiler.
 */
function inputKey(
  request: BuildRequest,
  { blob, settings, parameters }: Prepared,
  about: object,
): string {
  const { plan, sources } = request;
  const inputs = {
    tool: request.toolVersion,
    node: process.versions.node,
    compiler: process.env["CC"] ?? "cc",
    memory: request.memory,
    // Not the reasons of the bindings: the same plan is "newest" at first and "locked" from then on.
    target: plan.target,
    packages: plan.packages,
    bindings: plan.bindings.map(({ consumer, slot, provider }) => [consumer, slot, provider]),
    root: sources.release(plan.root).integrity,
    settings: [...settings],
    parameters,
    blob: blob.digest(),
    about,
  };
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

interface BuildRecord extends ImageReport {
  readonly key: string;
  readonly output: string;
  readonly digest: string;
}

/** What the last build of this target left; null when there is none that can be read. */
async function readRecord(file: string): Promise<BuildRecord | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as BuildRecord;
  } catch {
    return null;
  }
}

/** Of a file, or of all files of a folder. */
async function digestOf(path: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    if (!(await stat(path)).isDirectory()) return hash.update(await readFile(path)).digest("hex");
    for (const file of (await readdir(path, { recursive: true })).sort()) {
      const whole = join(path, file);
      if ((await stat(whole)).isFile()) hash.update(`${file}\n`).update(await readFile(whole));
    }
    return hash.digest("hex");
  } catch {
    return null;
  }
}
