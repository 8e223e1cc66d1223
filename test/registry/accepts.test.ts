import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts } from "../../model/accepts.ts";
import type { Place } from "../../model/place.ts";
import type {
  ExportedItem,
  FunctionShape,
  Member,
  Primitive,
  Signature,
  Type,
} from "../../model/signature.ts";

const place: Place = { file: "src/a.ts", line: 1, column: 1 };
const structures = ["Alpha", "Beta", "Gamma"];

const primitive: fc.Arbitrary<Type> = fc
  .constantFrom<Primitive>("bool", "i32", "u8", "u16", "u64", "usize", "f64")
  .map((name) => ({ kind: "primitive", name }));
const { type } = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small" },
    primitive,
    fc.record({
      kind: fc.constant("named" as const),
      interface: fc.constant(null),
      name: fc.constantFrom(...structures),
      nullable: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("standard" as const),
      name: fc.constant("Array"),
      arguments: fc.tuple(tie("type")),
      nullable: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("function" as const),
      parameters: fc.array(tie("type"), { maxLength: 2 }),
      returns: tie("type"),
    }),
  ),
}));
const shape: fc.Arbitrary<FunctionShape> = fc
  .record({ types: fc.array(type, { maxLength: 3 }), optional: fc.nat(3), returns: type })
  .map(({ types, optional, returns }) => ({
    parameters: types.map((each, index) => ({
      name: `p${index}`,
      type: each,
      optional: index >= types.length - optional,
    })),
    returns,
  }));
const member: fc.Arbitrary<Member> = fc.oneof(
  shape.map((each): Member => ({ kind: "method", ...each, place })),
  fc
    .record({ type, writable: fc.boolean() })
    .map((each): Member => ({ kind: "property", ...each, place })),
);
const members = fc.dictionary(fc.constantFrom("one", "two", "toString"), member, { maxKeys: 3 });
const structure: fc.Arbitrary<ExportedItem> = fc.oneof(
  members.map((each): ExportedItem => ({ kind: "interface", members: each, place })),
  fc
    .record({ construct: fc.option(shape), members })
    .map((each): ExportedItem => ({ kind: "class", ...each, place })),
);
const value: fc.Arbitrary<ExportedItem> = fc.oneof(
  shape.map((each): ExportedItem => ({ kind: "function", ...each, place })),
  type.map((each): ExportedItem => ({ kind: "constant", type: each, place })),
);
const signature: fc.Arbitrary<Signature> = fc
  .tuple(
    fc.dictionary(fc.constantFrom("f", "g", "LIMIT", "constructor"), value, { minKeys: 1 }),
    fc.tuple(structure, structure, structure),
  )
  .map(([values, items]) => ({
    exports: { ...values, ...Object.fromEntries(items.map((item, at) => [structures[at], item])) },
  }));

/** The signature with one item in place of another. */
function withItem(from: Signature, name: string, item: ExportedItem | null): Signature {
  const rest = Object.entries(from.exports).filter(([key]) => key !== name);
  return { exports: Object.fromEntries(item === null ? rest : [...rest, [name, item]]) };
}

/** Another type that neither may stand for the other. */
function otherType(from: Type): Type {
  return from.kind === "primitive" && from.name === "u32"
    ? { kind: "primitive", name: "i8" }
    : { kind: "primitive", name: "u32" };
}

describe("accepts", () => {
  const options = { seed: 11, numRuns: 300 };

  it("accepts every signature for itself, under any uses", () => {
    const uses = fc.array(
      fc.constantFrom("f", "g", "Alpha", "Beta#one", "Gamma#constructor", "none"),
    );
    fc.assert(
      fc.property(signature, fc.option(uses), (each, used) => {
        expect(accepts(each, each, used ?? undefined)).toEqual([]);
      }),
      options,
    );
  });

  it("accepts more exports, and parameters more that may be left out", () => {
    fc.assert(
      fc.property(signature, type, (each, extra) => {
        let provided = withItem(each, "more", { kind: "constant", type: extra, place });
        for (const [name, item] of Object.entries(each.exports)) {
          if (item.kind !== "function") continue;
          const parameters = [...item.parameters, { name: "extra", type: extra, optional: true }];
          provided = withItem(provided, name, { ...item, parameters });
        }
        expect(accepts(each, provided)).toEqual([]);
      }),
      options,
    );
  });

  it("finds every export that is missing, and is sorted by item", () => {
    fc.assert(
      fc.property(signature, (each) => {
        const names = Object.keys(each.exports);
        for (const name of names) {
          const found = accepts(each, withItem(each, name, null)).map(({ item }) => item);
          expect(found).toContain(name);
          expect(found).toEqual([...found].sort());
        }
        expect(accepts(each, { exports: {} }).map(({ item }) => item)).toEqual(names.sort());
      }),
      options,
    );
  });

  it("finds a changed type wherever it stands in a function or constant", () => {
    fc.assert(
      fc.property(signature, fc.nat(), (each, choice) => {
        for (const [name, item] of Object.entries(each.exports)) {
          let changed: ExportedItem;
          if (item.kind === "constant") changed = { ...item, type: otherType(item.type) };
          else if (item.kind === "function") {
            const at = choice % (item.parameters.length + 1);
            changed =
              at === item.parameters.length
                ? { ...item, returns: otherType(item.returns) }
                : {
                    ...item,
                    parameters: item.parameters.map((parameter, index) =>
                      index === at ? { ...parameter, type: otherType(parameter.type) } : parameter,
                    ),
                  };
          } else continue;
          const provided = withItem(each, name, changed);
          expect(accepts(each, provided).map((difference) => difference.item)).toContain(name);
          expect(accepts(each, provided, [name]).map(({ item: found }) => found)).toContain(name);
          expect(accepts(each, provided, ["none"])).toEqual([]);
        }
      }),
      options,
    );
  });

  it("finds a changed or missing member of a class", () => {
    fc.assert(
      fc.property(signature, (each) => {
        for (const [name, item] of Object.entries(each.exports)) {
          if (item.kind !== "class") continue;
          for (const [key, old] of Object.entries(item.members)) {
            const rest = Object.fromEntries(
              Object.entries(item.members).filter(([k]) => k !== key),
            );
            const swapped: Member =
              old.kind === "method"
                ? { ...old, returns: otherType(old.returns) }
                : { ...old, type: otherType(old.type) };
            for (const members of [rest, { ...rest, [key]: swapped }]) {
              const provided = withItem(each, name, { ...item, members });
              const found = accepts(each, provided).map((difference) => difference.item);
              expect(found).toContain(`${name}#${key}`);
            }
          }
        }
      }),
      options,
    );
  });
});
