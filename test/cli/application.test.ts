// The commands that work on an application, on one with a catalog of its own: whole outputs, and what they write.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testFolder } from "../support/unipkg.ts";
import { deskManifest, liar, makeDesk, newerPolite, write } from "./desk.ts";
import { runCli } from "./harness.ts";

const line = (text: string) => text.split(" ").filter((word) => word !== "");

/** Runs commands one after the other and gives all that they said. */
async function session(folder: string, ...lines: readonly string[]): Promise<string> {
  const told: string[] = [];
  for (const each of lines) told.push((await runCli(folder, line(each))).whole);
  return told.join("\n");
}

const read = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

describe("init", () => {
  test("makes an application named as its folder, and tells the next two commands", async () => {
    const folder = testFolder();
    const told = await session(folder, "init My-Greeting --template hello", "init site");
    expect(told).toMatchSnapshot();
    expect(JSON.parse(read(folder, "My-Greeting/package.json")).name).toBe("my-greeting");
    expect(readdirSync(folder).sort()).toEqual(["My-Greeting", "site"]);
    expect(readdirSync(join(folder, "site")).sort()).toEqual([
      ".gitignore",
      "package.json",
      "public",
      "src",
    ]);
  });

  test("refuses a folder with something in it, and leaves it alone", async () => {
    const folder = testFolder();
    write(folder, { "notes/todo.txt": "buy milk", file: "" });
    expect(
      await session(folder, "init notes", "init file", "init tcp", "init ..."),
    ).toMatchSnapshot();
    expect(readdirSync(folder).sort()).toEqual(["file", "notes"]);
    expect(readdirSync(join(folder, "notes"))).toEqual(["todo.txt"]);
  });

  test("fills an empty folder, a git repository's too", async () => {
    const folder = testFolder();
    mkdirSync(join(folder, "here/.git"), { recursive: true });
    const { status } = await runCli(join(folder, "here"), ["init", "."]);
    expect(status).toBe(0);
    expect(readdirSync(folder)).toEqual(["here"]);
    expect(readdirSync(join(folder, "here")).sort()).toEqual([
      ".git",
      ".gitignore",
      "package.json",
      "public",
      "src",
    ]);
  });
});

