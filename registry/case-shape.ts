import type { Shape } from "./shape.ts";

const strings: Shape = { list: "string" };
const ranges: Shape = { record: "string" };
const place: Shape = { fields: { file: "string", line: "number", column: "number" } };

const type: Shape = {
  either: [
    {
      fields: {
        kind: { words: ["primitive"] },
        name: {
          words: [
            ...["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"],
            ...["isize", "usize", "f32", "f64", "v128", "void"],
          ],
        },
      },
    },
    {
      fields: {
        kind: { words: ["standard"] },
        name: "string",
        arguments: { list: { later: () => type } },
        nullable: "boolean",
      },
    },
    {
      fields: {
        kind: { words: ["named"] },
        interface: { either: ["null", "string"] },
        name: "string",
        nullable: "boolean",
      },
    },
    {
      fields: {
        kind: { words: ["function"] },
        parameters: { list: { later: () => type } },
        returns: { later: () => type },
      },
    },
  ],
};

const callable = {
  parameters: { list: { fields: { name: "string", type, optional: "boolean" } } },
  returns: type,
} as const satisfies Readonly<Record<string, Shape>>;

const members: Shape = {
  record: {
    either: [
      { fields: { kind: { words: ["method"] }, place, ...callable } },
      { fields: { kind: { words: ["property"] }, type, writable: "boolean", place } },
    ],
  },
};

const signature: Shape = {
  fields: {
    exports: {
      record: {
        either: [
          { fields: { kind: { words: ["function"] }, place, ...callable } },
          { fields: { kind: { words: ["constant"] }, type, place } },
          {
            fields: {
              kind: { words: ["class"] },
              construct: { either: ["null", { fields: callable }] },
              members,
              place,
            },
          },
          { fields: { kind: { words: ["interface"] }, members, place } },
        ],
      },
    },
  },
};

const policy: Shape = {
  fields: {
    rule: {
      either: [
        { fields: { kind: { words: ["effect"] }, effect: "string" } },
        { fields: { kind: { words: ["package"] }, name: "string", range: "string" } },
        { fields: { kind: { words: ["deprecated", "prereleases"] } } },
        { fields: { kind: { words: ["scope"] }, scopes: strings } },
        { fields: { kind: { words: ["licences"] }, licences: strings } },
      ],
    },
    except: strings,
    text: "string",
    place,
  },
};

const release: Shape = {
  fields: {
    manifest: {
      fields: {
        name: "string",
        version: "string",
        license: "string",
        kind: { words: ["interface", "library", "target", "app"] },
        provides: {
          list: { fields: { interface: "string", version: "string", module: "string" } },
        },
        requires: {
          list: {
            fields: { slot: "string", of: "string", range: "string", optional: "boolean" },
            optional: { when: strings },
          },
        },
        targets: strings,
        conflicts: ranges,
        yanked: "boolean",
        prefers: { record: strings },
      },
      optional: {
        deprecated: "string",
        target: {
          fields: { host: strings, forbids: strings, prefers: { record: strings } },
          optional: { licences: strings },
        },
        pins: ranges,
        policies: { list: policy },
      },
    },
    integrity: "string",
    signature: { either: ["null", signature] },
    provided: { record: signature },
    uses: { record: strings },
    effects: { list: { fields: { effect: "string", function: "string", place } } },
  },
};

const namedRanges: Shape = { list: { fields: { name: "string", range: "string" } } };

const plan: Shape = {
  fields: {
    target: "string",
    root: "string",
    packages: { list: { fields: { name: "string", version: "string", integrity: "string" } } },
    bindings: {
      list: {
        fields: {
          consumer: "string",
          slot: "string",
          interface: { either: ["null", "string"] },
          provider: "string",
          reason: "string",
        },
      },
    },
  },
};

/** What a saved case looks like: as much of it as the solver relies on. */
export const caseShape: Shape = {
  fields: {
    format: "number",
    request: {
      fields: {
        root: release,
        targets: strings,
        locked: { list: plan },
        upgrade: { either: [{ words: ["all"] }, strings] },
        with: namedRanges,
        without: strings,
        prefer: strings,
      },
      optional: { pins: namedRanges, policies: { list: policy } },
    },
    names: strings,
    releases: { list: release },
  },
};
