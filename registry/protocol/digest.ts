import { createHash, timingSafeEqual } from "node:crypto";

/** `sha512-…` over bytes, in Base64: the only digest that unipkg trusts (W3C Subresource Integrity, 3.2). */
export function sriOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/**
 * The SHA-512 of an integrity text; null when it has none. Others beside it (`sha1-… sha512-…`) are not looked at:
 * whoever can forge the weak one must not be helped by it.
 */
export function sha512Of(integrity: unknown): string | null {
  if (typeof integrity !== "string" || integrity.length > 2000) return null;
  const found = integrity.split(/\s+/).filter((each) => /^sha512-[A-Za-z0-9+/]{86}==$/.test(each));
  return found.length === 1 ? found[0]! : null;
}

/** The digest of an integrity in hexadecimal, as file names have it. */
export function hexOf(sri: string): string {
  return Buffer.from(sri.slice("sha512-".length), "base64").toString("hex");
}

/** Whether bytes are those that an integrity text is about. */
export function isOfIntegrity(bytes: Uint8Array, sri: string): boolean {
  const [is, should] = [Buffer.from(sriOf(bytes)), Buffer.from(sri)];
  return is.length === should.length && timingSafeEqual(is, should);
}
