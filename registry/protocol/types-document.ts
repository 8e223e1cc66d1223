import type { Effect, EffectUse } from "../../model/effect.ts";
import type { Place } from "../../model/place.ts";
import type { Release } from "../../model/release.ts";
import type {
  ExportedItem,
  FunctionShape,
  Member,
  Parameter,
  Primitive,
  Signature,
  Type,
} from "../../model/signature.ts";

/** What is stored of a release's types, in a document of its own that is known by its digest. */
export type ReleaseTypes = Pick<Release, "signature" | "provided" | "uses">;

/** Equal types are equal bytes: the records were made with sorted keys. */
export function formatTypes({ signature, provided, uses }: ReleaseTypes): string {
  return JSON.stringify({ signature, provided, uses });
}

/** Deeper types than this are not written by people, and a hostile document must not exhaust the stack. */
const deepest = 32;

/** Reads a types document of a stranger; throws a sentence when anything in it is not as it should be. */
export function parseTypes(text: string): ReleaseTypes {
  const { signature, provided, uses } = record(JSON.parse(text), "the document");
  return {
    signature: signature === null ? null : readSignature(signature),
    provided: mapped(provided, "provided", readSignature),
    uses: mapped(uses, "uses", (list) => listOf(list, "uses", (item) => string(item, "use"))),
  };
}

/** Reads the effects of an index line; throws a sentence when they are not as they should be. */
export function readEffects(value: unknown): readonly EffectUse[] {
  return listOf(value, "effects", (item): EffectUse => {
    const { effect, function: name, place } = record(item, "an effect");
    const known = string(effect, "effect");
    if (!/^(float|unsafe-memory|host:[a-z][a-z0-9-]*)$/.test(known)) {
      throw new Error(`"${known}" is no effect`);
    }
    return { effect: known as Effect, function: string(name, "function"), place: readPlace(place) };
  });
}

function readSignature(value: unknown): Signature {
  return { exports: mapped(record(value, "a signature")["exports"], "exports", readItem) };
}

function readItem(value: unknown): ExportedItem {
  const item = record(value, "an export");
  const place = readPlace(item["place"]);
  switch (item["kind"]) {
    case "function":
      return { kind: "function", ...readShape(item, 0), place };
    case "constant":
      return { kind: "constant", type: readType(item["type"], 0), place };
    case "class": {
      const construct =
        item["construct"] === null ? null : readShape(record(item["construct"], "construct"), 0);
      return {
        kind: "class",
        construct,
        members: mapped(item["members"], "members", readMember),
        place,
      };
    }
    case "interface":
      return { kind: "interface", members: mapped(item["members"], "members", readMember), place };
    default:
      throw new Error(`an export has the unknown kind ${JSON.stringify(item["kind"])}`);
  }
}

function readMember(value: unknown): Member {
  const member = record(value, "a member");
  const place = readPlace(member["place"]);
  if (member["kind"] === "method") return { kind: "method", ...readShape(member, 0), place };
  if (member["kind"] !== "property") throw new Error("a member is neither method nor property");
  return {
    kind: "property",
    type: readType(member["type"], 0),
    writable: member["writable"] === true,
    place,
  };
}

function readShape(value: Readonly<Record<string, unknown>>, depth: number): FunctionShape {
  const parameters = listOf(value["parameters"], "parameters", (item): Parameter => {
    const { name, type, optional } = record(item, "a parameter");
    return { name: string(name, "name"), type: readType(type, depth), optional: optional === true };
  });
  return { parameters, returns: readType(value["returns"], depth) };
}

const primitives: ReadonlySet<string> = new Set(
  "bool i8 i16 i32 i64 u8 u16 u32 u64 isize usize f32 f64 v128 void".split(" "),
);

function readType(value: unknown, depth: number): Type {
  if (depth > deepest) throw new Error("types are nested too deep");
  const type = record(value, "a type");
  switch (type["kind"]) {
    case "primitive": {
      const name = string(type["name"], "name");
      if (!primitives.has(name)) throw new Error(`"${name}" is no primitive type`);
      return { kind: "primitive", name: name as Primitive };
    }
    case "standard":
      return {
        kind: "standard",
        name: string(type["name"], "name"),
        arguments: listOf(type["arguments"], "arguments", (item) => readType(item, depth + 1)),
        nullable: type["nullable"] === true,
      };
    case "named":
      return {
        kind: "named",
        interface: type["interface"] === null ? null : string(type["interface"], "interface"),
        name: string(type["name"], "name"),
        nullable: type["nullable"] === true,
      };
    case "function": {
      const parameters = listOf(type["parameters"], "parameters", (item) =>
        readType(item, depth + 1),
      );
      return { kind: "function", parameters, returns: readType(type["returns"], depth + 1) };
    }
    default:
      throw new Error(`a type has the unknown kind ${JSON.stringify(type["kind"])}`);
  }
}

function readPlace(value: unknown): Place {
  const { file, line, column } = record(value, "a place");
  if (!Number.isSafeInteger(line) || !Number.isSafeInteger(column)) {
    throw new Error("a place has no line and column");
  }
  return { file: string(file, "file"), line: line as number, column: column as number };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** `__proto__` from JSON is an own key; it is refused, as are the others that plain objects have. */
function mapped<T>(value: unknown, what: string, read: (item: unknown) => T): Record<string, T> {
  const entries = Object.entries(record(value, what));
  if (entries.some(([key]) => key === "__proto__"))
    throw new Error(`${what} has the key __proto__`);
  return Object.fromEntries(entries.map(([key, item]) => [key, read(item)]));
}

function listOf<T>(value: unknown, what: string, read: (item: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value.map(read);
}

function string(value: unknown, what: string): string {
  if (typeof value !== "string" || value.length > 2000) throw new Error(`${what} is not a text`);
  return value;
}
