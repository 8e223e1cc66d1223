import valid from "semver/functions/valid.js";
import {
  knownTargets,
  type Manifest,
  type PackageKind,
  type Provision,
} from "../model/manifest.ts";
import { plainText } from "../model/plain-text.ts";
import type { Policy } from "../model/policy.ts";
import { ok, type Result } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";
import { JsonReader, type JsonValue, sorted, suggestion } from "./json-reader.ts";
import { readConfig, readSettings } from "./manifest-settings.ts";
import { readPolicy } from "./policies.ts";
import { packageName, readRequirements, versionRange } from "./requirements.ts";
import { readPreferences, readTarget } from "./target-block.ts";

/** The file that makes a folder a package. */
export const manifestFile = "package.json";

/**
 * Reads a manifest (docs/package.md describes the format). All mistakes are told at once, each with the key
 * and its place. Never throws, whatever the text.
 *
 * @param file what the text is called in messages: `package.json`
 */
export function parseManifest(text: string, file: string): Result<Manifest> {
  const reader = new JsonReader(text, file);
  const root = reader.root(text);
  const manifest = root === null ? null : readManifest(reader, root);
  return manifest === null || reader.problems.length > 0
    ? { ok: false, problems: reader.problemsByPlace() }
    : ok(manifest);
}

/** Which kinds of packages may have a key of the `unipkg` block. */
const keys: Readonly<Record<string, readonly PackageKind[]>> = {
  kind: ["app", "interface", "library", "target"],
  module: ["app", "interface", "library"],
  provides: ["library"],
  requires: ["app", "interface", "library", "target"],
  optional: ["app", "library", "target"],
  when: ["app", "library"],
  targets: ["app", "library"],
  conflicts: ["app", "library", "target"],
  config: ["app", "library"],
  settings: ["app"],
  prefers: ["app"],
  pins: ["app"],
  policies: ["app"],
  catalogs: ["app"],
  notice: ["app", "interface", "library", "target"],
  deprecated: ["app", "interface", "library", "target"],
  yanked: ["app", "interface", "library", "target"],
  target: ["target"],
};

const kinds: readonly PackageKind[] = ["app", "interface", "library", "target"];

function readManifest(reader: JsonReader, root: JsonValue): Manifest | null {
  // The rest of package.json is npm's.
  const top = new Map(reader.entries(root));
  const name = reader.required(top, root, "name");
  const version = reader.required(top, root, "version");
  const block = top.get("unipkg");
  if (block === undefined) {
    const [near] = nearest("unipkg", [...top.keys()]);
    const hint =
      near === undefined
        ? 'add "unipkg": { "kind": "app" }, or make an app with `unipkg init`'
        : `did you mean \`unipkg\` by \`${near}\`?`;
    reader.fault(root, "has no `unipkg` block, so that it is not a unipkg package", hint);
    return null;
  }
  const fields = reader.fields(block, Object.keys(keys));
  const kind = readKind(reader, fields.get("kind"), block);
  if (kind === null) return null;
  for (const [key, value] of fields) {
    if (keys[key]?.includes(kind) === false) {
      reader.fault(value, `has no meaning in a package of kind "${kind}"`);
    }
  }
  const provides = readProvisions(reader, fields.get("provides"));
  const targets = readTargets(reader, fields.get("targets"));
  const config = readConfig(reader, fields.get("config"));
  const targetField = fields.get("target");
  if (kind === "target" && targetField === undefined) {
    reader.fault(block, 'needs the key `target`, because its kind is "target"');
  }
  const module = readModule(reader, fields.get("module"), kind, block);
  if (kind === "library" && module === null && provides.length === 0) {
    reader.fault(
      block,
      "must have `provides` or `module`: a library without either cannot be used",
    );
  }
  const notice = optionalText(reader, fields.get("notice"));
  const deprecated = optionalText(reader, fields.get("deprecated"));
  return {
    name: name === undefined ? "" : packageName(reader, name),
    version: version === undefined ? "" : strictVersion(reader, version),
    description: optionalText(reader, top.get("description")) ?? "",
    license: optionalText(reader, top.get("license")) ?? "",
    kind,
    module,
    provides,
    requires: readRequirements(reader, fields),
    targets: kind === "target" ? [String(name?.node.value)] : targets,
    conflicts: readRanges(reader, fields.get("conflicts")),
    config,
    ...(notice === undefined ? {} : { notice }),
    ...(deprecated === undefined ? {} : { deprecated }),
    yanked: fields.has("yanked") && reader.bool(fields.get("yanked")!),
    ...(targetField === undefined ? {} : { target: readTarget(reader, targetField) }),
    prefers: readPreferences(reader, fields.get("prefers")),
    ...(fields.has("pins") ? { pins: readRanges(reader, fields.get("pins")) } : {}),
    ...(fields.has("policies") ? { policies: readPolicies(reader, fields.get("policies")!) } : {}),
    settings: readSettings(reader, fields.get("settings")),
    catalogs: readCatalogs(reader, fields.get("catalogs")),
  };
}

