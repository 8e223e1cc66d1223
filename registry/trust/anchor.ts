import {
  createPublicKey,
  type KeyObject,
  verify as verifyBytes,
  X509Certificate,
} from "node:crypto";
import type { Provenance } from "./provenance.ts";

/** What provenance is believed by: a public key, or a certificate that issues certificates to signers. */
export type Anchor =
  | { readonly kind: "key"; readonly key: KeyObject; readonly name: string }
  | { readonly kind: "issuer"; readonly certificate: X509Certificate; readonly name: string };

/**
 * Which of the anchors stands for a signature; null when none does. Of a certificate, name and time are not looked at,
 * and no log of certificates or signatures is asked: whoever the issuer gave a certificate to is believed.
 */
export function signerAmong(provenance: Provenance, anchors: readonly Anchor[]): Anchor | null {
  const { signer, signed, signature } = provenance;
  if ("hint" in signer) {
    return (
      anchors.find((anchor) => anchor.kind === "key" && isSigned(signed, signature, anchor.key)) ??
      null
    );
  }
  const [leaf, ...others] = signer.certificates.map(certificateOf);
  if (leaf === undefined || !isSigned(signed, signature, leaf.publicKey)) return null;
  return (
    anchors.find(
      (anchor) =>
        (anchor.kind === "key" && anchor.key.equals(leaf.publicKey)) ||
        (anchor.kind === "issuer" && isIssuedBy(leaf, others, anchor.certificate)),
    ) ?? null
  );
}

/** Reads a PEM file of public keys and certificates. Throws a sentence when it has none. */
export function readAnchors(pem: string, file: string): readonly Anchor[] {
  const blocks = pem.match(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g) ?? [];
  const anchors = blocks.map((block): Anchor => {
    if (block.startsWith("-----BEGIN CERTIFICATE-----")) {
      return { kind: "issuer", certificate: new X509Certificate(block), name: file };
    }
    if (block.includes("PRIVATE KEY")) throw new Error(`${file} has a private key in it`);
    return { kind: "key", key: createPublicKey(block), name: file };
  });
  if (anchors.length === 0) throw new Error(`${file} has no public key and no certificate in it`);
  return anchors;
}

/** The hash that signatures of a key are over; Ed25519 has its own. */
export function digestFor({ asymmetricKeyType: type }: KeyObject): string | null {
  return type === "ed25519" || type === "ed448" ? null : "sha256";
}

function isSigned(message: Buffer, signature: Buffer, key: KeyObject): boolean {
  try {
    return verifyBytes(digestFor(key), message, key, signature);
  } catch {
    return false;
  }
}

function certificateOf(raw: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(raw, "base64"));
  } catch {
    throw new Error("a certificate in the bundle cannot be read");
  }
}

/** Whether a chain of certificates leads to an issuer that is trusted. */
function isIssuedBy(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  issuer: X509Certificate,
): boolean {
  let at = leaf;
  for (let step = 0; step <= others.length; step++) {
    if (at.checkIssued(issuer) && issuer.ca && at.verify(issuer.publicKey)) return true;
    const next = others.find(
      (each) => each !== at && at.checkIssued(each) && each.ca && at.verify(each.publicKey),
    );
    if (next === undefined) return false;
    at = next;
  }
  return false;
}
