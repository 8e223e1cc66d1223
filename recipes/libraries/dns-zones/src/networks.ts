import { transferTo } from "config";
import { addressFromText } from "dns-wire";
import { number } from "./master/text";

/** An address with the length of its network's prefix. */
class Network {
  constructor(
    private readonly address: Uint8Array,
    private readonly prefix: i32,
  ) {}

  has(address: Uint8Array): bool {
    if (address.length != this.address.length) return false;
    const whole = this.prefix >> 3;
    for (let index = 0; index < whole; index++) {
      if (address[index] != this.address[index]) return false;
    }
    const rest = this.prefix & 7;
    return rest == 0 || (address[whole] ^ this.address[whole]) >> <u8>(8 - rest) == 0;
  }
}

/** Whether zones may go to an address. */
export function isAllowed(address: Uint8Array): bool {
  for (let index = 0; index < networks.length; index++) {
    if (networks[index].has(address)) return true;
  }
  return false;
}

const networks: Network[] = read();

function read(): Network[] {
  const found: Network[] = [];
  const words = transferTo.split(" ");
  for (let index = 0; index < words.length; index++) {
    if (words[index].length == 0) continue;
    const network = networkOf(words[index]);
    if (network !== null) found.push(network);
    else
      abort(
        `setting transferTo: \`${words[index]}\` is neither an address nor a network such as 192.0.2.0/24`,
        "package.json",
        1,
        1,
      );
  }
  return found;
}

function networkOf(word: string): Network | null {
  const slash = word.indexOf("/");
  const text = slash < 0 ? word : word.slice(0, slash);
  const address = addressFromText(text);
  if (address === null) return null;
  const most = 8 * address.length;
  const prefix = slash < 0 ? most : number(word.slice(slash + 1), most);
  return prefix < 0 ? null : new Network(address, <i32>prefix);
}
