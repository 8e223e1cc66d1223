import { expect, test } from "vitest";
import { translate } from "../../linker/native/translate.ts";

const memory = { blobAddress: 65536, blobLength: 0, maximumPages: 100 };

function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content];
}

/** A module by hand: `start`, `poll` and `records`, with `body` as the instructions of `records`. */
function moduleWith(...body: number[]): Uint8Array {
  const code = [0, ...body, 0x0b];
  const minusOne = [4, 0, 0x42, 0x7f, 0x0b];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 3, 0x60, 1, 0x7e, 1, 0x7e, 0x60, 2, 0x7e, 0x7f, 1, 0x7e, 0x60, 0, 1, 0x7f),
    ...section(3, 3, 0, 1, 2),
    ...section(5, 1, 1, 2, 4),
    ...section(7, 3, ...name("start"), 0, 0, ...name("poll"), 0, 1, ...name("records"), 0, 2),
    ...section(10, 3, ...minusOne, ...minusOne, code.length, ...code),
  ]);
}

function records(...body: number[]): string {
  const translation = translate(moduleWith(...body), "", memory);
  if ("kind" in translation) throw new Error(JSON.stringify(translation));
  return /u32 function_2_2\(void\) \{ ENTER (.*)\}/.exec(translation.c)?.[1]?.trim() ?? "";
}

test("a constant is returned as it is", () => {
  expect(records(0x41, 0x2a)).toBe("return 42u;");
});

test("code that cannot be reached is read over, whatever is in it", () => {
  const unreachable = 0x00;
  const dead = [
    ...[0x41, 1, 0x04, 0x7f, 0x41, 2, 0x05, 0x41, 3, 0x0b, 0x1a], // if, else, end, drop
    ...[0x02, 0x40, 0x03, 0x40, 0x0e, 2, 0, 1, 0, 0x0b, 0x0b], // block, loop, br_table
    ...[0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a], // i64.const
    ...[
      0x43, 0x0b, 0x0b, 0x0b, 0x0b, 0x1a, 0x44, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
      0x1a,
    ],
    ...[0x28, 2, 0x0b, 0x36, 0, 0x0b, 0x3f, 0, 0x40, 0, 0x10, 0x0b, 0x0c, 0x0b, 0x0d, 0x0b], // memory, call, br
    ...[0x20, 0x0b, 0x21, 0x0b, 0x1c, 1, 0x7f, 0xfc, 8, 0x0b, 0, 0xfc, 9, 0x0b], // locals, select, memory.init
    ...[0xfc, 10, 0, 0, 0xfc, 11, 0, 0xfc, 0, 0x6a, 0x0f], // bulk memory, saturation, add, return
  ];
  expect(records(unreachable, ...dead)).toBe(
    'UNREACHABLE(WHERE("function 2 (wasm:function 2:1)"));',
  );
});

test("what follows a block that was left is alive again", () => {
  // block; br 0; unreachable; end; i32.const 5
  expect(records(0x02, 0x40, 0x0c, 0, 0x00, 0x0b, 0x41, 5)).toBe("goto end1; end1:; return 5u;");
});

test.each([
  ["SIMD", [0xfd, 0x0c], /unsupported instruction 0xfd at byte \d+/],
  ["threads", [0xfe, 0x00], /unsupported instruction 0xfe/],
  ["references", [0xd0, 0x70], /unsupported instruction 0xd0/],
  ["several results", [0x02, 0x00], /several results/],
])("%s is refused with its place", (_, body, reason) => {
  const refusal = translate(moduleWith(...body), "", memory);
  expect(refusal).toMatchObject({ kind: "unsupported", reason: expect.stringMatching(reason) });
});

test("bytes that are no module, or half of one, are refused", () => {
  const whole = moduleWith(0x41, 0x2a);
  expect(translate(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), "", memory)).toMatchObject({
    kind: "unsupported",
    reason: "not a WebAssembly module at byte 0",
  });
  for (let length = 0; length < whole.length; length++) {
    expect(translate(whole.subarray(0, length), "", memory)).toMatchObject({ kind: "unsupported" });
  }
});
