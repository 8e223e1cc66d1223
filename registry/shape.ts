/** What a JSON value looks like. */
export type Shape =
  | "string"
  | "number"
  | "boolean"
  | "null"
  /** One of these texts. */
  | { readonly words: readonly string[] }
  | { readonly list: Shape }
  /** An object of any keys. */
  | { readonly record: Shape }
  /** An object of these keys; others are let be, so that a newer writer does no harm. */
  | {
      readonly fields: Readonly<Record<string, Shape>>;
      readonly optional?: Readonly<Record<string, Shape>>;
    }
  | { readonly either: readonly Shape[] }
  /** For shapes that contain themselves. */
  | { readonly later: () => Shape };

/** Deeper than any that we write; a hostile one must not exhaust the stack. */
const deepest = 100;

/** The first place at which a value is not of a shape: "request.targets must be a list"; null when it is. */
export function faultOf(value: unknown, shape: Shape, path: string, depth = 0): string | null {
  if (depth > deepest) return `${path} is nested too deep`;
  const inside = (inner: unknown, of: Shape, key: string | number) =>
    faultOf(inner, of, `${path}.${key}`, depth + 1);
  if (typeof shape === "string") {
    const isRight = shape === "null" ? value === null : typeof value === shape;
    return isRight ? null : `${path} must be a ${shape}`;
  }
  if ("later" in shape) return faultOf(value, shape.later(), path, depth + 1);
  if ("words" in shape) {
    const isKnown = typeof value === "string" && shape.words.includes(value);
    return isKnown ? null : `${path} must be one of: ${shape.words.join(", ")}`;
  }
  if ("either" in shape) {
    const faults = shape.either.map((one) => faultOf(value, one, path, depth + 1));
    return faults.includes(null) ? null : (faults.at(-1) ?? null);
  }
  if ("list" in shape) {
    if (!Array.isArray(value)) return `${path} must be a list`;
    return first(value.map((one, index) => () => inside(one, shape.list, index)));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${path} must be an object`;
  }
  if ("record" in shape) {
    return first(
      Object.entries(value).map(
        ([key, one]) =>
          () =>
            inside(one, shape.record, key),
      ),
    );
  }
  const own = (key: string): unknown =>
    Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  return first([
    ...Object.entries(shape.fields).map(
      ([key, of]) =>
        () =>
          inside(own(key), of, key),
    ),
    ...Object.entries(shape.optional ?? {}).map(([key, of]) => () => {
      const one = own(key);
      return one === undefined ? null : inside(one, of, key);
    }),
  ]);
}

function first(faults: readonly (() => string | null)[]): string | null {
  for (const fault of faults) {
    const found = fault();
    if (found !== null) return found;
  }
  return null;
}
