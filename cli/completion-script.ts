import { type Command, type Completion, globalOptions, type Option } from "./command.ts";

/** The completion script of a shell, from the commands' own declarations. */
export function completionScript(shell: string, commands: readonly Command[]): string[] {
  switch (shell) {
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
    default:
      return bash(commands);
  }
}

/** What prints the words that can stand for a value, one a line; null for files and folders. */
function generator(completion: Completion): string | null {
  if (typeof completion !== "string") return `printf '%s\\n' ${completion.join(" ")}`;
  if (completion === "package") return "unipkg search --quiet 2>/dev/null";
  return completion === "target" ? "unipkg targets --quiet 2>/dev/null" : null;
}

/** Options in front of the command whose next word is a value: `-C|--directory|…`. */
const globalsWithValue = globalOptions
  .filter((option) => option.value !== undefined)
  .flatMap(spellings)
  .join("|");

function spellings(option: Option): string[] {
  return [...(option.short === undefined ? [] : [`-${option.short}`]), `--${option.name}`];
}

function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...globalOptions];
}

/**
 * Branches of a `case "$command:$previous"`: first what follows an option with a value, then what a
 * command's operands are.
 */
function branches(
  commands: readonly Command[],
  act: (completion: Completion) => string,
  otherwise: (command: Command) => string,
): string[] {
  const lines: string[] = [];
  const branch = (owner: string, option: Option) => {
    if (option.value === undefined) return;
    const pattern = spellings(option)
      .map((word) => `${owner}:${word}`)
      .join("|");
    const action = option.complete === undefined ? ":" : act(option.complete);
    lines.push(`    ${pattern}) ${action} ;;`);
  };
  for (const option of globalOptions) branch("*", option);
  for (const command of commands) {
    for (const option of command.options) branch(command.name, option);
  }
  for (const command of commands) lines.push(`    ${command.name}:*) ${otherwise(command)} ;;`);
  return lines;
}

function bash(commands: readonly Command[]): string[] {
  const act = (completion: Completion) => {
    const words = generator(completion);
    if (words !== null) return `COMPREPLY=($(compgen -W "$(${words})" -- "$current"))`;
    const flag = completion === "folder" ? "-d" : "-f";
    return `compopt -o filenames; COMPREPLY=($(compgen ${flag} -- "$current"))`;
  };
  const names = commands.map((command) => command.name).join(" ");
  const globals = globalOptions.flatMap(spellings).join(" ");
  return [
    "_unipkg() {",
    `  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command= index`,
    "  for ((index = 1; index < COMP_CWORD; index++)); do",
    `    case "\${COMP_WORDS[index]}" in`,
    `      ${globalsWithValue}) ((index++)) ;;`,
    "      -*) ;;",
    `      *) command="\${COMP_WORDS[index]}"; break ;;`,
    "    esac",
    "  done",
    `  if [[ "$current" == -* ]]; then`,
    `    case "$command" in`,
    ...commands.map(
      (command) =>
        `      ${command.name}) COMPREPLY=($(compgen -W "${optionsOf(command).flatMap(spellings).join(" ")}" -- "$current")) ;;`,
    ),
    `      *) COMPREPLY=($(compgen -W "${globals}" -- "$current")) ;;`,
    "    esac",
    "    return",
    "  fi",
    `  case "$command:$previous" in`,
    ...branches(commands, act, (command) => {
      const completion = command.operands[0]?.complete;
      return completion === undefined ? ":" : act(completion);
    }),
    `    *) COMPREPLY=($(compgen -W "${names}" -- "$current")) ;;`,
    "  esac",
    "}",
    "complete -F _unipkg unipkg",
  ];
}

function zsh(commands: readonly Command[]): string[] {
  const act = (completion: Completion) => {
    const words = generator(completion);
    if (words !== null) return `compadd -- \${(f)"$(${words})"}`;
    return completion === "folder" ? "_files -/" : "_files";
  };
  const described = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([word, doc]) => quote(`${word.replaceAll(":", "\\:")}:${doc}`)).join(" ");
  const describedOptions = (options: readonly Option[]) =>
    described(
      options.flatMap((option) => spellings(option).map((word) => [word, option.doc] as const)),
    );
  return [
    "#compdef unipkg",
    "_unipkg() {",
    "  local command= index",
    "  local -a choices",
    "  for ((index = 2; index < CURRENT; index++)); do",
    "    case $words[index] in",
    `      ${globalsWithValue}) ((index++)) ;;`,
    "      -*) ;;",
    "      *) command=$words[index]; break ;;",
    "    esac",
    "  done",
    "  if [[ $words[CURRENT] == -* ]]; then",
    "    case $command in",
    ...commands.map(
      (command) => `      ${command.name}) choices=(${describedOptions(optionsOf(command))}) ;;`,
    ),
    `      *) choices=(${describedOptions(globalOptions)}) ;;`,
    "    esac",
    "    _describe -o option choices",
    "    return",
    "  fi",
    `  case "$command:$words[CURRENT-1]" in`,
    ...branches(commands, act, (command) => {
      const completion = command.operands[0]?.complete;
      return completion === undefined ? ":" : act(completion);
    }),
    `    *) choices=(${described(commands.map(({ name, summary }) => [name, summary]))}); _describe command choices ;;`,
    "  esac",
    "}",
    "compdef _unipkg unipkg",
  ];
}

function fish(commands: readonly Command[]): string[] {
  const values = (completion: Completion | undefined) => {
    if (completion === undefined) return " -x";
    if (completion === "file") return " -r -F";
    if (completion === "folder") return " -x -a '(__fish_complete_directories)'";
    const words =
      typeof completion === "string" ? `(${generator(completion)})` : completion.join(" ");
    return ` -x -a ${quote(words)}`;
  };
  const option = (condition: string, { name, short, value, doc, complete }: Option) =>
    `complete -c unipkg${condition}${short === undefined ? "" : ` -s ${short}`} -l ${name}${value === undefined ? "" : values(complete)} -d ${quote(doc)}`;
  return [
    "function __unipkg_command",
    "  set -l words (commandline -opc)",
    "  set -e words[1]",
    "  while set -q words[1]",
    "    switch $words[1]",
    `      case ${globalsWithValue.replaceAll("|", " ")}`,
    "        set -e words[1]",
    "      case '-*'",
    "      case '*'",
    "        echo $words[1]",
    "        return 0",
    "    end",
    "    set -e words[1]",
    "  end",
    "  return 1",
    "end",
    "function __unipkg_in",
    "  contains -- (__unipkg_command) $argv",
    "end",
    "complete -c unipkg -f",
    ...globalOptions.map((each) => option("", each)),
    ...commands.flatMap((command) => {
      const condition = ` -n '__unipkg_in ${command.name}'`;
      const completion = command.operands[0]?.complete;
      const operands =
        completion === undefined ? [] : [`complete -c unipkg${condition}${values(completion)}`];
      return [
        `complete -c unipkg -n 'not __unipkg_command >/dev/null' -a ${command.name} -d ${quote(command.summary)}`,
        ...command.options.map((each) => option(condition, each)),
        ...operands,
      ];
    }),
  ];
}

/** In single quotes, for all three shells: none of the texts has one. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
