// Settings that an image is given when it starts: executables of unix, and what the linker refuses. Needs: cc. For modules see kernel-module.test.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { numberParameters, type ParameterOf, parameterName } from "../../linker/parameters.ts";
import { temporaryFolder, unipkg, unipkgOk } from "../support/unipkg.ts";

const folder = temporaryFolder();
const app = join(folder.path, "probe");

const source = `import * as config from "config";
import * as console from "console";
export function main(): void {
  console.log(config.title() + " " + config.port().toString() + " " + config.low().toString());
  console.log(config.open().toString() + " " + config.address().toString(16) + " " + config.addressPrefix().toString());
  console.log(config.hostHigh().toString(16) + " " + config.hostLow().toString(16));
}
`;

function declare(config: object): void {
  const file = join(app, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  manifest.unipkg.config = Object.fromEntries(
    Object.entries(config).map(([name, type]) => [
      name,
      {
        type,
        doc: `about ${name}`,
        runTime: true,
        default: defaults[type as keyof typeof defaults],
      },
    ]),
  );
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

const defaults = {
  bool: false,
  u16: 80,
  i64: -5,
  string: "as built",
  "ipv4-cidr": "10.0.0.1/8",
  ipv6: "::",
};

beforeAll(() => {
  unipkgOk(folder.path, "init", "probe", "--template", "hello");
  declare({
    ...{ address: "ipv4-cidr", host: "ipv6", low: "i64", open: "bool", port: "u16" },
    title: "string",
  });
  writeFileSync(join(app, "src/main.ts"), source);
});

afterAll(() => folder.remove());

test("values are those of the build, of the command line of `run`, and the same in Node", () => {
  const built = "as built 80 -5\nfalse a000001 8\n0 0\n";
  expect(unipkgOk(app, "run").stdout).toBe(built);
  expect(unipkgOk(app, "dev", "--once").stdout).toBe(built);
  const words = [
    ...["title=given ü now", "port=65535", "low=-9223372036854775808", "open=true"],
    ...["address=192.0.2.7/31", "host=2001:db8::1"],
  ];
  expect(unipkgOk(app, "run", ...words).stdout).toBe(
    "given ü now 65535 -9223372036854775808\ntrue c0000207 31\n20010db800000000 1\n",
  );
});

test("what does not fit is refused before the program runs", () => {
  const { status, stdout, stderr } = unipkg(app, "run", "port=65536");
  expect(stdout).toBe("");
  expect(stderr).toContain('port must be a whole number from 0 to 65535, it is "65536"\n');
  expect(status).toBe(64);
});

test("a word that names no parameter is told with those that there are", () => {
  const { status, stderr } = unipkg(app, "run", "prot=1");
  expect(stderr).toContain("error[UP552]: the image for unix takes no `prot=1` at its start");
  expect(stderr).toContain("hint: did you mean `port`?");
  expect(status).toBe(64);
});

test("names that would be one for the host are refused", () => {
  const parameter = (name: string, owner: string, setting: string) => ({
    ...{ name, owner, setting, type: "bool", doc: "", value: true },
  });
  const names = [parameterName("@x/y", "z"), parameterName("x-y", "z"), parameterName(null, "z")];
  expect(names).toEqual(["x_y_z", "x_y_z", "z"]);
  const given = names.map((name) => parameter(name, name, "z") as ParameterOf<string>);
  expect(numberParameters(given)).toMatchObject({ ok: false, problems: [{ code: "UP551" }] });
  declare({ status: "u16" });
  writeFileSync(join(app, "src/main.ts"), "export function main(): void {}\n");
  const { status, stderr } = unipkg(app, "build", "--target", "kernel-module");
  expect(stderr).toContain(
    "error[UP551]: the parameter `status` would be the module's own and a setting",
  );
  expect(status).toBe(1);
});
