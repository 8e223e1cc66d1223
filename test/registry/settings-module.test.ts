import { SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SettingDeclaration, SettingType, SettingValue } from "../../model/manifest.ts";
import { parseIpv6, settingFault, settingTypes } from "../../model/setting.ts";
import { extract } from "../../registry/extract.ts";
import { parseManifest } from "../../registry/manifest.ts";
import { settingsModule } from "../../registry/settings-module.ts";

function declare(types: Record<string, SettingType>): Record<string, SettingDeclaration> {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, { type, doc: `about ${name}` }]),
  );
}

const all = declare({
  open: "bool",
  small: "u8",
  port: "u16",
  count: "u32",
  big: "u64",
  signed: "i32",
  wide: "i64",
  title: "string",
  gateway: "ipv4",
  address: "ipv4-cidr",
  gateway6: "ipv6",
  address6: "ipv6-cidr",
  logo: "file",
  htdocs: "folder",
});

describe("settingsModule", () => {
  it("writes typed constants, sorted by name", () => {
    const files = [{ path: "a\u2028b.css", address: 65536, length: 3, tag: "x-1" }];
    const values = {
      open: true,
      small: 255,
      port: 80,
      count: 4294967295,
      big: "18446744073709551615",
      signed: -2147483648,
      wide: "-9223372036854775808",
      title: 'a "b"\n\u2028 \ud800',
      gateway: "10.0.0.1",
      address: "192.168.1.2/24",
      gateway6: "FE80::1",
      address6: "2001:db8::192.0.2.1/64",
      logo: "logo.png",
      htdocs: "public",
    };
    const module = settingsModule(all, values, { logo: files, htdocs: files });
    expect(module.ok && module.value).toMatchInlineSnapshot(`
      "export class File {
        constructor(
          public readonly path: string,
          public readonly address: usize,
          public readonly length: i32,
          public readonly tag: string,
        ) {}
      }
      export const address: u32 = 3232235778;
      export const addressPrefix: u8 = 24;
      export const address6High: u64 = 2306139568115548160;
      export const address6Low: u64 = 3221225985;
      export const address6Prefix: u8 = 64;
      export const big: u64 = 18446744073709551615;
      export const count: u32 = 4294967295;
      export const gateway: u32 = 167772161;
      export const gateway6High: u64 = 18338657682652659712;
      export const gateway6Low: u64 = 1;
      export const htdocs: File[] = [
        new File("a\\u2028b.css", 65536, 3, "x-1"),
      ];
      export const htdocsPath: string = "public";
      export const logo: File = new File("a\\u2028b.css", 65536, 3, "x-1");
      export const open: bool = true;
      export const port: u16 = 80;
      export const signed: i32 = i32.MIN_VALUE;
      export const small: u8 = 255;
      export const title: string = "a \\"b\\"\\n\\u2028 \\ud800";
      export const wide: i64 = i64.MIN_VALUE;
      "
    `);
  });

  it.each<[SettingType, SettingValue]>([
    ["u16", 65536],
    ["u16", 1.5],
    ["u16", "80"],
    ["u8", -1],
    ["u64", 2 ** 53],
    ["u64", "18446744073709551616"],
    ["i64", "9223372036854775808"],
    ["bool", "true"],
    ["string", 1],
    ["ipv4", "10.0.0.256"],
    ["ipv4", "010.0.0.1"],
    ["ipv4-cidr", "10.0.0.1"],
    ["ipv4-cidr", "10.0.0.1/33"],
    ["ipv4-cidr", "10.0.0.1/08"],
    ["ipv6", "fe80::1%eth0"],
    ["ipv6", "1:2:3:4:5:6:7"],
    ["ipv6", "1:2:3:4:5:6:7:8:9"],
    ["ipv6", "1:2:3:4::5:6:7:8"],
    ["ipv6", "1::2::3"],
    ["ipv6", ":1:2:3:4:5:6:7"],
    ["ipv6", "12345::"],
    ["ipv6", "::1.2.3"],
    ["ipv6-cidr", "fe80::1"],
    ["ipv6-cidr", "fe80::1/129"],
    ["ipv6-cidr", "fe80::1/064"],
    ["folder", ""],
  ])("refuses for %s the value %j", (type, value) => {
    const module = settingsModule(declare({ x: type }), { x: value }, {});
    expect(module).toMatchObject({ ok: false, problems: [{ code: "UP104" }] });
    expect(!module.ok && module.problems[0]?.message).toMatch(/^setting `x` must be /);
  });

  it("has functions in place of constants for what is given at the start", () => {
    const declarations = Object.fromEntries(
      ["open", "port", "signed", "title", "address", "address6"].map((name) => [
        name,
        { ...all[name]!, runTime: true as const },
      ]),
    );
    const values = { port: 80, title: "a", address: "10.0.0.2/24", address6: "1::2/64" };
    const constants = settingsModule(declarations, values, {});
    expect(constants.ok && constants.value).toMatchInlineSnapshot(`
      "export function address(): u32 {
        return 167772162;
      }
      export function addressPrefix(): u8 {
        return 24;
      }
      export function address6High(): u64 {
        return 281474976710656;
      }
      export function address6Low(): u64 {
        return 2;
      }
      export function address6Prefix(): u8 {
        return 64;
      }
      export function open(): bool {
        return false;
      }
      export function port(): u16 {
        return 80;
      }
      export function signed(): i32 {
        return 0;
      }
      export function title(): string {
        return "a";
      }
      "
    `);
    const parameters = { address: 0, address6: 1, open: 2, port: 3, signed: 4, title: 5 };
    const asked = settingsModule(declarations, values, {}, parameters);
    expect(asked.ok && asked.value).toMatchInlineSnapshot(`
      "@external("parameter", "number")
      declare function host_number(parameter: i32, part: i32): u64;
      @external("parameter", "text")
      declare function host_text(parameter: i32, address: usize, capacity: i32): i32;
      function host_string(parameter: i32): string {
        const bytes = new Uint8Array(host_text(parameter, 0, 0));
        host_text(parameter, bytes.dataStart, bytes.length);
        return String.UTF8.decode(bytes.buffer);
      }
      export function address(): u32 {
        return <u32>host_number(0, 0);
      }
      export function addressPrefix(): u8 {
        return <u8>host_number(0, 1);
      }
      export function address6High(): u64 {
        return <u64>host_number(1, 0);
      }
      export function address6Low(): u64 {
        return <u64>host_number(1, 1);
      }
      export function address6Prefix(): u8 {
        return <u8>host_number(1, 2);
      }
      export function open(): bool {
        return host_number(2, 0) != 0;
      }
      export function port(): u16 {
        return <u16>host_number(3, 0);
      }
      export function signed(): i32 {
        return <i32>host_number(4, 0);
      }
      export function title(): string {
        return host_string(5);
      }
      "
    `);
  });

  it("reads the addresses of IPv6 that others write", () => {
    const groups = fc.array(fc.constantFrom(0, 0, 1, 0xdb8, 0xffff), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(groups, (parts) => {
        const whole = parts.map((part) => part.toString(16)).join(":");
        const short = new SocketAddress({ address: whole, family: "ipv6" }).address;
        const wanted = parts.reduce((bits, part) => (bits << 16n) | BigInt(part), 0n);
        expect(parseIpv6(whole)).toBe(wanted);
        expect(parseIpv6(short)).toBe(wanted);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("gives a module that compiles for every value that fits, and zeros when there is none", () => {
    const manifest = parseManifest(
      JSON.stringify({
        name: "p",
        version: "1.0.0",
        unipkg: { kind: "library", module: "src/a.ts" },
      }),
      "package.json",
    );
    if (!manifest.ok) throw new Error("the test's manifest is wrong");
    const compile = (text: string) =>
      extract(
        { manifest: manifest.value, read: (file) => (file === "src/a.ts" ? text : null) },
        () => null,
      );
    const empty = settingsModule(all, {}, {});
    expect(empty.ok && compile(empty.value).ok).toBe(true);
    const value = fc.oneof(fc.string(), fc.integer(), fc.bigInt().map(String), fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...settingTypes), value, (type, given) => {
        fc.pre(settingFault(type, given) === null);
        const module = settingsModule(declare({ x: type }), { x: given }, {});
        expect(module.ok && compile(module.value).ok).toBe(true);
      }),
      { seed: 5, numRuns: 40 },
    );
  });
});
