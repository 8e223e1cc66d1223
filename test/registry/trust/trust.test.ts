// What carries trust besides the log: registry signatures, provenance, advisories, and the policy that asks for them.
import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAdvisories } from "../../../registry/trust/advisory.ts";
import { readAnchors, signerAmong } from "../../../registry/trust/anchor.ts";
import { makeProvenance, mismatchOf, readProvenance } from "../../../registry/trust/provenance.ts";
import {
  faultOfSignature,
  keyScheme,
  readKeys,
  readSignatures,
  registryKeyOf,
  signVersion,
} from "../../../registry/trust/registry-key.ts";
import { readTrust } from "../../../registry/trust/trust-policy.ts";
import { testFolder } from "../../support/unipkg.ts";

const runs = { numRuns: Number(process.env["UNIPKG_CASES"] ?? 200), seed: 7 };
const archive = `sha512-${Buffer.alloc(64, 1).toString("base64")}`;
const version = { name: "@acme/x", version: "1.0.0", archive, published: "2026-01-02T00:00:00Z" };

describe("registry signatures", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...registryKeyOf(privateKey), expires: null };
  const signature = signVersion("@acme/x", "1.0.0", archive, privateKey);

  test("are over name, version and archive", () => {
    expect(faultOfSignature(version, signature, key)).toBeNull();
    for (const change of [{ name: "@acme/y" }, { version: "1.0.1" }, { archive: "sha512-AA" }]) {
      expect(faultOfSignature({ ...version, ...change }, signature, key)).toContain("wrong");
    }
  });

  test("end with their key, but for what was published before", () => {
    const ended = (expires: string) => faultOfSignature(version, signature, { ...key, expires });
    expect(ended("2026-01-03T00:00:00Z")).toBeNull();
    expect(ended("2026-01-02T00:00:00Z")).toContain("expired");
    expect(ended("nonsense")).toContain("expired");
    const undated = { ...version, published: "" };
    expect(
      faultOfSignature(undated, signature, { ...key, expires: "2026-01-03T00:00:00Z" }),
    ).toContain("expired");
  });

  test("and keys of strangers are read without harm", () => {
    expect(readKeys(JSON.stringify({ keys: [{ ...key, scheme: keyScheme }] }))).toEqual([key]);
    expect(readKeys(JSON.stringify({ keys: [{ ...key, scheme: "rot13" }] }))).toEqual([]);
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("keyid", "key", "expires", "sig"),
        (value, at) => {
          readSignatures([{ ...signature, [at]: value }, value]);
          for (const each of readKeys(
            JSON.stringify({ keys: [{ ...key, scheme: keyScheme, [at]: value }, value] }),
          )) {
            expect(typeof faultOfSignature(version, signature, each)).toMatch(/string|object/);
          }
        },
      ),
      runs,
    );
  });
});

