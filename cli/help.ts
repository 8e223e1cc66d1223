import { type Command, globalOptions, type Operand, type Option } from "./command.ts";
import { loadCommands } from "./commands.ts";
import type { Style } from "./style.ts";
import { aligned, wrapped } from "./text.ts";

/** `unipkg --help`. */
export async function helpOverview(style: Style): Promise<string[]> {
  const commands = await loadCommands();
  return [
    `${style.bold("unipkg")}: typed packages and a constraint solver for unikernels`,
    "",
    `${style.bold("Usage:")} unipkg COMMAND [options]`,
    "",
    style.bold("Commands:"),
    ...aligned(
      commands.map(({ name, summary }) => [name, summary]),
      style.cyan,
    ),
    "",
    style.bold("Options of every command:"),
    ...aligned(
      globalOptions.map((option) => [optionWords(option), option.doc]),
      style.cyan,
    ),
    "",
    style.bold("A first unikernel:"),
    ...aligned(
      [
        ["unipkg init my-site", "a web server over the files of my-site/public"],
        ["cd my-site && unipkg dev", "runs it in Node, with no C compiler"],
        ["unipkg run", "builds a Unix executable and runs it"],
        ["unipkg run --target xen", "the same as a kernel, in QEMU"],
      ],
      style.cyan,
    ),
    "",
    "`unipkg COMMAND --help` has the options and examples of a command.",
  ];
}

/** `unipkg COMMAND --help`. */
export function helpOf(command: Command, style: Style): string[] {
  const operands = command.operands.map((operand) => ` ${operandWord(operand)}`).join("");
  const lines = [
    `${style.bold("Usage:")} unipkg ${command.name}${operands}${command.options.length > 0 ? " [options]" : ""}`,
  ];
  for (const paragraph of command.description) lines.push("", ...wrapped(paragraph));
  if (command.operands.length > 0) {
    lines.push("", style.bold("Words:"));
    lines.push(
      ...aligned(
        command.operands.map(({ name, doc }) => [name, doc]),
        style.cyan,
      ),
    );
  }
  if (command.options.length > 0) {
    lines.push("", style.bold("Options:"));
    lines.push(
      ...aligned(
        command.options.map((option) => [optionWords(option), option.doc]),
        style.cyan,
      ),
    );
  }
  lines.push("", style.bold("Examples:"));
  lines.push(
    ...aligned(
      command.examples.map(({ line, doc }) => [line, doc]),
      style.cyan,
    ),
  );
  const globals = globalOptions
    .filter((option) => command.json || option.name !== "json")
    .map((option) => `--${option.name}`)
    .join(" ");
  lines.push("", ...wrapped(`Also ${globals}: see \`unipkg --help\`.`));
  return lines;
}

/** `-C, --directory DIR`. */
function optionWords(option: Option): string {
  const value = option.valueOptional === true ? `[${option.value}]` : option.value;
  const names = [...(option.short === undefined ? [] : [`-${option.short}`]), `--${option.name}`];
  return `${names.join(", ")}${value === undefined ? "" : ` ${value}`}`;
}

/** `PKG...`, `[WORD]`. */
function operandWord(operand: Operand): string {
  const word = `${operand.name}${operand.repeat === true ? "..." : ""}`;
  return operand.optional === true ? `[${word}]` : word;
}
