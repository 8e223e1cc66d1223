// fat32 against a model, mkfs.fat, fsck.fat and mtools. UNIPKG_CASES histories (default 3). Needs: dosfstools, mtools.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CompiledImage } from "../../linker/node-host/image.ts";
import { Random } from "../net/support/random.ts";
import { bytesOf } from "./support/bytes.ts";
import * as fat from "./support/fat.ts";
import { FatModel, operationOf, words } from "./support/fat-model.ts";

const cases = Number(process.env["UNIPKG_CASES"] ?? 3);
/** Milliseconds for a history on a busy machine. */
const patience = 60_000 * Math.max(5, cases);

let image: CompiledImage;
const file = new fat.ImageFile();
beforeAll(async () => {
  image = await fat.fatImage();
}, patience);
afterAll(() => file.remove());

function open(bytes: Uint8Array): fat.FatMachine {
  const volume = new fat.FatMachine(image, bytes);
  expect(volume.machine.trap).toBeNull();
  expect(volume.result).toBe(fat.done);
  return volume;
}

describe("with mtools", () => {
  // The fewest clusters that mtools takes for FAT32.
  const size = 36 << 20;
  const photo = "Photos of 2026/Grüße aus 東京.jpeg";

  test("what we write, they read", () => {
    const disk = fat.makeVolume(file, size, "-s", "1");
    const volume = open(disk);
    expect(volume.change("folder", "Photos of 2026")).toBe(fat.done);
    expect(volume.change("create", photo)).toBe(fat.done);
    expect(volume.change("write", photo, 0, 70_000, 7)).toBe(fat.done);
    expect(volume.change("create", "README.TXT")).toBe(fat.done);
    expect(volume.change("write", "README.TXT", 0, 100, 8)).toBe(fat.done);
    expect(volume.change("write", "readme.txt", 50, 1000, 9)).toBe(fat.done);
    expect(file.check(disk)).toBeNull();
    const listing = file.run("mdir", "-i", file.path, "-/", "-b", "::");
    expect(listing.split("\n").filter(Boolean).sort()).toEqual([
      "::/Photos of 2026/",
      `::/${photo}`,
      "::/README.TXT",
    ]);
    const out = `${file.path}.out`;
    file.run("mcopy", "-n", "-i", file.path, `::/${photo}`, out);
    expect(Buffer.compare(readFileSync(out), bytesOf(70_000, 7))).toBe(0);
    file.run("mcopy", "-n", "-o", "-i", file.path, "::/README.TXT", out);
    const text = Buffer.concat([bytesOf(100, 8).subarray(0, 50), bytesOf(1000, 9)]);
    expect(Buffer.compare(readFileSync(out), text)).toBe(0);
    // 2026-11-21, the machine's time of day.
    expect(file.run("mdir", "-i", file.path, "::")).toContain("2026-11-21");
  });

  test("what they write, we read", () => {
    fat.makeVolume(file, size, "-s", "1", "-n", "LABEL");
    const source = `${file.path}.in`;
    writeFileSync(source, bytesOf(50_000, 3));
    file.run("mmd", "-i", file.path, "::/Ordner mit Namen");
    file.run("mcopy", "-i", file.path, source, "::/Ordner mit Namen/Zeichnung № 5.svg");
    file.run("mcopy", "-i", file.path, source, "::/SHORT.BIN");
    const volume = open(file.read());
    expect([...volume.tree().keys()].sort()).toEqual([
      "Ordner mit Namen",
      "Ordner mit Namen/Zeichnung № 5.svg",
      "SHORT.BIN",
    ]);
    const bytes = volume.read("ordner MIT namen/Zeichnung № 5.svg") as Uint8Array;
    expect(Buffer.compare(bytes, bytesOf(50_000, 3))).toBe(0);
    const part = volume.read("SHORT.BIN", 1000, 777) as Uint8Array;
    expect(Buffer.compare(part, bytesOf(50_000, 3).subarray(1000, 1777))).toBe(0);
    expect(
      Number(
        file
          .run("mdir", "-i", file.path, "::")
          .match(/([\d ]+) bytes free/)![1]!
          .replaceAll(" ", ""),
      ),
    ).toBe(volume.space.free);
  });
});

