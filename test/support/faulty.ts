import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, unipkgOk } from "./unipkg.ts";

/** What a kernel does wrong at its start, by the first letter of its command line, and what is told of it. */
export const faults = [
  { letter: "w", name: "a write to code", cause: "write to code" },
  { letter: "c", name: "a write to constants", cause: "write to constants" },
  { letter: "x", name: "the execution of data", cause: "execution of data" },
  { letter: "h", name: "the execution of the program's memory", cause: "execution of data" },
  {
    letter: "o",
    name: "an access beyond the program's memory",
    cause: "memory access out of bounds",
  },
  { letter: "s", name: "a stack that overflows", cause: "stack exhausted" },
  { letter: "n", name: "a null dereference", cause: "null reference" },
] as const;

/** Goes into main.c: no program in WebAssembly can say most of this. */
const misdeeds = `
static u8 data[16] = {0xc3}; /* ret */
static const u8 constant[16] = {1};
static u32 __attribute__((noinline)) overflow(u32 depth) {
  volatile u8 frame[1024];
  frame[depth % 1024] = (u8)depth;
  return overflow(depth + 1) + frame[depth % 1024];
}
static void misdeed(u8 which) {
  switch (which) {
    case 'w': *(volatile u8 *)kernel_main = 0xc3; break;
    case 'c': *(volatile u8 *)constant = 2; break;
    case 'x': ((void (*)(void))data)(); break;
    case 'h': *(volatile u8 *)at(image_records()) = 0xc3; ((void (*)(void))at(image_records()))(); break;
    case 'o': *(volatile u8 *)at(memory_pages * 65536) = 1; break;
    case 's': overflow(0); break;
    case 'n': *(volatile u8 *)16 = 1; break;
  }
  console_text(1, "nothing happened\\n");
}
`;

/** The template \`hello\` on a target that is xen but for these misdeeds; the application's folder. */
export function makeFaultyApp(parent: string): string {
  unipkgOk(parent, "init", "faulty-app", "--template", "hello");
  const app = join(parent, "faulty-app");
  const target = join(parent, "catalog/xen");
  cpSync(join(projectRoot, "recipes/targets/xen"), target, { recursive: true });
  const main = join(target, "runtime/main.c");
  const source = readFileSync(main, "utf8");
  const changed = source
    .replace("void kernel_main(u64 start_info) {", (head) => {
      // struct hvm_start_info: the command line's address is at 24.
      return `void kernel_main(u64);${misdeeds}\n${head}\n  u8 which = **(u8 **)(start_info + 24);`;
    })
    .replace("  struct record *records", (line) => `  misdeed(which);\n${line}`);
  if (changed.length < source.length + misdeeds.length + 80) throw new Error("main.c has changed");
  writeFileSync(main, changed);
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(file, change(readFileSync(file, "utf8")));
  edit(join(target, "package.json"), (text) =>
    text.replace('"version": "1.0.0"', '"version": "1.0.1"'),
  );
  edit(join(app, "package.json"), (text) =>
    text.replace('"kind": "app"', '"kind": "app", "catalogs": ["../catalog"]'),
  );
  return app;
}
