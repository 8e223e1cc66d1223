import type { Literal } from "./sat.ts";

/**
 * The open question who fills a slot on a target. A slot that is named as its interface is one question
 * for the whole image; any other is a question of its consumer alone, the same for all its instances.
 */
export interface Choice {
  readonly target: string;
  readonly interface: string;
  /** Package whose own slot it is; null when the image shares the provider. */
  readonly consumer: string | null;
  readonly slot: string;
  /** "A package in the image needs it filled." */
  readonly filled: Literal;
  /** Package -> "it is the provider", by name. */
  readonly providers: ReadonlyMap<string, Literal>;
  /** Version of the interface -> "the provider implements it". */
  readonly versions: ReadonlyMap<string, Literal>;
}

/** Identity of a choice, and the order in which choices are listed: shared ones first. */
export function choiceKey(
  target: string,
  interfaceName: string,
  consumer: string | null,
  slot: string,
): string {
  return `${target}\n${consumer ?? ""}\n${slot}\n${interfaceName}`;
}
