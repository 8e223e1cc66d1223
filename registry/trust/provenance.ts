import { createHash, createPublicKey, type KeyObject, sign as signBytes } from "node:crypto";
import { hexOf } from "../protocol/digest.ts";
import { faultOf, type Shape } from "../shape.ts";
import { digestFor } from "./anchor.ts";

/**
 * Provenance of a version: a statement about what an archive was made from (in-toto Statement v1), signed (DSSE v1) and
 * wrapped in a bundle of sigstore (v0.1 to v0.3), as npm and cosign write them.
 */
export interface Provenance {
  /** What kind of statement: `https://slsa.dev/provenance/v1`. */
  readonly predicateType: string;
  /** `pkg:npm/%40acme/firewall@1.0.0`. */
  readonly subject: string;
  /** SHA-512 of the archive, hexadecimal. */
  readonly sha512: string;
  readonly predicate: unknown;
  /** Who signed it: a key by what the bundle calls it, or a certificate with its chain, DER in Base64. */
  readonly signer: { readonly hint: string } | { readonly certificates: readonly string[] };
  /** What the signature is over. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Bytes of a bundle. */
export const mostProvenance = 1 << 20;

const payloadType = "application/vnd.in-toto+json";
const statementType = "https://in-toto.io/Statement/v1";

/** Reads a bundle of a stranger; throws a sentence when it is none that unipkg understands. */
export function readProvenance(text: string): Provenance {
  if (text.length > mostProvenance) throw new Error("the bundle is too long");
  const bundle = parse(text, "the bundle");
  const fault = faultOf(bundle, bundleShape, "the bundle");
  if (fault !== null) throw new Error(fault);
  const { mediaType, verificationMaterial, dsseEnvelope } = bundle as Bundle;
  if (
    !/^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[123])$/.test(
      mediaType,
    )
  ) {
    throw new Error("the bundle is of a kind that unipkg does not know");
  }
  const [signature, another] = dsseEnvelope.signatures;
  if (signature === undefined || another !== undefined) {
    throw new Error("the bundle must have one signature");
  }
  if (dsseEnvelope.payloadType !== payloadType) {
    throw new Error("the bundle is not about a statement of in-toto");
  }
  const payload = Buffer.from(dsseEnvelope.payload, "base64");
  const statement = parse(payload.toString("utf8"), "the statement");
  const wrong = faultOf(statement, statementShape, "the statement");
  if (wrong !== null) throw new Error(wrong);
  const { _type, subject, predicateType, predicate } = statement as Statement;
  const [about, other] = subject;
  if (_type !== statementType)
    throw new Error("the statement is of a kind that unipkg does not know");
  if (about === undefined || other !== undefined) {
    throw new Error("the statement must be about one thing");
  }
  if (!/^[0-9a-f]{128}$/.test(about.digest.sha512)) {
    throw new Error("the statement has no SHA-512 of what it is about");
  }
  return {
    ...{ predicateType, predicate, subject: about.name, sha512: about.digest.sha512 },
    signer: signerOf(verificationMaterial),
    signed: preAuthentication(payloadType, payload),
    signature: Buffer.from(signature.sig, "base64"),
  };
}

/**
 * Why provenance is not about an archive, in words that go on from "the provenance"; null when it is.
 *
 * @param archive `sha512-…` over the archive
 */
export function mismatchOf(
  { subject, sha512 }: Provenance,
  name: string,
  version: string,
  archive: string,
): string | null {
  if (subject !== packageUrl(name, version)) {
    return `is about ${subject.slice(0, 200)}, not ${packageUrl(name, version)}`;
  }
  return sha512 === hexOf(archive) ? null : "is about an archive with other bytes";
}

/** A bundle with a statement about an archive, signed by a key (Ed25519 or ECDSA). */
export function makeProvenance(
  subject: { readonly name: string; readonly version: string; readonly archive: string },
  predicateType: string,
  predicate: unknown,
  privateKey: KeyObject,
): string {
  const statement: Statement = {
    _type: statementType,
    subject: [
      {
        name: packageUrl(subject.name, subject.version),
        digest: { sha512: hexOf(subject.archive) },
      },
    ],
    predicateType,
    predicate,
  };
  const payload = Buffer.from(JSON.stringify(statement));
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const sig = signBytes(digestFor(privateKey), preAuthentication(payloadType, payload), privateKey);
  const bundle: Bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      publicKey: { hint: createHash("sha256").update(der).digest("base64") },
      tlogEntries: [],
    },
    dsseEnvelope: {
      payload: payload.toString("base64"),
      payloadType,
      signatures: [{ sig: sig.toString("base64"), keyid: "" }],
    },
  };
  return `${JSON.stringify(bundle)}\n`;
}

/** A version as provenance calls it (purl-spec, type `npm`). */
export function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

interface Bundle {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly publicKey?: { readonly hint: string };
    readonly certificate?: { readonly rawBytes: string };
    readonly x509CertificateChain?: {
      readonly certificates: readonly { readonly rawBytes: string }[];
    };
    readonly tlogEntries?: readonly unknown[];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string; readonly keyid?: string }[];
  };
}

interface Statement {
  readonly _type: string;
  readonly subject: readonly {
    readonly name: string;
    readonly digest: { readonly sha512: string };
  }[];
  readonly predicateType: string;
  readonly predicate: unknown;
}

const rawBytes: Shape = { fields: { rawBytes: "string" } };

const bundleShape: Shape = {
  fields: {
    mediaType: "string",
    verificationMaterial: {
      fields: {},
      optional: {
        publicKey: { fields: { hint: "string" } },
        certificate: rawBytes,
        x509CertificateChain: { fields: { certificates: { list: rawBytes } } },
      },
    },
    dsseEnvelope: {
      fields: {
        payload: "string",
        payloadType: "string",
        signatures: { list: { fields: { sig: "string" } } },
      },
    },
  },
};

const statementShape: Shape = {
  fields: {
    _type: "string",
    subject: {
      list: { fields: { name: "string", digest: { fields: { sha512: "string" } } } },
    },
    predicateType: "string",
  },
};

function signerOf(material: Bundle["verificationMaterial"]): Provenance["signer"] {
  const { publicKey, certificate, x509CertificateChain: chain } = material;
  if (publicKey !== undefined) return { hint: publicKey.hint };
  const all = certificate === undefined ? (chain?.certificates ?? []) : [certificate];
  if (all.length === 0 || all.length > 10) throw new Error("the bundle names nobody who signed it");
  return { certificates: all.map((each) => each.rawBytes) };
}

/** What is signed instead of the bare payload (DSSE, "Signature Definition": PAE). */
function preAuthentication(type: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} is no JSON`);
  }
}
