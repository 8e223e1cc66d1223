import { knownTargets } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";
import { type Arguments, type Command, globalOptions, type Option } from "./command.ts";
import { didYouMean } from "./text.ts";

/** The command's name, and where it stands among the words; null when there is none. */
export function findCommandName(words: readonly string[]): { name: string; index: number } | null {
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith("-")) return { name: word, index };
    const option = optionOf(word, globalOptions);
    // The value of an option in front, as in `-C DIR solve`, is not the name.
    if (option?.value !== undefined && isWhole(word, option)) index++;
  }
  return null;
}

/** Sorts out the words of a command, its name taken out. All mistakes are told at once. */
export function parseArguments(
  words: readonly string[],
  command: Pick<Command, "name" | "operands" | "options"> | null,
): Result<Arguments> {
  const options = [...(command?.options ?? []), ...globalOptions];
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const problems: Problem[] = [];
  const wrong = (message: string, hint: string) =>
    problems.push({ code: "UP702", message, hint } satisfies Problem);
  const help = command === null ? "unipkg --help" : `unipkg ${command.name} --help`;

  let onlyOperands = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (onlyOperands || !word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    if (word === "--") {
      onlyOperands = true;
      continue;
    }
    const option = optionOf(word, options);
    if (option === null) {
      const name = word.replace(/=.*/s, "");
      const known = options.map((each) => `--${each.name}`);
      wrong(
        `unknown option "${name}"`,
        didYouMean(nearest(name, known)) ?? `\`${help}\` lists the options`,
      );
      continue;
    }
    const given = values.get(option.name) ?? [];
    values.set(option.name, given);
    if (option.value === undefined) {
      if (!isWhole(word, option)) wrong(`\`--${option.name}\` takes no value`, `see \`${help}\``);
      continue;
    }
    let value: string | undefined;
    if (isWhole(word, option)) {
      const next = words[index + 1];
      if (next !== undefined && !(next.startsWith("-") && next !== "-")) {
        value = next;
        index++;
      }
    } else {
      value = word.startsWith("--") ? word.slice(option.name.length + 3) : word.slice(2);
    }
    if (value === undefined || value === "") {
      if (option.valueOptional !== true || value === "") {
        wrong(
          `\`--${option.name}\` needs a value`,
          `write \`--${option.name} ${option.value}\`: ${option.doc}`,
        );
      }
      continue;
    }
    if (Array.isArray(option.complete) && !option.complete.includes(value)) {
      wrong(
        `\`--${option.name}\` cannot be "${value}"`,
        `it is one of ${option.complete.join(", ")}`,
      );
    }
    given.push(value);
  }
  if (problems.length === 0 && command !== null && !values.has("help")) {
    problems.push(...countOperands(operands, command, help));
  }
  return problems.length > 0 ? failed(...problems) : ok(asArguments(operands, values));
}

function countOperands(
  operands: readonly string[],
  command: Pick<Command, "name" | "operands" | "options">,
  help: string,
): Problem[] {
  const missing = command.operands
    .slice(operands.length)
    .filter((operand) => operand.optional !== true);
  if (missing.length > 0) {
    const names = missing.map((operand) => operand.name).join(" ");
    return [
      {
        code: "UP702",
        message: `\`unipkg ${command.name}\` needs ${names}: ${missing[0]!.doc}`,
        hint: `\`${help}\` has examples`,
      },
    ];
  }
  const extra = operands[command.operands.length];
  if (extra !== undefined && command.operands.at(-1)?.repeat !== true) {
    const isTarget = (knownTargets as readonly string[]).includes(extra);
    const takesTarget = command.options.some((option) => option.name === "target");
    return [
      {
        code: "UP702",
        message: `\`unipkg ${command.name}\` has no use for "${extra}"`,
        hint:
          takesTarget && isTarget ? `for a target, write \`--target ${extra}\`` : `see \`${help}\``,
      },
    ];
  }
  for (const [index, word] of operands.entries()) {
    const operand = command.operands[Math.min(index, command.operands.length - 1)];
    if (!Array.isArray(operand?.complete) || operand.complete.includes(word)) continue;
    return [
      {
        code: "UP702",
        message: `\`unipkg ${command.name}\` does not know "${word}"`,
        hint:
          didYouMean(nearest(word, operand.complete)) ??
          `it is one of ${operand.complete.join(", ")}`,
      },
    ];
  }
  return [];
}

function optionOf(word: string, options: readonly Option[]): Option | null {
  if (word.startsWith("--")) {
    const name = word.slice(2).replace(/=.*/s, "");
    return options.find((option) => option.name === name) ?? null;
  }
  return (
    options.find(
      (option) =>
        option.short !== undefined &&
        (word === `-${option.short}` ||
          (option.value !== undefined && word.startsWith(`-${option.short}`))),
    ) ?? null
  );
}

/** True when the word is the option alone, its value not attached. */
function isWhole(word: string, option: Option): boolean {
  return word === `--${option.name}` || word === `-${option.short}`;
}

function asArguments(
  operands: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): Arguments {
  const all = (name: string) => values.get(name) ?? [];
  return {
    operands,
    has: (name) => values.has(name),
    one: (name) => all(name).at(-1),
    all,
    list: (name) =>
      [...new Set(all(name).flatMap((value) => value.split(",")))]
        .map((value) => value.trim())
        .filter((value) => value !== "")
        .sort(),
  };
}
