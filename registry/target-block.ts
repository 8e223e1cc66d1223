import type { Manifest, TargetBlock } from "../model/manifest.ts";
import { type JsonReader, type JsonValue, sorted } from "./json-reader.ts";
import { packageName } from "./requirements.ts";

/** What a target offers, forbids and prefers. */
export function readTarget(reader: JsonReader, value: JsonValue): TargetBlock {
  const fields = reader.fields(value, ["backend", "host", "forbids", "prefers", "licences"]);
  const backend = reader.required(fields, value, "backend");
  const texts = (key: string, form: RegExp, meaning: string) => {
    const list = fields.get(key);
    if (list === undefined) return [];
    const read = reader.items(list).map((item) => {
      const text = reader.text(item);
      if (text !== null && !form.test(text)) reader.fault(item, meaning);
      return text ?? "";
    });
    return [...new Set(read)].sort();
  };
  return {
    backend: backend === undefined ? "" : (reader.text(backend) ?? ""),
    host: texts("host", /^[a-z][a-z0-9-]*$/, "must be a module of the host ABI, such as `socket`"),
    forbids: texts(
      "forbids",
      /^(float|unsafe-memory|host:[a-z][a-z0-9-]*)$/,
      "must be an effect: float, unsafe-memory or host:MODULE",
    ),
    prefers: readPreferences(reader, fields.get("prefers")),
    ...(fields.has("licences")
      ? {
          licences: texts(
            "licences",
            /^[A-Za-z0-9][A-Za-z0-9.+-]*$/,
            "must be an SPDX licence such as `GPL-2.0-only`",
          ),
        }
      : {}),
  };
}

/** Interface -> providers, the best first. */
export function readPreferences(
  reader: JsonReader,
  value: JsonValue | undefined,
): Manifest["prefers"] {
  if (value === undefined) return {};
  return sorted(
    reader.entries(value).map(([name, list]) => {
      packageName(reader, list, name);
      return [name, reader.items(list).map((item) => packageName(reader, item))];
    }),
  );
}
