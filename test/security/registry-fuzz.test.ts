// Whatever is sent to a registry, it answers with a reason or does it; it does not fail, and writes nowhere but into its folder.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pack } from "../../registry/archive/pack.ts";
import { isPackageName } from "../../registry/protocol/package-name.ts";
import { startRegistry } from "../support/registry.ts";

const runs = { seed: 5, numRuns: Number(process.env["UNIPKG_CASES"] ?? 250) };
const block = { kind: "target", target: { backend: "none" } };

/** Words that names, versions, paths and keys go wrong with. */
const awkward = fc.constantFrom(
  ...[
    ..."__proto__ constructor toString .. . ../../x %2e%2e%2f %00 / \\ @acme @acme/ @acme/x ~".split(
      " ",
    ),
  ],
  ...[
    "1.0.0",
    "1.0",
    "01.0.0",
    "1.0.0-01",
    "1.0.0+b",
    "latest",
    "x".repeat(300),
    "ä",
    "\u202e",
    "",
  ],
);
const word = fc.oneof(awkward, fc.string({ maxLength: 20 }));
const value = fc.oneof(word, fc.jsonValue({ maxDepth: 3 }));

test("names are names, or none: what is one is no path that leads anywhere", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      const name = words.join("");
      if (!isPackageName(name)) return;
      expect(name).toMatch(/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+$/);
      expect(name.split("/").some((part) => /^\.|^@\./.test(part))).toBe(false);
      expect(name in {}).toBe(false);
    }),
    { ...runs, numRuns: 5000 },
  );
});

test("documents, archives, names and versions of all kinds", { timeout: 400_000 }, async () => {
  const registry = await startRegistry();
  const around = readdirSync(dirname(registry.data));
  const headers = { authorization: `Bearer ${registry.token}` };
  const send = async (method: string, path: string, body: string | null) => {
    const answer = await fetch(`${registry.url}${path}`, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const expectAnswered = ({ status, text }: { status: number; text: string }, what: string) => {
    expect(status, `${what}: ${text}`).toBeLessThan(500);
    if (status >= 400) expect(text, what).toMatch(/"error":"./);
  };

  const sound = (name: string, version: string, archive: Buffer) => ({
    _id: name,
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { name, version, unipkg: block, dist: {} } },
    _attachments: { [`${name}-${version}.tgz`]: { data: archive.toString("base64") } },
  });
  const file = fc.record({
    path: fc.oneof(word, fc.constant("package.json")),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      value.map((each) => Buffer.from(JSON.stringify(each))),
      fc
        .record({ name: word, version: word, unipkg: value })
        .map((each) => Buffer.from(JSON.stringify(each))),
    ),
  });
  const archive = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(file, { maxLength: 3 }).map((files) => {
      try {
        return pack(files);
      } catch {
        // What the packer refuses to make.
        return Buffer.from("none");
      }
    }),
  );
  const spoilt = fc.record({
    name: fc.oneof(fc.constant("@acme/x"), word),
    version: fc.oneof(fc.constant("1.0.0"), word),
    archive,
    key: fc.constantFrom("_id", "name", "dist-tags", "versions", "_attachments", "access", "more"),
    instead: value,
    isSpoilt: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ name, version, archive, key, instead, isSpoilt }) => {
      const document = {
        ...sound(name, version, archive),
        ...(isSpoilt ? { [key]: instead } : {}),
      };
      const at = encodeURIComponent(name);
      expectAnswered(await send("PUT", at, JSON.stringify(document)), `PUT ${name}`);
    }),
    runs,
  );

  const segment = fc.oneof(
    fc.constantFrom(
      ..."- unipkg npm v1 index types providers yank owners accounts organisations members approval policy staged log published tile 0 000 package dist-tags -rev search tokens web user".split(
        " ",
      ),
    ),
    word.map(encodeURIComponent),
  );
  const request = fc.record({
    method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"),
    path: fc.array(segment, { maxLength: 6 }).map((parts) => parts.join("/")),
    body: fc.oneof(
      value.map((each) => JSON.stringify(each)),
      fc.string(),
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, body }) => {
      // It would be the test's own end.
      fc.pre(!/tokens|user/.test(path) || method === "GET");
      const has = method !== "GET" && method !== "HEAD";
      const { status, text } = await send(method, path, has ? body : null);
      expect(status, `${method} ${path}: ${text}`).toBeLessThan(500);
    }),
    runs,
  );

  // It works as before, and has written nowhere else.
  const packageJson = Buffer.from(
    JSON.stringify({ name: "@acme/x", version: "1.0.0", unipkg: block }),
  );
  const good = pack([{ path: "package.json", bytes: packageJson }]);
  const last = await send("PUT", "@acme%2fx", JSON.stringify(sound("@acme/x", "1.0.0", good)));
  expect(last.status, last.text).toBe(201);
  expect(readdirSync(dirname(registry.data))).toEqual(around);
  const blobs = readdirSync(join(registry.data, "blobs/sha512"));
  expect(blobs.filter((each) => !/^[0-9a-f]{128}$/.test(each))).toEqual([]);
});
