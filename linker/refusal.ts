import type { Place } from "../model/place.ts";
import type { Problem } from "../model/problem.ts";
import type { Exit } from "./node-host/abi.ts";
import type { Program } from "./program.ts";

/**
 * What is wrong when an initialiser aborted at build time. A library that reads files of a setting says by
 * `abort(text, file, line, column)` that one of them is wrong, where `file` is no source of the program (docs/package.md,
 * Build time). Its text is a message, `hint: …` in a line of its own, and `also FILE:LINE:COLUMN: …` for each further
 * fault, which a hint may follow again.
 *
 * An abort in a source is a failed assertion.
 *
 * @param told the abort as a trap message, for failed assertions
 */
export function refusalProblems(exit: Exit, program: Program, told: string): readonly Problem[] {
  const place = placeOf(exit.place ?? "");
  if (place === null || isSource(place.file, program)) {
    return [
      {
        code: "UP507",
        message: "an initialiser failed when it was run at build time",
        details: [told],
        hint: "it would fail at every start of the image: mend the place that is named",
      },
    ];
  }
  const problems: { -readonly [Key in keyof Problem]: Problem[Key] }[] = [];
  for (const [index, line] of exit.message.split("\n").entries()) {
    const [, hint] = /^hint: (.*)$/.exec(line) ?? [];
    const [, at, further] = /^also (.*:\d+:\d+): (.*)$/.exec(line) ?? [];
    const where = index === 0 ? place : placeOf(at ?? "");
    const last = problems.at(-1);
    if (where !== null) problems.push({ code: "UP506", message: further ?? line, place: where });
    else if (last !== undefined && hint !== undefined) last.hint = hint;
  }
  return problems;
}

function placeOf(text: string): Place | null {
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(text) ?? [];
  return file === undefined ? null : { file, line: Number(line), column: Number(column) };
}

function isSource(file: string, program: Program): boolean {
  return file.startsWith("~lib/") || program.files.has(file) || file.startsWith("unipkg/");
}
