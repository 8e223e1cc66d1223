import { faultOfRange } from "../protocol/version-range.ts";

export const severities = ["info", "low", "moderate", "high", "critical"] as const;

export type Severity = (typeof severities)[number];

/** What is known to be wrong with versions of a package, with the fields of npm's bulk answers. */
export interface Advisory {
  readonly id: string;
  /** The package. */
  readonly name: string;
  /** A range of versions. */
  readonly vulnerable_versions: string;
  readonly severity: Severity;
  readonly title: string;
  /** A page about it; empty for none. */
  readonly url: string;
}

/** Reads an advisory of a stranger; throws a sentence when it makes no sense. */
export function readAdvisory(value: unknown, name: string): Advisory {
  if (typeof value !== "object" || value === null) throw new Error("an advisory is not an object");
  const { id, vulnerable_versions: range, severity, title, url } = value as Record<string, unknown>;
  // npm's are numbers.
  const text = String(id ?? "");
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) throw new Error("an advisory has no ID");
  if (typeof range !== "string" || faultOfRange(range) !== null) {
    throw new Error(`the advisory ${text} has no range of vulnerable versions`);
  }
  const known = severities.find((each) => each === severity);
  const address = typeof url === "string" && /^https?:\/\/\S{1,500}$/.test(url) ? url : "";
  return {
    ...{ id: text, name, vulnerable_versions: range, url: address },
    severity: known ?? "moderate",
    title: typeof title === "string" ? title.slice(0, 300) : "",
  };
}

/** Reads the answer of npm's `/-/npm/v1/security/advisories/bulk`; throws a sentence when it makes no sense. */
export function readAdvisories(value: unknown): readonly Advisory[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("the advisories are not an object");
  }
  return Object.entries(value).flatMap(([name, list]) => {
    if (!Array.isArray(list)) throw new Error(`the advisories of ${name.slice(0, 80)} are no list`);
    return list.map((each) => readAdvisory(each, name));
  });
}