describe("solve", () => {
  test("shows the plan, writes the lockfile, and keeps both while nothing changes", async () => {
    const { app } = makeDesk();
    expect(await session(app, "solve", "solve --locked", "tree --quiet")).toMatchSnapshot();
    const lock = read(app, "unipkg.lock");
    expect(lock.replace(/sha512-[^"]+/g, "sha512-…")).toMatchSnapshot();
    rmSync(join(app, ".unipkg"), { recursive: true });
    await session(app, "solve");
    expect(read(app, "unipkg.lock")).toBe(lock);
  });

  test("keeps what is locked until an upgrade is asked for", async () => {
    const { app, catalog } = makeDesk();
    await session(app, "solve --prefer polite");
    write(catalog, newerPolite);
    const told = await session(app, "solve", "solve --upgrade nobody", "solve --upgrade polite");
    expect(told).toMatchSnapshot();
  });

  test("takes and leaves packages as it is told to, and remembers that in the lockfile", async () => {
    const { app } = makeDesk();
    const told = await session(
      app,
      "solve --prefer polite",
      "solve",
      "solve --without polite",
      "solve",
    );
    expect(told).toMatchSnapshot();
  });

  test("is one JSON document under --json", async () => {
    const { app } = makeDesk();
    const { stdout, stderr } = await runCli(app, ["solve", "--json"]);
    expect(stderr).toBe("");
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual([
      "ok",
      "plans",
      "changes",
      "proven",
      "peakMemory",
      "notes",
    ]);
    expect(document.plans[0]).toMatchObject({ target: "unix", root: "desk" });
  });

  test("says what is wrong", async () => {
    const { app } = makeDesk();
    const told = await session(
      app,
      "solve --target unxi",
      "solve --with politer --without greter",
      "solve --without polite --without curt",
      "solve --locked",
    );
    expect(told).toMatchSnapshot();
    expect(readdirSync(app)).not.toContain("unipkg.lock");
  });

  test("refuses a provider that lies, with both places", async () => {
    const { app, catalog } = makeDesk();
    write(catalog, liar);
    for (const honest of ["polite-1.0.0", "curt-1.0.0"]) {
      rmSync(join(catalog, honest), { recursive: true });
    }
    expect(await session(app, "solve")).toMatchSnapshot();
  });
});

describe("add and remove", () => {
  test("change one line of package.json, and undo each other to the byte", async () => {
    const { app } = makeDesk();
    await session(app, "solve");
    const lock = read(app, "unipkg.lock");
    expect(
      await session(app, "add timer random@^1", "add timer", "add timer@~1.0.0"),
    ).toMatchSnapshot();
    expect(read(app, "package.json")).toBe(
      deskManifest.replace(
        '"greeter": "^1.0.0"\n',
        '"greeter": "^1.0.0",\n\t\t\t"random": "^1",\n\t\t\t"timer": "~1.0.0"\n',
      ),
    );
    expect(await session(app, "remove timer random")).toMatchSnapshot();
    expect(read(app, "package.json")).toBe(deskManifest);
    expect(read(app, "unipkg.lock")).toBe(lock);
  });

  test("a library is required by name and preferred", async () => {
    const { app } = makeDesk();
    expect(await session(app, "add polite", "tree")).toMatchSnapshot();
  });

  test("write nothing when a word is wrong or no plan would exist", async () => {
    const { app } = makeDesk();
    const told = await session(
      app,
      "add timer gretter",
      "add greeter@^9",
      "add unix",
      "remove timer consol",
      "add @/x@",
    );
    expect(told).toMatchSnapshot();
    expect(read(app, "package.json")).toBe(deskManifest);
    expect(readdirSync(app)).not.toContain("unipkg.lock");
  });

  test("write all the same with --force", async () => {
    const { app, catalog } = makeDesk();
    write(catalog, {
      "far/package.json": JSON.stringify({
        name: "far",
        version: "1.0.0",
        unipkg: { kind: "library", module: "src/far.ts", targets: ["xen"] },
      }),
      "far/src/far.ts": "export function far(): void {}\n",
    });
    expect(await session(app, "add far")).toMatchSnapshot();
    expect(read(app, "package.json")).toBe(deskManifest);
    expect((await runCli(app, ["add", "far", "--force"])).status).toBe(1);
    expect(read(app, "package.json")).toContain('"far": "^1.0.0",\n');
  });

  test("add works before the source compiles", async () => {
    const { app } = makeDesk();
    writeFileSync(join(app, "src/main.ts"), 'import { after } from "timer";\n');
    expect((await runCli(app, ["add", "timer"])).status).toBe(0);
  });
});

describe("the lockfile", () => {
  test("is updated by other commands when the manifest has changed, unless --locked", async () => {
    const { app } = makeDesk();
    await session(app, "solve");
    writeFileSync(
      join(app, "package.json"),
      deskManifest.replace('"greeter": "^1.0.0"', '"greeter": "^1.0.0",\n"polite": "*"'),
    );
    expect(await session(app, "tree --locked", "tree")).toMatchSnapshot();
  });

  test("that has another integrity for a bundled package is refused", async () => {
    const { app } = makeDesk();
    await session(app, "solve");
    const lock = read(app, "unipkg.lock");
    writeFileSync(
      join(app, "unipkg.lock"),
      lock.replace(/("console@1.0.0": { "integrity": "sha512-)[^"]+/, "$1AAAA"),
    );
    const told = await session(app, "tree");
    expect(told.replace(/(found +sha512-)\S+/, "$1…")).toMatchSnapshot();
    await session(app, "solve --upgrade console");
    expect(read(app, "unipkg.lock")).toBe(lock);
  });

  test("follows a package in a folder that is worked on, and --locked refuses it", async () => {
    const { app, catalog } = makeDesk();
    await session(app, "solve --prefer polite");
    writeFileSync(
      join(catalog, "polite-1.0.0/src/greeter.ts"),
      'export function greeting(name: string): string {\n  return "Dear " + name;\n}\n',
    );
    const told = await session(app, "tree --locked", "tree", "tree");
    expect(told.replace(/sha512-\S+/g, "sha512-…")).toMatchSnapshot();
  });

  test("with a merge conflict says what to do", async () => {
    const { app } = makeDesk();
    await session(app, "solve");
    const lock = read(app, "unipkg.lock");
    writeFileSync(join(app, "unipkg.lock"), lock.replace('  "plans"', '<<<<<<< HEAD\n  "plans"'));
    expect(await session(app, "tree")).toMatchSnapshot();
  });
});

describe("a manifest", () => {
  test("with a mistyped requirement is told at its place", async () => {
    const { app } = makeDesk();
    write(app, { "package.json": deskManifest.replace('"greeter"', '"gretter"') });
    expect(await session(app, "tree")).toMatchSnapshot();
  });

  test("with a mistyped key is told at its place, from a folder below", async () => {
    const { app } = makeDesk();
    write(app, { "package.json": deskManifest.replace('"requires"', '"require"') });
    expect(await session(join(app, "src"), "tree")).toMatchSnapshot();
  });

  test("that is wrong does not keep from asking about the catalog", async () => {
    const { app } = makeDesk();
    write(app, { "package.json": deskManifest.replace('"requires"', '"require"') });
    expect(await session(app, "info tcp@^9")).toMatchSnapshot();
  });

  test("of a library is not an application", async () => {
    const { catalog } = makeDesk();
    expect(await session(join(catalog, "polite-1.0.0"), "tree")).toMatchSnapshot();
  });
});

describe("why, search, info, targets", () => {
  test("answer from the plan and the catalogs", async () => {
    const { app } = makeDesk();
    await session(app, "solve");
    const told = await session(
      join(app, "src"),
      "why curt",
      "why greeter",
      "why polite",
      "why desk",
      "why poltie",
      "search greet",
      "search --quiet greet",
      "search zebra",
      "info greeter",
      "info curt",
      "info curt@^2",
      "targets",
      "targets --quiet",
    );
    expect(told).toMatchSnapshot();
  });
});

test("a bug is told as one, with a stack only when UNIPKG_DEBUG is set", async () => {
  const { program } = await import("../../cli/program.ts");
  const parts: string[] = [];
  const stderr = {
    write: (text: string | Uint8Array) => void parts.push(String(text)),
    terminal: false,
    columns: 80,
  };
  const stdout = {
    ...stderr,
    write: () => {
      throw new Error("the paper is jammed");
    },
  };
  expect(await program(["help"], { folder: "/", environment: {}, stdout, stderr })).toBe(70);
  expect(parts.join("")).toMatchInlineSnapshot(`
    "unipkg 0.1.0 has a bug: Error: the paper is jammed
    Please report it with the command line that you used and what it prints with UNIPKG_DEBUG=1 set.
    "
  `);
  parts.length = 0;
  await program(["help"], { folder: "/", environment: { UNIPKG_DEBUG: "1" }, stdout, stderr });
  expect(parts.join("")).toMatch(/at .*help/);
});
