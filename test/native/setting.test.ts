// What images make of the settings that they are given at their start (recipes/targets/unix/runtime/setting.c), beside what the
// linker makes of the same texts. Needs: cc.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { parameterTable } from "../../linker/native/parameter-table.ts";
import type { Parameter } from "../../linker/parameters.ts";
import type { SettingValue } from "../../model/manifest.ts";
import { settingFault } from "../../model/setting.ts";
import { temporaryFolder } from "../support/unipkg.ts";

type Type = Parameter["type"];

const types: readonly Type[] = [
  ...(["bool", "i32", "i64", "u8", "u16", "u32", "u64"] as const),
  ...(["string", "ipv4", "ipv4-cidr", "ipv6", "ipv6-cidr"] as const),
];

/** Gives each pair of lines, number and text, to `parameter_set`; prints the fault, or the parts. */
const harness = `
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "unipkg.h"
int main(void) {
  static char number[32], text[4096];
  while (fgets(number, sizeof number, stdin) && fgets(text, sizeof text, stdin)) {
    text[strcspn(text, "\\n")] = 0;
    struct image_parameter *parameter = &image_parameters[atoi(number)];
    const char *fault = parameter_set(parameter, text);
    if (fault != NULL) puts(fault);
    else printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\\n", parameter->numbers[0], parameter->numbers[1], parameter->numbers[2]);
  }
}
`;

let program: string;

beforeAll(() => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  writeFileSync(path("harness.c"), harness);
  const parameters = types.map((type) => ({ name: type, type, doc: "", value: sample(type) }));
  writeFileSync(path("table.c"), parameterTable(parameters));
  const runtime = "recipes/targets/unix/runtime";
  program = path("harness");
  const sources = [path("harness.c"), path("table.c"), `${runtime}/setting.c`];
  execFileSync("cc", ["-std=gnu11", "-O1", `-I${runtime}`, "-o", program, ...sources]);
  return () => folder.remove();
});

/** Any value that fits. */
function sample(type: Type): SettingValue {
  if (type === "bool") return true;
  const texts = { string: "x", ipv4: "1.2.3.4", "ipv4-cidr": "1.2.3.4/5" };
  if (type in texts) return texts[type as keyof typeof texts];
  return type.startsWith("ipv6") ? `1::2${type === "ipv6" ? "" : "/3"}` : 1;
}

/** A text as the command line gives it for a setting, and the manifest for a number. */
function givenValue(type: Type, text: string): SettingValue {
  if (type === "bool") return text === "true" ? true : text === "false" ? false : text;
  if (!/^[iu]/.test(type) || type.startsWith("ip") || !/^-?\d+$/.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** The parts that the linker puts into an image for this value. */
function partsOf(type: Type, value: SettingValue): string {
  const table = parameterTable([{ name: "x", type, doc: "", value }]);
  const parts = /\{([^{}]*)\}\},/
    .exec(table)![1]!
    .split(", ")
    .map((part) => part.slice(0, -3));
  return [0, 1, 2].map((at) => parts[at] ?? "0").join(" ");
}

const octet = fc.oneof(fc.nat(300).map(String), fc.constantFrom("00", "01", "", "256"));
const ipv4 = fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join("."));
const group = fc.oneof(
  fc.nat(0x1ffff).map((number) => number.toString(16)),
  fc.constantFrom("", "0", "00000", "FFFF", "g"),
);
const ipv6 = fc
  .tuple(fc.array(group, { maxLength: 9 }), fc.constantFrom("", "::", ":"), fc.option(ipv4))
  .chain(([groups, gap, tail]) =>
    fc.nat(groups.length).map((at) => {
      const last = tail === null ? [] : [tail];
      const [head, rest] = [groups.slice(0, at), [...groups.slice(at), ...last]];
      return gap === "" ? [...head, ...rest].join(":") : `${head.join(":")}${gap}${rest.join(":")}`;
    }),
  );
const prefix = fc.oneof(
  fc.constant(""),
  fc.nat(140).map((length) => `/${length}`),
  fc.constantFrom("/", "/01", "/032", "/ 1", "/1/2"),
);
const whole = fc.oneof(
  fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String),
  fc.constantFrom(...[0n, 8n, 16n, 31n, 32n, 63n, 64n].flatMap((bits) => edges(2n ** bits))),
  fc.constantFrom("", "-", "+1", "00", "-0", "0x1", "1 ", "1e3", "true", "false", "True"),
);
const text = fc.oneof(
  whole,
  fc.tuple(ipv4, prefix).map((parts) => parts.join("")),
  fc.tuple(ipv6, prefix).map((parts) => parts.join("")),
  fc.stringMatching(/^[ -~]{0,12}$/),
);

function edges(power: bigint): string[] {
  return [power - 1n, power, power + 1n].flatMap((number) => [String(number), String(-number)]);
}

test("a text is taken, or refused with the same words, as when the image is built", () => {
  const cases = fc.sample(fc.tuple(fc.nat(types.length - 1), text), { seed: 6, numRuns: 20_000 });
  const input = cases.map(([index, given]) => `${index}\n${given}\n`).join("");
  const answers = execFileSync(program, { input, encoding: "utf8" }).split("\n");
  let taken = 0;
  for (const [at, [index, given]] of cases.entries()) {
    const type = types[index]!;
    const value = givenValue(type, given);
    const fault = settingFault(type, value);
    const expected = fault ?? partsOf(type, value);
    if (fault === null) taken++;
    expect(`${type} ${given}: ${answers[at]}`).toBe(`${type} ${given}: ${expected}`);
  }
  expect(taken).toBeGreaterThan(cases.length / 20);
});

test("a text of the manifest is in the table as it is, whatever it holds", () => {
  const doc = 'a "b" \\ ??/ ü\n%s';
  expect(parameterTable([{ name: "x", type: "u8", doc, value: 1 }])).toContain(
    '"a \\042b\\042 \\134 \\077\\077/ \\303\\274 %s"',
  );
});