test.each(Array.from({ length: cases }, (_, seed) => seed))(
  "history %i does what the model does, and fsck.fat has nothing to say",
  (seed) => {
    const random = new Random(500 + seed);
    const disk = fat.makeVolume(file, 1 << 20, "-s", String(2 ** (seed % 3)));
    let volume = open(disk);
    let model = new FatModel();
    for (let step = 0; step < 150; step++) {
      const operation = operationOf(model, random);
      const next = model.copy();
      const expected = next.do(operation);
      const result = volume.change(...words(operation));
      if (result !== fat.full)
        expect(`${result} of ${JSON.stringify(operation)}`).toBe(
          `${expected} of ${JSON.stringify(operation)}`,
        );
      if (result === fat.done) model = next;
      if (step % 10 !== 9) continue;
      expect(file.check(disk)).toBeNull();
      if (random.chance(0.5)) volume = open(disk);
      expect(model.differs(volume.tree())).toBeNull();
    }
  },
  patience,
);

test("a full volume refuses, keeps what it has, and takes more when something is removed", () => {
  const disk = fat.makeVolume(file, 256 << 10, "-s", "1");
  const volume = open(disk);
  expect(volume.change("create", "all")).toBe(fat.done);
  const { free } = volume.space;
  expect(volume.change("write", "all", 0, free + 1, 1)).toBe(fat.full);
  expect(volume.change("write", "all", 0, free, 1)).toBe(fat.done);
  expect(volume.space.free).toBe(0);
  expect(volume.change("folder", "more")).toBe(fat.full);
  expect(file.check(disk)).toBeNull();
  expect(volume.change("truncate", "all", 1000)).toBe(fat.done);
  expect(volume.change("folder", "more")).toBe(fat.done);
  expect(file.check(disk)).toBeNull();
  expect(Buffer.compare(volume.read("all") as Uint8Array, bytesOf(free, 1).subarray(0, 1000))).toBe(
    0,
  );
});

test("names and places that cannot be are refused", () => {
  const volume = open(fat.makeVolume(file, 256 << 10));
  for (const name of [
    "a/",
    "/a",
    "a//b",
    "a:b",
    "what?",
    "end.",
    "end ",
    "tab\t",
    "x".repeat(256),
    ".",
    "\ud800",
  ]) {
    // Half a character does not pass the test's UTF-8.
    if (name === "\ud800") continue;
    expect(volume.change("create", name), name).toBe(fat.invalid);
  }
  expect(volume.change("create", "")).toBe(fat.exists);
  expect(volume.change("remove", "")).toBe(fat.invalid);
  expect(volume.change("write", "", 0, 1, 1)).toBe(fat.wrongKind);
  expect(volume.change("create", "a")).toBe(fat.done);
  expect(volume.change("write", "a", 1, 1, 1)).toBe(fat.invalid);
  expect(volume.change("create", "a/b")).toBe(fat.wrongKind);
  expect(volume.read("nobody")).toBe(fat.absent);
});

test("what is no FAT32 is refused and left alone", () => {
  for (const bytes of [new Uint8Array(65536), bytesOf(65536, 1), new Uint8Array(512)]) {
    const before = bytes.slice();
    expect(new fat.FatMachine(image, bytes).result).toBe(fat.foreign);
    expect(Buffer.compare(bytes, before)).toBe(0);
  }
  file.write(new Uint8Array(1 << 20));
  file.run("mkfs.fat", "-F", "12", file.path);
  expect(new fat.FatMachine(image, file.read()).result).toBe(fat.foreign);
});

test(
  "damaged volumes neither trap nor hang nor grow",
  () => {
    const sound = fat.makeVolume(file, 256 << 10, "-s", "1");
    const maker = open(sound);
    for (let number = 0; number < 12; number++) {
      maker.change(number % 4 === 0 ? "folder" : "create", `entry with a long name ${number}`);
      maker.change("write", `entry with a long name ${number}`, 0, 3000, number);
    }
    const random = new Random(77);
    for (let round = 0; round < 60 * cases; round++) {
      const disk = sound.slice();
      // The boot sector, the tables, the root folder: 40 KiB have them all.
      for (let count = 1 + random.below(20); count > 0; count--) {
        disk[random.below(random.chance(0.2) ? 512 : 40 << 10)] = random.below(256);
      }
      const volume = new fat.FatMachine(image, disk);
      if (volume.result === fat.done) {
        for (const entry of listOf(volume)) {
          volume.read(entry);
          volume.list(entry);
          volume.change(random.pick(["remove", "create", "folder"]), entry);
          volume.change("write", entry, 0, 1000, 1);
          volume.change("rename", entry, "another name");
        }
      }
      expect(volume.machine.trap).toBeNull();
      expect(volume.machine.memorySize).toBeLessThan(64 << 20);
    }
  },
  patience,
);

function listOf(volume: fat.FatMachine): string[] {
  const entries = volume.list();
  return typeof entries === "number" ? [] : entries.map(({ name }) => name).slice(0, 10);
}