describe("provenance", () => {
  const subject = { name: "@acme/x", version: "1.0.0", archive };
  const build = generateKeyPairSync("ed25519");
  const anchorsOf = (key: typeof build.publicKey) =>
    readAnchors(key.export({ type: "spki", format: "pem" }) as string, "build.pub");

  test.each([
    ["Ed25519", build],
    ["ECDSA", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ])("is signed by a key: %s", (_, { privateKey, publicKey }) => {
    const read = readProvenance(makeProvenance(subject, "p", { a: 1 }, privateKey));
    expect(mismatchOf(read, "@acme/x", "1.0.0", archive)).toBeNull();
    expect(signerAmong(read, anchorsOf(publicKey))).toMatchObject({ name: "build.pub" });
    expect(signerAmong(read, anchorsOf(generateKeyPairSync("ed25519").publicKey))).toBeNull();
    expect(signerAmong(read, [])).toBeNull();
  });

  test("of a certificate is believed by its issuer, however long the chain", () => {
    const folder = testFolder();
    const openssl = (...words: readonly string[]) =>
      execFileSync("openssl", words, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const make = (who: string, issuer: string | null, isAuthority: boolean) => {
      const signed = issuer === null ? [] : ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`];
      openssl(
        ...["req", "-x509", ...curve, "-keyout", `${who}.key`, "-out", `${who}.crt`],
        ...["-subj", `/CN=${who}`, "-days", "2", ...signed],
        ...["-addext", `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`],
      );
      return readFileSync(join(folder, `${who}.crt`), "utf8");
    };
    const root = make("root", null, true);
    const middle = make("middle", "root", true);
    const leaf = make("leaf", "middle", false);
    const stranger = make("stranger", null, true);
    // A leaf may not issue: its certificates are nobody's.
    const forged = make("forged", "leaf", false);
    const bundle = (who: string, ...chain: readonly string[]) => {
      const key = createPrivateKey(readFileSync(join(folder, `${who}.key`)));
      const made = JSON.parse(makeProvenance(subject, "p", {}, key)) as Record<string, object>;
      made["verificationMaterial"] = {
        x509CertificateChain: {
          certificates: chain.map((pem) => ({
            rawBytes: new X509Certificate(pem).raw.toString("base64"),
          })),
        },
      };
      return readProvenance(JSON.stringify(made));
    };
    const believed = (read: ReturnType<typeof readProvenance>, pem: string) =>
      signerAmong(read, readAnchors(pem, "ca.pem")) !== null;
    expect(believed(bundle("leaf", leaf, middle), root)).toBe(true);
    expect(believed(bundle("leaf", leaf), middle)).toBe(true);
    expect(believed(bundle("leaf", leaf), root)).toBe(false);
    expect(believed(bundle("leaf", leaf, middle), stranger)).toBe(false);
    expect(believed(bundle("forged", forged, leaf, middle), root)).toBe(false);
    // Signed by another key than the certificate's.
    expect(believed(bundle("stranger", leaf, middle), root)).toBe(false);
  });

  test("of strangers is refused with a sentence", () => {
    const text = makeProvenance(subject, "p", {}, build.privateKey);
    const anchors = anchorsOf(build.publicKey);
    const read = (each: string) => {
      try {
        const made = readProvenance(each);
        signerAmong(made, anchors);
        return made;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(RangeError);
        return null;
      }
    };
    const paths = ["mediaType", "verificationMaterial", "dsseEnvelope"];
    const inner = ["payload", "payloadType", "signatures", "publicKey", "certificate"];
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom(null, ...inner),
        fc.jsonValue(),
        (path, key, value) => {
          const bundle = JSON.parse(text) as Record<string, Record<string, unknown>>;
          if (key === null) (bundle as Record<string, unknown>)[path] = value;
          else if (typeof bundle[path] === "object") bundle[path][key] = value;
          read(JSON.stringify(bundle));
          read(JSON.stringify(value));
        },
      ),
      runs,
    );
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (where, flip) => {
        const bundle = JSON.parse(text) as { dsseEnvelope: { payload: string } };
        const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64");
        payload[where % payload.length]! ^= flip;
        bundle.dsseEnvelope.payload = payload.toString("base64");
        const made = read(JSON.stringify(bundle));
        if (made !== null) expect(signerAmong(made, anchors)).toBeNull();
      }),
      runs,
    );
  });
});

test("advisories of strangers are refused with a sentence", () => {
  const honest = {
    ...{ id: 7, url: "https://a.example/7", title: "It leaks", severity: "high" },
    vulnerable_versions: "<1.2.0",
  };
  expect(readAdvisories({ x: [honest] })).toEqual([{ ...honest, id: "7", name: "x" }]);
  const hostile = { ...honest, vulnerable_versions: `${"1.0.0 || ".repeat(10_000)}1` };
  expect(() => readAdvisories({ x: [hostile] })).toThrow("has no range");
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(honest)), fc.jsonValue(), (key, value) => {
      for (const each of [value, { x: value }, { x: [{ ...honest, [key]: value }] }]) {
        try {
          readAdvisories(each);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }
    }),
    runs,
  );
});

describe("the policy of trust", () => {
  const read = (...texts: readonly string[]) =>
    readTrust(
      texts.map((text, at) => ({ name: `file${at}`, folder: `/f${at}`, text })),
      join,
    );

  test("of several files, the stricter holds", () => {
    const policy = read(
      "require signatures except @acme/a, @acme/b\nrequire age 3 days\nrequire log within 7 days",
      "require signatures except @acme/b  # known\nrequire age 12 hours\nrequire log within 10 days\ntrust provenance build.pub",
    );
    expect(policy).toMatchObject({
      ok: true,
      value: {
        signatures: { except: ["@acme/b"] },
        log: { except: [] },
        provenance: null,
        age: { except: [], least: 3 * 24 * 3_600_000 },
        logAge: 7 * 24 * 3_600_000,
        provenanceKeys: ["/f1/build.pub"],
      },
    });
  });

  test("every mistake has its place", () => {
    const policy = read(
      "forbid deprecated\nrequire trust\nrequire age soon\ntrust log nowhere key\ntrust log https://a.example key\ntrust me\ntrust provenance a except b",
    );
    expect(
      policy.ok ? "" : policy.problems.map(({ message, place }) => `${place!.line}: ${message}`),
    ).toMatchInlineSnapshot(`
      [
        "2: policy cannot be read: \`require trust\` is not something that can be required",
        "3: policy cannot be read: \`require age soon\` is not something that can be required",
        "4: policy cannot be read: \`nowhere\` is not an http address",
        "5: policy cannot be read: \`key\` is not the key of a log",
        "6: policy cannot be read: \`trust me\` is not something that can be trusted",
        "7: policy cannot be read: \`trust\` has no exceptions",
      ]
    `);
  });

  test("any text is read, or refused", () => {
    const word = fc.constantFrom(
      "require",
      "trust",
      "log",
      "age",
      "within",
      "3",
      "days",
      "except",
      "@a/b",
      ",",
      "signatures",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        const policy = read(words.join(" "));
        if (!policy.ok) expect(policy.problems.every(({ code }) => code === "UP311")).toBe(true);
      }),
      runs,
    );
  });
});
