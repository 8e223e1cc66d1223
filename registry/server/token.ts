import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { TokenState } from "./state.ts";

/**
 * A token's text: `upt_ID_SECRETCHECK`. The ID is how the registry finds it and how people speak of it; the registry
 * keeps only the SHA-256 of the secret. The prefix and the check let scanners find tokens in places where they
 * should not be, with no false alarm.
 */
export interface NewToken {
  readonly id: string;
  readonly text: string;
  readonly hash: string;
}

export function makeToken(): NewToken {
  const id = letters(12, "0123456789abcdefghijklmnopqrstuvwxyz");
  const secret = letters(40, alphabet);
  return { id, text: `upt_${id}_${secret}${checkOf(id, secret)}`, hash: hashOf(secret) };
}

/** ID and secret of a token's text; null when it is none, or was mistyped. */
export function parseToken(text: string): { readonly id: string; readonly secret: string } | null {
  const [, id, secret, check] =
    /^upt_([0-9a-z]{12})_([0-9A-Za-z]{40})([0-9A-Za-z]{6})$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) return null;
  return check === checkOf(id, secret) ? { id, secret } : null;
}

/** Whether it is the token's secret; takes the same time either way. */
export function isSecretOf(token: TokenState, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(token.terms.hash));
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function checkOf(id: string, secret: string): string {
  const digest = createHash("sha256").update(`${id}_${secret}`).digest();
  return [...digest.subarray(0, 6)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random letters, each as likely as the others: bytes beyond the last whole round are thrown away. */
function letters(count: number, from: string): string {
  const most = 256 - (256 % from.length);
  let text = "";
  while (text.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < most && text.length < count) text += from[byte % from.length];
    }
  }
  return text;
}
