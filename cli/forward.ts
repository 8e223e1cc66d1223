import type { Forward } from "../linker/native/qemu.ts";
import type { Plan } from "../model/plan.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";

/** What is forwarded when nothing else is said: the port of the template `web`. */
const usual: Forward = { protocol: "tcp", host: 8080, guest: 8080 };

/** Reads `--forward HOST:GUEST[/udp]`, two ports of TCP unless it says UDP; all mistakes at once. */
export function readForwards(words: readonly string[]): Result<readonly Forward[]> {
  const problems: Problem[] = [];
  const forwards: Forward[] = [];
  for (const word of words) {
    const [, host, guest, protocol = "tcp"] =
      /^(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/.exec(word) ?? [];
    const forward = {
      protocol: protocol === "udp" ? ("udp" as const) : ("tcp" as const),
      host: Number(host),
      guest: Number(guest),
    };
    if (isPort(forward.host) && isPort(forward.guest)) forwards.push(forward);
    else {
      problems.push({
        code: "UP702",
        message: `\`--forward\` cannot be "${word}"`,
        hint: "it is two ports, of this machine and of the image, as in `--forward 8080:80`, or `--forward 5353:53/udp`",
      });
    }
  }
  return problems.length > 0 ? failed(...problems) : ok(forwards);
}

/** The ports to be forwarded to an image: null when it runs without a network card. */
export function forwardsOf(
  plan: Plan,
  backend: string,
  asked: readonly Forward[],
  cable: string | null,
): Result<readonly Forward[] | null> {
  if (cable !== null && asked.length === 0) return ok(null);
  if (cable !== null) {
    return failed({
      code: "UP702",
      message: "`--forward` is of no use with `--network switch`: the image has an address there",
      hint: "leave one of them out",
    });
  }
  const isReached =
    (backend === "elf-pvh" && networkOf(plan) === "card") ||
    (backend === "kbuild" && networkOf(plan) !== "none");
  if (isReached) return ok(asked.length > 0 ? asked : [usual]);
  if (asked.length === 0) return ok(null);
  return failed({
    code: "UP702",
    message: `\`--forward\` is of no use: the image for ${plan.target} has no network card in QEMU`,
    hint: "a plan for xen has one when the interface `netdev` is in it; `unipkg tree --target xen` shows it",
  });
}

/** How a plan comes to a network: by the host's sockets, by a card of its own, or not at all. */
export function networkOf(plan: Plan): "sockets" | "card" | "none" {
  const has = (name: string) => plan.packages.some((each) => each.name === name);
  return has("netdev") ? "card" : has("kernel-sockets") ? "sockets" : "none";
}

function isPort(value: number): boolean {
  return value >= 1 && value <= 65535;
}
