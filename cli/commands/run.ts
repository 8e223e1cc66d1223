import { resolve } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";
import { type Command, targetOption } from "../command.ts";
import { diskOption, readDisks } from "../disk.ts";
import { forwardsOf, networkOf, readForwards } from "../forward.ts";
import { backendOf, buildImage } from "../image.ts";
import { launch } from "../launch.ts";
import { kernelOption, linkOptions, linkWords } from "../linking.ts";
import { tellNotices } from "../notices.ts";
import { unknownParameters } from "../parameter-words.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";
import { usualSitePort } from "../site-port.ts";
import { networkOption, pageLink, readNetwork } from "../switch-joining.ts";
import { missingDevice } from "../tap.ts";
import { allTargets } from "../targets.ts";

export const command: Command = {
  name: "run",
  summary: "build the image and run it",
  description: [
    "Builds the image of one target if anything has changed, and runs it: a Unix executable as it is, a kernel by `xl` on a Xen host and in QEMU elsewhere, a module of Linux in a small Linux in QEMU; a site for browsers is served at 127.0.0.1 until Ctrl-C. In QEMU, a program with a network is in QEMU's own, and reached through forwarded ports. Signals are passed on, and the image's own exit status is the command's.",
  ],
  operands: [
    {
      name: "NAME=VALUE",
      doc: "settings that the image is given at its start, those declared `runTime`",
      optional: true,
      repeat: true,
    },
  ],
  options: [
    {
      ...targetOption("run on this target (default: unix, or the first of unipkg.lock)"),
      value: "T",
    },
    {
      name: "accel",
      value: "WHAT",
      doc: "how QEMU runs a kernel: kvm, tcg (emulation), or auto (default)",
      complete: ["auto", "kvm", "tcg"],
    },
    {
      name: "on",
      value: "WHAT",
      doc: "where a kernel runs: xen (by xl), qemu, or auto (default), xen on a Xen host",
      complete: ["auto", "xen", "qemu"],
    },
    {
      name: "forward",
      value: "HOST:GUEST[/udp]",
      doc: "port of this machine : of the image in QEMU (default: 8080:8080, TCP; may be repeated)",
    },
    networkOption,
    diskOption,
    {
      name: "port",
      value: "PORT",
      doc: `where a site for browsers is served (default ${usualSitePort}; 0: any port that is free)`,
    },
    {
      name: "beside",
      value: "FOLDER",
      doc: "another site for browsers, served below its name (may be repeated)",
      complete: "folder",
    },
    { name: "here", doc: "load a module into the kernel of this machine, and leave it there" },
    { name: "yes", doc: "do not ask before that" },
    kernelOption,
    ...linkOptions,
  ],
  examples: [
    { line: "unipkg run", doc: "as an executable" },
    { line: "unipkg run --target xen", doc: "as a kernel, in QEMU" },
    { line: "unipkg run --target kernel-module", doc: "loaded into a Linux in QEMU" },
    { line: "unipkg run --target browser", doc: "served at http://127.0.0.1:8086/" },
    {
      line: "unipkg run --target xen --forward 3000:8080",
      doc: "reached at http://127.0.0.1:3000",
    },
    { line: "unipkg run --network switch", doc: "on the network of `unipkg switch`" },
    {
      line: "sudo unipkg run --target kernel-module --here",
      doc: "loaded into this machine's own Linux",
    },
    { line: "unipkg run port=3000", doc: "with another port, nothing built anew" },
    { line: "unipkg run --set my-site.port=3000", doc: "with that port built in" },
  ],
  json: false,
  async run(words, context) {
    const { report } = context;
    const options = linkWords(words, context.folder);
    if (!options.ok) return options;
    const asked = readForwards(words.all("forward"));
    if (!asked.ok) return asked;
    const port = Number(words.one("port") ?? usualSitePort);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      return failed({
        code: "UP702",
        message: `\`--port ${words.one("port")}\` is not a port`,
        hint: "it is a whole number from 0 to 65535",
      });
    }
    const targets = words.list("target");
    if (targets.length > 1 || targets.includes(allTargets)) {
      const example = targets.find((name) => name !== allTargets) ?? "unix";
      return failed({
        code: "UP702",
        message: `\`unipkg run\` runs one image, and ${targets.length > 1 ? targets.length : "all"} targets are named`,
        hint: `choose one: \`--target ${example}\``,
      });
    }
    const locked = words.has("locked");
    const planned = await openPlanned(context, { ...plainRequest, targets, locked });
    if (!planned.ok) return planned;
    const { plans, app } = planned.value;
    const plan = plans.find((each) => each.target === "unix") ?? plans[0]!;
    tellNotices([plan], app.catalog, report);
    const backend = backendOf(planned.value, plan);
    if (words.has("here") && backend !== "kbuild") {
      return failed({
        code: "UP702",
        message: `\`--here\` is for modules of Linux, and this is an image for ${plan.target}`,
        hint: "`unipkg run --target kernel-module --here`",
      });
    }
    const asksQemu = asked.value.length > 0 || words.has("network");
    const onXen = await runsOnXen(words.one("on") ?? "auto", backend, asksQemu);
    if (!onXen.ok) return onXen;
    const cable = readNetwork(words.one("network"), plan, backend, context.world.environment);
    if (!cable.ok) return cable;
    const forwards = forwardsOf(plan, backend, asked.value, cable.value);
    if (!forwards.ok) return forwards;
    const disks = await readDisks(words.all("disk"), context.folder, plan);
    if (!disks.ok) return disks;
    const image = await buildImage(planned.value, plan, options.value, null, report);
    if (!image.ok) return image;
    const { configuration, parameters } = image.value;
    const unknown = unknownParameters(words.operands, parameters, plan.target);
    if (unknown.length > 0) return failed(...unknown);
    if (words.has("here")) {
      const { runHere } = await import("../run-here.ts");
      const request = {
        image: image.value.image,
        parameters: words.operands,
        yes: words.has("yes"),
      };
      return runHere(request, report);
    }
    if (backend === "browser") {
      const link = cable.value === null ? ok("") : pageLink(cable.value);
      if (!link.ok) return link;
      const { runSite } = await import("../site.ts");
      const beside = words.all("beside").map((path) => resolve(context.folder, path));
      return runSite(image.value.image, { port, beside, settings: link.value }, report);
    }
    if (onXen.value && configuration !== null) {
      const { runDomain } = await import("../xen-host.ts");
      const name = `${plan.root.replace(/^@[^/]*\//, "")}-${process.pid}`;
      const debugFile = `${image.value.image}.debug`;
      return runDomain({ name, configuration, disks: disks.value, debugFile });
    }
    if (
      backend === "elf-hosted" &&
      cable.value === null &&
      plan.packages.some(({ name }) => name === "netdev")
    ) {
      const missing = missingDevice(context.world.environment);
      if (missing !== null) report.warn(missing);
    }
    for (const { protocol, host, guest } of forwards.value ?? []) {
      const port = protocol === "udp" ? "UDP port" : "port";
      report.note(`forwarding 127.0.0.1:${host} to ${port} ${guest} of the image`);
    }
    return launch({
      image: image.value.image,
      target: plan.target,
      backend,
      memory: options.value.memory + Math.ceil(image.value.bytes / bytesPerMebibyte),
      accelerator: await acceleratorOf(words.one("accel") ?? "auto", backend),
      forwards: forwards.value,
      cable: cable.value,
      disks: disks.value,
      network: networkOf(plan),
      parameters: words.operands,
    });
  },
};

const bytesPerMebibyte = 1 << 20;

/** Where `--on` has a kernel run; asking for forwarded ports or for a switch asks for QEMU. */
async function runsOnXen(
  choice: string,
  backend: string,
  asksQemu: boolean,
): Promise<Result<boolean>> {
  if (!["auto", "xen", "qemu"].includes(choice)) {
    return failed({
      code: "UP702",
      message: `\`--on\` cannot be "${choice}"`,
      hint: "it is `auto`, `xen` or `qemu`",
    });
  }
  if (backend !== "elf-pvh" || choice === "qemu") return ok(false);
  if (choice === "xen") return ok(true);
  const { isXenHost } = await import("../xen-host.ts");
  return ok(!asksQemu && isXenHost());
}

async function acceleratorOf(choice: string, backend: string): Promise<"kvm" | "tcg"> {
  if (choice === "kvm" || choice === "tcg") return choice;
  if (backend !== "elf-pvh" && backend !== "kbuild") return "tcg";
  const { probeKvm } = await import("../kvm.ts");
  return probeKvm() === "works" ? "kvm" : "tcg";
}
