import type { Requirement } from "../model/manifest.ts";
import type { JsonReader, JsonValue } from "./json-reader.ts";
import { faultOfRange } from "./protocol/version-range.ts";

/** The slot that is every package's own settings module, and so cannot be required. */
export const settingsSlot = "config";

/**
 * What a manifest requires: its `requires` and `optional`, and those of each target in `when`. Sorted by
 * slot; a requirement that several targets share is one, with all of them in `when`.
 */
export function readRequirements(
  reader: JsonReader,
  fields: ReadonlyMap<string, JsonValue>,
): readonly Requirement[] {
  const found: Found[] = [];
  readBlock(reader, fields.get("requires"), null, false, found);
  readBlock(reader, fields.get("optional"), null, true, found);
  const when = fields.get("when");
  for (const [target, entry] of when === undefined ? [] : reader.entries(when)) {
    packageName(reader, entry, target);
    const block = reader.fields(entry, ["requires", "optional"]);
    readBlock(reader, block.get("requires"), [target], false, found);
    readBlock(reader, block.get("optional"), [target], true, found);
  }
  const beyond = found[mostRequirements];
  if (beyond !== undefined)
    reader.fault(beyond.value, `is one requirement beyond ${mostRequirements}`);
  return merge(reader, found.slice(0, mostRequirements));
}

/** Each is held against the others. */
const mostRequirements = 1000;

/** A package name as npm has them (lower case, a scope perhaps); the value itself, or the key that it is under. */
export function packageName(reader: JsonReader, value: JsonValue, key?: string): string {
  const name = key ?? reader.text(value);
  if (name === null) return "";
  const wrong = !/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name);
  if (wrong || name.length > 214 || forbidden.has(name)) {
    const what = key === undefined ? "must be" : "is under a key that must be";
    reader.fault(value, `${what} a package name: lower case, such as "tcpip" or "@acme/firewall"`);
  }
  return name;
}

/** Names that npm refuses, or that every JavaScript object has already. */
const forbidden = new Set(["node_modules", "favicon.ico", "constructor"]);

/** A range of versions in npm's notation. */
export function versionRange(reader: JsonReader, value: JsonValue): string {
  const text = reader.text(value);
  const fault = text === null ? null : faultOfRange(text);
  if (fault !== null) reader.fault(value, fault);
  return text ?? "*";
}

interface Found {
  readonly requirement: Requirement;
  readonly value: JsonValue;
}

function readBlock(
  reader: JsonReader,
  block: JsonValue | undefined,
  when: readonly string[] | null,
  optional: boolean,
  found: Found[],
): void {
  if (block === undefined) return;
  for (const [slot, value] of reader.entries(block)) {
    packageName(reader, value, slot);
    if (slot === settingsSlot) {
      reader.fault(value, "cannot be a slot: `config` is the package's own settings");
    }
    const requirement =
      value.node.type === "object"
        ? readObject(reader, slot, value, when, optional)
        : { slot, of: slot, range: versionRange(reader, value), optional, ...(when && { when }) };
    found.push({ requirement, value });
  }
}

function readObject(
  reader: JsonReader,
  slot: string,
  value: JsonValue,
  outer: readonly string[] | null,
  optional: boolean,
): Requirement {
  const fields = reader.fields(value, ["interface", "package", "range", "optional", "when"]);
  const interfaceField = fields.get("interface");
  const packageField = fields.get("package");
  if (interfaceField !== undefined && packageField !== undefined) {
    reader.fault(value, "names an `interface` and a `package`: a slot has one of them");
  }
  const of = interfaceField ?? packageField;
  const range = fields.get("range");
  if (range === undefined) reader.fault(value, 'needs the key `range`, such as "^1.0.0"');
  const whenField = fields.get("when");
  if (whenField !== undefined && outer !== null) {
    reader.fault(whenField, "is inside a `when` block already");
  }
  const when =
    whenField === undefined
      ? outer
      : reader
          .items(whenField)
          .map((item) => packageName(reader, item))
          .sort();
  if (when?.length === 0) reader.fault(value, "has an empty `when`: name the targets");
  const optionalField = fields.get("optional");
  return {
    slot,
    of: of === undefined ? slot : packageName(reader, of),
    range: range === undefined ? "*" : versionRange(reader, range),
    optional: optional || (optionalField !== undefined && reader.bool(optionalField)),
    ...(when === null ? {} : { when: [...new Set(when)] }),
  };
}

/** Joins equal requirements of several targets, and faults a slot that would be filled twice. */
function merge(reader: JsonReader, found: readonly Found[]): readonly Requirement[] {
  const merged: Requirement[] = [];
  for (const { requirement, value } of found) {
    const { slot } = requirement;
    const others = merged.filter((other) => other.slot === slot);
    const other = others.find(({ of }) => of !== requirement.of);
    if (other !== undefined) {
      reader.fault(value, `is \`${other.of}\` elsewhere: a slot asks for the same on every target`);
    }
    const overlap = others.some(
      ({ when }) =>
        when === undefined ||
        requirement.when === undefined ||
        when.some((target) => requirement.when!.includes(target)),
    );
    if (overlap) {
      reader.fault(value, "is required twice");
      continue;
    }
    const same = others.find(
      ({ range, optional }) => range === requirement.range && optional === requirement.optional,
    );
    if (same === undefined) {
      merged.push(requirement);
    } else {
      const when = [...same.when!, ...requirement.when!].sort();
      merged[merged.indexOf(same)] = { ...same, when };
    }
  }
  const key = ({ slot, when }: Requirement) => `${slot}\n${when?.join() ?? ""}`;
  return merged.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
