import type { Output } from "./world.ts";

export type ColorChoice = "auto" | "always" | "never";

/** Marks text for people; leaves it alone where colours are not wanted. Nothing is said by colour alone. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
}

/**
 * The style for a stream: `--color` rules, then FORCE_COLOR (as Node does), then NO_COLOR
 * (no-color.org), then whether it is a terminal that knows colours.
 */
export function styleFor(
  output: Output,
  choice: ColorChoice,
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  return wantsColor(output, choice, environment) ? colored : plain;
}

function wantsColor(
  output: Output,
  choice: ColorChoice,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== "auto") return choice === "always";
  const force = environment["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  return output.terminal && environment["TERM"] !== "dumb";
}

const code = (open: number, close: number) => (text: string) =>
  text === "" ? "" : `\u001b[${open}m${text}\u001b[${close}m`;

const colored: Style = {
  bold: code(1, 22),
  dim: code(2, 22),
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  blue: code(34, 39),
  cyan: code(36, 39),
};

const same = (text: string) => text;

const plain: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  blue: same,
  cyan: same,
};