function readKind(
  reader: JsonReader,
  value: JsonValue | undefined,
  block: JsonValue,
): PackageKind | null {
  if (value === undefined) {
    reader.fault(block, `needs the key \`kind\`: ${kinds.join(", ")}`);
    return null;
  }
  const found = kinds.find((kind) => kind === value.node.value);
  if (found !== undefined) return found;
  reader.fault(value, `must be one of: ${kinds.join(", ")}`, suggestion(value, kinds));
  return null;
}

function strictVersion(reader: JsonReader, value: JsonValue): string {
  const text = reader.text(value);
  if (text !== null && valid(text) !== text) {
    reader.fault(value, 'must be a version such as "1.0.0"', "three numbers: https://semver.org");
  }
  return text ?? "";
}

function readModule(
  reader: JsonReader,
  value: JsonValue | undefined,
  kind: PackageKind,
  block: JsonValue,
): string | null {
  if (value !== undefined) return modulePath(reader, value);
  if (kind === "app") return "src/main.ts";
  if (kind === "interface")
    reader.fault(block, "needs the key `module`: the file with the declarations");
  return null;
}

/** A source file inside the package: relative, with `/`, nothing that leads out. */
function modulePath(reader: JsonReader, value: JsonValue): string {
  const text = reader.text(value);
  if (text === null) return "";
  const parts = text.split("/");
  const inside = parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part));
  if (!inside || !text.endsWith(".ts") || text.endsWith(".d.ts")) {
    reader.fault(value, 'must be a source file inside the package, such as "src/tcp.ts"');
  }
  return text;
}

function readProvisions(reader: JsonReader, value: JsonValue | undefined): readonly Provision[] {
  if (value === undefined) return [];
  const provisions = reader.entries(value).map(([name, entry]): Provision => {
    const fields = reader.fields(entry, ["version", "module"]);
    const version = reader.required(fields, entry, "version");
    const module = reader.required(fields, entry, "module");
    return {
      interface: packageName(reader, entry, name),
      version: version === undefined ? "" : strictVersion(reader, version),
      module: module === undefined ? "" : modulePath(reader, module),
    };
  });
  return provisions.sort((a, b) => (a.interface < b.interface ? -1 : 1));
}

function readTargets(reader: JsonReader, value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return ["*"];
  const names = reader.items(value).map((item) => {
    const text = reader.text(item);
    if (text === null || text === "*") return text ?? "*";
    const checked = packageName(reader, item);
    const [near] = nearest(checked, knownTargets);
    // A target may come from a catalog that is not known here; only what looks mistyped is refused.
    const known = (knownTargets as readonly string[]).includes(checked);
    if (!known && near !== undefined) {
      reader.fault(item, "is not a known target", `did you mean \`${near}\`?`);
    }
    return checked;
  });
  if (value.node.type === "array" && names.length === 0) {
    reader.fault(value, 'must name a target, or be ["*"] for all');
  }
  if (names.includes("*") && names.length > 1) {
    reader.fault(value, 'has "*" for all targets, and others beside it');
  }
  return [...new Set(names)].sort();
}

/** Package -> range. */
function readRanges(
  reader: JsonReader,
  value: JsonValue | undefined,
): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const ranges = reader
    .entries(value)
    .map(([name, range]) => [packageName(reader, range, name), versionRange(reader, range)]);
  return sorted(ranges as [string, string][]);
}

/** In the order of the manifest. */
function readPolicies(reader: JsonReader, value: JsonValue): readonly Policy[] {
  return reader.items(value).flatMap((item) => {
    const text = reader.text(item);
    if (text === null) return [];
    const place = reader.place(item);
    // Behind the quotation mark.
    const read = readPolicy(text, { ...place, column: place.column + 1 });
    if (!("code" in read)) return [read];
    reader.problems.push(read);
    return [];
  });
}

function readCatalogs(reader: JsonReader, value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return reader.items(value).map((item) => {
    const text = reader.text(item) ?? "";
    if (text === "" || /^([/\\]|[A-Za-z]:)/.test(text) || text.includes("\0")) {
      reader.fault(item, 'must be a folder relative to this file, such as "../libraries"');
    }
    return text;
  });
}

/** A text that people will see on their terminals. */
function optionalText(reader: JsonReader, value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : plainText(reader.text(value) ?? "");
}
