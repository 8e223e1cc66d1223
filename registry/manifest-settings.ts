import type { Manifest, SettingDeclaration, SettingType, SettingValue } from "../model/manifest.ts";
import { plainText } from "../model/plain-text.ts";
import { settingFault, settingSuffix, settingTypes } from "../model/setting.ts";
import { type JsonReader, type JsonValue, sorted, suggestion } from "./json-reader.ts";

/** Words that cannot be the name of a constant of the settings module. */
const reserved = new Set(
  (
    "abstract arguments as async await bool break case catch class const constructor continue debugger " +
    "declare default delete do else enum eval export extends false finally for from function get if " +
    "implements import in instanceof interface is keyof let module namespace new null of package private " +
    "protected public readonly return set static string super switch this throw true try type typeof " +
    "undefined unchecked usize isize void while with yield i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 v128 " +
    "load store changetype memory heap assert abort trace toString valueOf hasOwnProperty isPrototypeOf " +
    "propertyIsEnumerable toLocaleString"
  ).split(" "),
);

/** What a package lets its user set: the key `config`. */
export function readConfig(
  reader: JsonReader,
  value: JsonValue | undefined,
): Readonly<Record<string, SettingDeclaration>> {
  if (value === undefined) return {};
  const entries = reader.entries(value);
  const constants = new Map<string, string>();
  const declarations: [string, SettingDeclaration][] = [];
  for (const [name, entry] of entries) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(name) || reserved.has(name)) {
      reader.fault(
        entry,
        "must be named in camelCase, and not by a word of the language: the source imports it by this name",
      );
    }
    const fields = reader.fields(entry, ["type", "doc", "default", "buildTime", "runTime"]);
    const type = readSettingType(reader, fields.get("type"), entry);
    const doc = fields.has("doc") ? reader.text(fields.get("doc")!) : "";
    if (doc === "") reader.fault(entry, "needs the key `doc`: a sentence for the one who sets it");
    if (type === null) continue;
    for (const constant of (settingSuffix[type] ?? [""]).map((end) => `${name}${end}`)) {
      const other = constants.get(constant);
      if (other !== undefined)
        reader.fault(entry, `makes the constant ${constant}, as \`${other}\` does`);
      constants.set(constant, name);
    }
    const given = fields.has("default") ? settingValue(reader, fields.get("default")!) : undefined;
    const fault = given === undefined ? null : settingFault(type, given);
    if (fault !== null) reader.fault(fields.get("default")!, fault);
    const buildTime = fields.has("buildTime") && reader.bool(fields.get("buildTime")!);
    if (buildTime && type !== "file" && type !== "folder") {
      reader.fault(fields.get("buildTime")!, "is for the types `file` and `folder`");
    }
    const runTime = fields.has("runTime") && reader.bool(fields.get("runTime")!);
    if (runTime && (type === "file" || type === "folder")) {
      reader.fault(fields.get("runTime")!, `is for all types but \`file\` and \`folder\``);
    }
    declarations.push([
      name,
      {
        type,
        doc: plainText(doc ?? ""),
        ...(given === undefined ? {} : { default: given }),
        ...(buildTime ? { buildTime } : {}),
        ...(runTime ? { runTime } : {}),
      },
    ]);
  }
  return sorted(declarations);
}

function readSettingType(
  reader: JsonReader,
  value: JsonValue | undefined,
  entry: JsonValue,
): SettingType | null {
  const known = settingTypes.join(", ");
  if (value === undefined) {
    reader.fault(entry, `needs the key \`type\`: ${known}`);
    return null;
  }
  const found = settingTypes.find((type) => type === value.node.value);
  if (found === undefined) {
    reader.fault(value, `must be one of: ${known}`, suggestion(value, settingTypes));
  }
  return found ?? null;
}

function settingValue(reader: JsonReader, value: JsonValue): SettingValue | undefined {
  if (["boolean", "number", "string"].includes(value.node.type)) {
    return value.node.value as SettingValue;
  }
  reader.fault(value, "must be true, false, a number or a text");
  return undefined;
}

/** What an application sets: the key `settings`. */
export function readSettings(
  reader: JsonReader,
  value: JsonValue | undefined,
): Manifest["settings"] {
  if (value === undefined) return {};
  return sorted(
    reader.entries(value).map(([owner, entry]) => {
      const values: [string, SettingValue][] = [];
      for (const [name, item] of reader.entries(entry)) {
        const given = settingValue(reader, item);
        if (given !== undefined) values.push([name, given]);
      }
      return [owner, sorted(values)];
    }),
  );
}
