import { relative, resolve } from "node:path";
import { failed, ok, type Result } from "../../model/problem.ts";
import { type Command, targetOption } from "../command.ts";
import { exit } from "../exit.ts";
import { buildImage, imageLines } from "../image.ts";
import { kernelOption, linkOptions, linkWords } from "../linking.ts";
import { tellNotices } from "../notices.ts";
import { openPlanned } from "../planned-app.ts";
import { plainRequest } from "../planning.ts";

export const command: Command = {
  name: "build",
  summary: "link an image for each target",
  description: [
    "Links the application and the packages of its plan to one image for each target, and shows how many bytes of it each package has. When nothing has changed, nothing is done.",
  ],
  operands: [],
  options: [
    targetOption("build for these targets (default: those of unipkg.lock, or unix)"),
    {
      name: "output",
      short: "o",
      value: "FILE",
      doc: "the image's file (default: build/NAME-TARGET in the application)",
      complete: "file",
    },
    kernelOption,
    ...linkOptions,
  ],
  examples: [
    { line: "unipkg build", doc: "a Unix executable, or what is locked" },
    { line: "unipkg build --target xen -o site.elf", doc: "a kernel for Xen and QEMU" },
    { line: "unipkg build --set my-site.port=80", doc: "with another port" },
  ],
  json: true,
  async run(words, context) {
    const { report } = context;
    const options = linkWords(words, context.folder);
    if (!options.ok) return options;
    const targets = words.list("target");
    const output = words.one("output");
    if (output !== undefined && targets.length > 1) return severalImages(targets[0]!);
    const locked = words.has("locked");
    const planned = await openPlanned(context, { ...plainRequest, targets, locked });
    if (!planned.ok) return planned;
    const { plans } = planned.value;
    if (output !== undefined && plans.length > 1) return severalImages(plans[0]!.target);
    tellNotices(plans, planned.value.app.catalog, report);
    const images = [];
    for (const [index, plan] of plans.entries()) {
      const path = output === undefined ? null : resolve(context.folder, output);
      const image = await buildImage(planned.value, plan, options.value, path, report);
      if (!image.ok) return image;
      images.push({ target: plan.target, ...image.value });
      if (index > 0) report.line();
      const shown = relative(context.world.folder, image.value.image);
      for (const line of imageLines(plan.target, shown, image.value, report.style)) {
        report.line(line);
      }
    }
    report.document({ images });
    return ok(exit.ok);
  },
};

function severalImages(target: string): Result<never> {
  return failed({
    code: "UP702",
    message: "`--output` names one file, and several images are to be built",
    hint: `choose one of the targets, as by \`--target ${target}\``,
  });
}
