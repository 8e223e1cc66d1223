import { ok } from "../../model/problem.ts";
import type { Command } from "../command.ts";
import { exit } from "../exit.ts";

export const command: Command = {
  name: "completion",
  summary: "print the completion script of a shell",
  description: [
    "Prints a script that completes commands, options, packages and targets. Packages and targets are asked of unipkg when they are completed, so that those of the application's own catalogs are among them.",
  ],
  operands: [{ name: "SHELL", doc: "bash, zsh or fish", complete: ["bash", "zsh", "fish"] }],
  options: [],
  examples: [
    { line: 'eval "$(unipkg completion bash)"', doc: "in ~/.bashrc" },
    { line: 'eval "$(unipkg completion zsh)"', doc: "in ~/.zshrc, after compinit" },
    {
      line: "unipkg completion fish | source",
      doc: "in ~/.config/fish/config.fish",
    },
  ],
  json: false,
  async run(words, { report }) {
    const { loadCommands } = await import("../commands.ts");
    const { completionScript } = await import("../completion-script.ts");
    for (const line of completionScript(words.operands[0]!, await loadCommands())) {
      report.line(line);
    }
    return ok(exit.ok);
  },
};
