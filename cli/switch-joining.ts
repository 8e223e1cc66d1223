import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import type { Option } from "./command.ts";
import { networkOf } from "./forward.ts";
import { findSwitch, switchPlace } from "./switch-place.ts";
import { formatHostPort, parseHostPort } from "./switch-words.ts";

export const networkOption: Option = {
  name: "network",
  value: "switch[:WHERE]",
  doc: "join the network of `unipkg switch`; WHERE is a socket's path or HOST:PORT",
};

/** Where the switch is that `--network` names, for a plan that can join one: a path, or HOST:PORT; null without the option. */
export function readNetwork(
  word: string | undefined,
  plan: Plan,
  backend: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<string | null> {
  if (word === undefined) return ok(null);
  if (joining.includes(backend) && networkOf(plan) === "card") return findPlace(word, environment);
  return failed({
    code: "UP702",
    message: `\`--network\` is of no use: the image for ${plan.target} has no network card`,
    hint: `plan it with our own TCP/IP: \`unipkg solve --target ${plan.target} --with tcpip\``,
  });
}

/** Back ends whose images can join. */
const joining = ["browser", "elf-hosted", "elf-pvh", "kbuild"];

/** The place that `switch[:WHERE]` means. */
export function findPlace(
  word: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<string> {
  const match = /^switch(?::(.+))?$/.exec(word);
  if (match === null) {
    return failed({
      code: "UP702",
      message: `\`--network\` cannot be "${word}"`,
      hint: "it is `switch`, `switch:PATH` or `switch:HOST:PORT`",
    });
  }
  const where = match[1];
  const address = where === undefined || where.includes("/") ? null : parseHostPort(where);
  // Images know no names.
  if (address?.host === "localhost") return ok(formatHostPort({ ...address, host: "127.0.0.1" }));
  if (address !== null) return ok(formatHostPort(address));
  const path = where === undefined ? switchPlace(environment).socket : resolve(where);
  return existsSync(path) ? ok(path) : failed(noSwitch(`there is no socket ${path}`));
}

export function noSwitch(reason: string): Problem {
  return {
    code: "UP544",
    message: `no switch is running: ${reason}`,
    hint: "`unipkg switch` in another terminal runs one",
  };
}

/** What a page's address says behind `#` so that it is linked to the switch at a socket: with the token, which no server is to see. */
export function pageLink(socket: string): Result<string> {
  const link = findSwitch(socket)?.link ?? null;
  if (link !== null) return ok(`#link=${encodeURIComponent(link)}`);
  return failed({
    code: "UP544",
    message: `the switch at ${socket} tells no address for browsers`,
    hint: "name it by its socket, and start it without `--listen off`",
  });
}
