import type { Parameter } from "../linker/parameters.ts";
import type { Problem } from "../model/problem.ts";
import { nearest } from "../solver/suggest.ts";
import { didYouMean } from "./text.ts";

/** What is wrong with the words that an image shall be given. Values are its own business: it tells what is wrong with them. */
export function unknownParameters(
  words: readonly string[],
  parameters: readonly Parameter[],
  target: string,
): Problem[] {
  const names = parameters.map(({ name }) => name);
  return words.flatMap((word): Problem[] => {
    const name = word.split("=", 1)[0]!;
    if (word.includes("=") && names.includes(name)) return [];
    return [
      {
        code: "UP552",
        message: `the image for ${target} takes no \`${word}\` at its start`,
        hint:
          names.length === 0
            ? "all its settings are constants: `--set PKG.SETTING=VALUE` builds it with another value"
            : (didYouMean(nearest(name, names)) ??
              `it takes ${names.map((one) => `\`${one}=…\``).join(", ")}`),
      },
    ];
  });
}
