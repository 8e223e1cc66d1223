/**
 * Settings that an image is given when it starts: as parameters of a module, as words on the command line of an executable. They
 * are numbered in the order of their names; the program knows them by number (docs/abi.md, parameter).
 */
import type { SettingType, SettingValue } from "../model/manifest.ts";
import { failed, ok, type Problem, type Result } from "../model/problem.ts";

/** A setting that can be given at the start. */
export interface Parameter {
  /** `port` for the application's own, `tcpip_address` for others. */
  readonly name: string;
  readonly type: Exclude<SettingType, "file" | "folder">;
  readonly doc: string;
  /** What it is when nothing else is given. */
  readonly value: SettingValue;
}

/** A parameter and the setting that it is. */
export interface ParameterOf<Owner> extends Parameter {
  readonly owner: Owner;
  readonly setting: string;
}

/**
 * The name of a parameter: letters, digits and `_`, as the kernel wants it.
 *
 * @param owner under which the setting is given; null for the application's own
 */
export function parameterName(owner: string | null, setting: string): string {
  const whole = owner === null ? setting : `${owner}.${setting}`;
  return whole.replace(/^@/, "").replace(/[^A-Za-z0-9]+/g, "_");
}

/** Sorts parameters by name; two of one name are UP551. */
export function numberParameters<Owner>(
  parameters: readonly ParameterOf<Owner>[],
): Result<readonly ParameterOf<Owner>[]> {
  const sorted = [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
  const problems = sorted.flatMap(({ name }, index): Problem[] =>
    sorted[index + 1]?.name === name ? [nameTaken(name, "two settings")] : [],
  );
  return problems.length > 0 ? failed(...problems) : ok(sorted);
}

/** @param by whose it is besides, for people */
export function nameTaken(name: string, by: string): Problem {
  return {
    code: "UP551",
    message: `the parameter \`${name}\` would be ${by}`,
    hint: "give a setting another name, or leave `runTime` out of its declaration",
  };
}
