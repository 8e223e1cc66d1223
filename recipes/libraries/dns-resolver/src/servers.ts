import { servers as text } from "config";
import { addressFromText } from "dns-wire";

/** Addresses of the servers, the most wanted first. */
export const servers: Uint8Array[] = read();

/** Whether two addresses are the same. */
export function isSame(a: Uint8Array, b: Uint8Array): bool {
  return a.length == b.length && memory.compare(a.dataStart, b.dataStart, a.length) == 0;
}

function read(): Uint8Array[] {
  const found: Uint8Array[] = [];
  const words = text.split(" ");
  for (let index = 0; index < words.length; index++) {
    if (words[index].length == 0) continue;
    const address = addressFromText(words[index]);
    if (address !== null) found.push(address);
    else
      abort(
        `setting servers: \`${words[index]}\` is not an address such as 192.0.2.1 or 2001:db8::1`,
        "package.json",
        1,
        1,
      );
  }
  return found;
}
