import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** scrypt with 32 MiB (RFC 7914; OWASP's second choice of parameters): about 80 ms. */
const parameters = { N: 1 << 15, r: 8, p: 1, maxmem: 64 << 20 };

/** `scrypt:SALT:KEY`, both in Base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString("base64")}:${(await derive(password, salt)).toString("base64")}`;
}

/** Takes the same time whether or not there is such an account: ask with null for one that there is not. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, salt = "", key = ""] = (stored ?? "").split(":");
  const derived = await derive(password, Buffer.from(salt, "base64"));
  const should = Buffer.from(key, "base64");
  return should.length === derived.length && timingSafeEqual(derived, should);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, 32, parameters, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
