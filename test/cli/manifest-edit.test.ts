import { describe, expect, test } from "vitest";
import { withEntry, withoutEntry } from "../../cli/manifest-edit.ts";

const requires = (name: string) => ["unipkg", "requires", name];

describe("withEntry", () => {
  test("keeps tabs, order and odd spaces", () => {
    const text =
      '{\n\t"name" : "a",\n\t"unipkg": {\n\t\t"requires": {\n\t\t\t"b":"^1",\n\t\t\t"d":"^1"\n\t\t}\n\t},\n\n\t"odd":   1\n}';
    expect(withEntry(text, requires("c"), "^2")).toBe(
      text.replace('"b":"^1",\n', '"b":"^1",\n\t\t\t"c":"^2",\n'),
    );
  });

  test("stays on one line where the others are", () => {
    const text = '{\n  "unipkg": { "requires": { "console": "^1" } }\n}\n';
    expect(withEntry(text, requires("http"), "^1")).toBe(
      '{\n  "unipkg": { "requires": { "console": "^1", "http": "^1" } }\n}\n',
    );
  });

  test("appends where the others are not sorted", () => {
    const text = '{"unipkg":{"requires":{"tcp":"1","http":"1"}}}';
    expect(withEntry(text, requires("clock"), "1")).toBe(
      '{"unipkg":{"requires":{"tcp":"1","http":"1","clock":"1"}}}',
    );
  });

  test("makes the block with the file's line ends and indentation", () => {
    const text =
      '{\r\n    "name": "a",\r\n    "unipkg": {\r\n        "kind": "app"\r\n    }\r\n}\r\n';
    expect(withEntry(text, requires("http"), "^1")).toBe(
      '{\r\n    "name": "a",\r\n    "unipkg": {\r\n        "kind": "app",\r\n        "requires": {\r\n            "http": "^1"\r\n        }\r\n    }\r\n}\r\n',
    );
  });

  test("replaces a value alone", () => {
    const text = '{ "unipkg": { "requires": { "http" :  "^1" } } }';
    expect(withEntry(text, requires("http"), "^2")).toBe(text.replace("^1", "^2"));
  });
});

describe("withoutEntry", () => {
  test.each([
    ["first", "a", '{ "unipkg": { "requires": { "b": "1",\n "c": "1" } } }'],
    ["middle", "b", '{ "unipkg": { "requires": { "a": "1",\n "c": "1" } } }'],
    ["last", "c", '{ "unipkg": { "requires": { "a": "1", "b": "1" } } }'],
  ])("takes the %s entry with its comma", (_, name, expected) => {
    const text = '{ "unipkg": { "requires": { "a": "1", "b": "1",\n "c": "1" } } }';
    expect(withoutEntry(text, requires(name))).toBe(expected);
  });

  test("undoes withEntry to the byte", () => {
    const text =
      '{\n  "unipkg": {\n    "requires": {\n      "b": "1",\n      "d": "1"\n    }\n  }\n}\n';
    for (const name of ["a", "c", "e"]) {
      expect(withoutEntry(withEntry(text, requires(name), "1"), requires(name))).toBe(text);
    }
  });

  test("leaves an empty object, and a text without the entry", () => {
    expect(withoutEntry('{"unipkg":{"requires":{"a":"1"}}}', requires("a"))).toBe(
      '{"unipkg":{"requires":{}}}',
    );
    expect(withoutEntry("{}", requires("a"))).toBe("{}");
  });
});
