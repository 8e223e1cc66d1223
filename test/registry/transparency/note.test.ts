// Signed notes and checkpoints: what is written is read and verified again, nothing that was changed is, and texts of
// strangers are refused with a sentence.
import { createPrivateKey } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCheckpoint, parseCheckpoint } from "../../../registry/transparency/checkpoint.ts";
import {
  formatVerifier,
  isSignedBy,
  parseNote,
  parseVerifier,
  signedTime,
  signNote,
  verifierOf,
} from "../../../registry/transparency/note.ts";

const runs = { numRuns: Number(process.env["UNIPKG_CASES"] ?? 300), seed: 7 };

/** The key of RFC 8032, 7.1, TEST 1: signatures of Ed25519 have no chance in them. */
const key = createPrivateKey({
  key: Buffer.from(
    "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "hex",
  ),
  format: "der",
  type: "pkcs8",
});
const name = "registry.example/log";
const verifier = verifierOf(name, key);
const text = formatCheckpoint({ origin: name, size: 3, root: Buffer.alloc(32, 1) });
const note = signNote(text, name, key, 1_700_000_000);

test("a checkpoint looks as c2sp.org/tlog-checkpoint and signed-note have it", () => {
  expect(verifier.key.toString("hex")).toBe(
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  );
  expect(formatVerifier(verifier)).toMatchInlineSnapshot(
    `"registry.example/log+1f6029b1+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"`,
  );
  expect(note).toMatchInlineSnapshot(`
    "registry.example/log
    3
    AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=

    — registry.example/log H2ApsYT3woLxWKpGNfzgiH+URSMpjd8N/W6RFXOByo6jcaWdfd1VjGlLR3qvc11eO/eK8J6QTgrYi4UT+5i6LndYwQw=
    — registry.example/log 5UFchwAAAABlU/EA7nvQlPqt1zeC18iqRFBYEIBTX4y6wqPIkKxiY0DJX3kol8hASD6ogFcfAY8DwtwBUCGImJD4PxBli5qXee/uAA==
    "
  `);
});

test("the example of c2sp.org/tlog-cosignature can be read", () => {
  const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;
  const { text: body, signatures } = parseNote(example);
  expect(signatures.map((each) => [each.name, each.bytes.length])).toEqual([
    ["example.com/behind-the-sofa", 64],
    ["witness.example.com/w1", 72],
  ]);
  // 2023-03-20: the time that its cosignature has.
  expect(Number(signatures[1]!.bytes.readBigUInt64BE(0))).toBe(1_679_315_147);
  expect(parseCheckpoint(body).size).toBe(20_852_163);
});

test("signatures are verified, and times are signed", () => {
  const parsed = parseNote(note);
  expect(parsed.text).toBe(text);
  expect(isSignedBy(parsed, verifier)).toBe(true);
  expect(signedTime(parsed, verifier)).toBe(1_700_000_000);
  const others = [
    { ...verifier, name: "other.example" },
    { ...verifier, key: Buffer.alloc(32, 9) },
  ];
  for (const other of others) {
    expect(isSignedBy(parsed, other)).toBe(false);
    expect(signedTime(parsed, other)).toBeNull();
  }
});

test("a byte that was changed anywhere is noticed", () => {
  const bytes = Buffer.from(note);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at]! ^= flip;
      let parsed: ReturnType<typeof parseNote>;
      try {
        parsed = parseNote(changed.toString("utf8"));
      } catch {
        return;
      }
      // One of the two may be whole still: what it is over has to be the same.
      const isWhole = isSignedBy(parsed, verifier);
      const time = signedTime(parsed, verifier);
      expect(isWhole && time !== null).toBe(false);
      if (isWhole || time !== null) expect(parsed.text).toBe(text);
      if (time !== null) expect(time).toBe(1_700_000_000);
    }),
    runs,
  );
});

test("keys are told by their text, and no other", () => {
  expect(parseVerifier(formatVerifier(verifier))).toEqual(verifier);
  fc.assert(
    fc.property(fc.string(), fc.nat(60), (word, at) => {
      const whole = formatVerifier(verifier);
      const changed = `${whole.slice(0, at)}${word}${whole.slice(at)}`;
      if (word !== "") expect(parseVerifier(changed)).toBeNull();
    }),
    runs,
  );
});

test("strangers' texts are refused with a sentence", () => {
  const read = (stranger: string) => {
    try {
      parseCheckpoint(parseNote(stranger).text);
      return "read";
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(RangeError);
      return (error as Error).message;
    }
  };
  const tail = note.slice(text.length);
  expect(
    [
      "",
      "no signatures\n",
      `a\u001b[2J\n\n${tail}`,
      `x\n-1\n${"A".repeat(43)}=\n${tail}`,
      `x\n99999999999999999999\n${"A".repeat(43)}=\n${tail}`,
      `x\n1\nshort\n${tail}`,
      `\n1\n${"A".repeat(43)}=\n${tail}`,
      `${text}\n${"— a AAAAAAAAAAA=\n".repeat(17)}`,
      "x".repeat(20_000),
    ].map(read),
  ).toMatchInlineSnapshot(`
    [
      "the note has no signatures",
      "the note has no signatures",
      "the note is no plain text",
      "the checkpoint has no size",
      "the checkpoint has no size",
      "the checkpoint has no head",
      "the checkpoint has no origin",
      "the note has too many signatures",
      "the note is too long",
    ]
  `);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((line) => `${text}\n— ${line}\n`),
      ),
      (each) => {
        read(each);
      },
    ),
    runs,
  );
});
