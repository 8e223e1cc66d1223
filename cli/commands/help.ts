import { ok } from "../../model/problem.ts";
import type { Command } from "../command.ts";
import { type CommandName, commandNames, loadCommand } from "../commands.ts";
import { exit } from "../exit.ts";
import { helpOf, helpOverview } from "../help.ts";

export const command: Command = {
  name: "help",
  summary: "show the help of a command",
  description: ["Shows all commands, or the options and examples of one."],
  operands: [{ name: "COMMAND", doc: "a command's name", optional: true, complete: commandNames }],
  options: [],
  examples: [
    { line: "unipkg help", doc: "all commands" },
    { line: "unipkg help solve", doc: "the options and examples of solve" },
  ],
  json: true,
  async run(words, { report }) {
    const name = words.operands[0];
    const lines =
      name === undefined
        ? await helpOverview(report.style)
        : helpOf(await loadCommand(name as CommandName), report.style);
    report.document({ help: lines });
    for (const line of lines) report.line(line);
    return ok(exit.ok);
  },
};
