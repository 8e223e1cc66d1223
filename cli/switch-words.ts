import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type AddressRange, rangeOf } from "../linker/ethernet/lease-pool.ts";
import type { HostPort } from "../linker/switch/listening.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { parseIpv4, parseIpv4Cidr } from "../model/setting.ts";
import type { Arguments } from "./command.ts";

/** The options of `unipkg switch` that are more than words. */
export interface SwitchWords {
  readonly browsers: (HostPort & { readonly orAnyPort: boolean }) | null;
  readonly streams: HostPort | null;
  readonly addresses: AddressRange | null;
  readonly router: number | null;
  /** Seconds between reports; null for none. */
  readonly status: number | null;
}

const usualBrowsers = "127.0.0.1:8077";
const usualNetwork = "10.9.0.0/24";

/** Reads them; all mistakes at once. */
export async function readSwitchWords(words: Arguments): Promise<Result<SwitchWords>> {
  const problems: Problem[] = [];
  const wrong = (option: string, word: string, hint: string) => {
    problems.push({ code: "UP702", message: `\`--${option}\` cannot be "${word}"`, hint });
  };
  const place = (option: string, word: string | undefined) => {
    if (word === undefined || word === "off") return null;
    const parsed = parseHostPort(word);
    if (parsed === null) wrong(option, word, `as in \`--${option} ${usualBrowsers}\`, or \`off\``);
    return parsed;
  };
  const listen = place("listen", words.one("listen") ?? usualBrowsers);
  const browsers = listen === null ? null : { ...listen, orAnyPort: !words.has("listen") };
  const streams = place("stream", words.one("stream"));
  if (streams !== null && !(await isLoopback(streams.host))) {
    problems.push({
      code: "UP542",
      message: `\`--stream ${words.one("stream")}\` would have every host of that network on the switch`,
      hint: "QEMU's framing has no place for a token: listen on 127.0.0.1, and come from elsewhere through `ssh -L`",
    });
  }
  const network = words.one("dhcp") ?? usualNetwork;
  let addresses: AddressRange | null = null;
  if (network !== "off") {
    const parsed = parseIpv4Cidr(network);
    if (parsed === null || parsed.prefix < 16 || parsed.prefix > 28) {
      wrong("dhcp", network, `a network with a prefix of 16 to 28, as ${usualNetwork}, or \`off\``);
    } else {
      addresses = rangeOf(parsed.address, parsed.prefix);
    }
  }
  const gateway = words.one("router");
  const router = gateway === undefined ? null : parseIpv4(gateway);
  if (gateway !== undefined && router === null) wrong("router", gateway, "an address as 10.9.0.2");
  const every = words.one("status");
  const status = every === undefined ? null : Number(every);
  if (status !== null && !(status >= 1 && status <= 86_400)) {
    wrong("status", every!, "seconds, from 1 to 86400");
  }
  if (problems.length > 0) return failed(...problems);
  return ok({ browsers, streams, addresses, router, status });
}

/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`; null when it is none. */
export function parseHostPort(word: string): HostPort | null {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(word) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) return null;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return null;
  return { host, port: Number(port) };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether nothing but this machine reaches a host: by what its name leads to, whatever the name is. */
export async function isLoopback(host: string): Promise<boolean> {
  try {
    const addresses = await lookup(host, { all: true });
    return addresses.every(({ address }) => /^127\.|^::1$/.test(address));
  } catch {
    return false;
  }
}
