/**
 * Subtyping of signatures: may a provider stand where an interface is asked for?
 *
 * Structural, by the public members of classes and interfaces, under the names that the module exports them
 * by; driven by polarity. What the provider gives (results, constants, members of its classes) is covariant:
 * it may give more. What the consumer gives (arguments, and the interfaces that it implements) is
 * contravariant: the provider may ask for less. What goes both ways (a writable property, the element of an
 * array) must be the same. Primitive types must be equal to the bit: a `u16` is no `u32`.
 *
 * Types may refer to each other in circles. They are compared coinductively: a pair under comparison counts as
 * fitting (Amadio and Cardelli, Subtyping Recursive Types, 1993), which is sound as each pair is looked at once.
 */
import type { Place } from "./place.ts";
import {
  type ExportedItem,
  type FunctionShape,
  formatShape,
  formatType,
  type Member,
  type Signature,
  type Type,
  type Uses,
} from "./signature.ts";

/** One way in which a provider does not do what an interface promises. */
export interface Difference {
  /** `listen`, `Connection`, `Handler#onData`: as in `Uses`. */
  readonly item: string;
  /** In plain words: "parameter 1 (`port`) is u32, the interface says u16". */
  readonly message: string;
  /** The interface's declaration; null when it has none. */
  readonly required: { readonly text: string; readonly place: Place } | null;
  /** The provider's declaration; null when it has none. */
  readonly provided: { readonly text: string; readonly place: Place } | null;
}

/**
 * What keeps `provided` from standing for `required`; empty when nothing does. Sorted by item.
 *
 * @param uses what the consumer uses of the slot: only that is looked at; all when absent
 */
export function accepts(
  required: Signature,
  provided: Signature,
  uses?: Uses,
): readonly Difference[] {
  const comparison = new Comparison(required, provided, uses ?? null);
  comparison.run();
  const sorted = comparison.differences.sort(order);
  // What goes both ways is found on either way.
  return sorted.filter((difference, at) => at === 0 || order(sorted[at - 1]!, difference) !== 0);
}

/**
 * Who gives a value: the provider ("out"), the consumer ("in"), or each to the other ("both").
 */
type Polarity = "out" | "in" | "both";

class Comparison {
  readonly differences: Difference[] = [];
  readonly #required: Signature;
  readonly #provided: Signature;
  readonly #uses: ReadonlySet<string> | null;
  /** `out Connection`: pairs that were looked at, or are waiting to be. */
  readonly #seen = new Set<string>();
  readonly #waiting: (() => void)[] = [];

  constructor(required: Signature, provided: Signature, uses: Uses | null) {
    this.#required = required;
    this.#provided = provided;
    this.#uses = uses === null ? null : new Set(uses);
  }

  run(): void {
    const names = this.#used();
    for (const name of names) this.#exported(name);
    this.#drain();
    // An interface that no function in use takes or gives can still be implemented by the consumer.
    for (const name of names) {
      const item = own(this.#required.exports, name);
      if (item?.kind !== "interface") continue;
      if (!this.#seen.has(`in ${name}`) && !this.#seen.has(`out ${name}`)) this.#named(name, "in");
    }
    this.#drain();
  }

  /** Names of exports to look at: those that are used, themselves or by a member. */
  #used(): readonly string[] {
    if (this.#uses === null) return Object.keys(this.#required.exports);
    return [...new Set([...this.#uses].map((use) => use.split("#")[0]!))];
  }

  #drain(): void {
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) next();
  }

  #exported(name: string): void {
    const required = own(this.#required.exports, name);
    // A name that the interface has not is an error of the consumer, and was found in its own compile.
    if (required === undefined) return;
    const provided = own(this.#provided.exports, name);
    if (provided === undefined) {
      this.#note(name, "the provider does not export it", required, null);
    } else if (!sameKind(required, provided)) {
      const message = `is ${article(provided.kind)}, the interface says ${article(required.kind)}`;
      this.#note(name, message, required, provided);
    } else if (required.kind === "function" && provided.kind === "function") {
      this.#shapes(name, required, provided, "out");
    } else if (required.kind === "constant" && provided.kind === "constant") {
      this.#types(name, "", required.type, provided.type, "out", required, provided);
    } else if (required.kind === "class") {
      this.#named(name, "out");
    }
  }

  /** Compares two types that both modules export under one name, later. */
  #named(name: string, polarity: Polarity): void {
    if (own(this.#required.exports, name)?.kind === "class") {
      // Only the provider makes instances of its classes (or the consumer by its constructor), so that even as
      // an argument an instance is one of the provider's, whatever more it has.
      polarity = "out";
    }
    if (polarity === "both") {
      this.#named(name, "out");
      this.#named(name, "in");
      return;
    }
    const key = `${polarity} ${name}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#waiting.push(() => this.#structures(name, polarity));
  }

  #structures(name: string, polarity: "out" | "in"): void {
    const required = own(this.#required.exports, name);
    const provided = own(this.#provided.exports, name);
    if (required === undefined || !isStructure(required)) return;
    if (provided === undefined || !isStructure(provided) || !sameKind(required, provided)) {
      // Told already when the consumer uses it by name.
      if (!this.#used().includes(name)) this.#exported(name);
      return;
    }
    if (polarity === "out") {
      this.#given(name, required, provided);
    } else if (provided.kind === "class") {
      const message = "is a class, the interface says an interface, which a consumer implements";
      this.#note(name, message, required, provided);
    } else {
      this.#implemented(name, required, provided);
    }
  }

  /** Instances that the provider gives: it must have every member that is used. */
  #given(name: string, required: Structure, provided: Structure): void {
    if (required.kind === "class" && this.#uses?.has(`${name}#constructor`) !== false) {
      this.#constructors(name, required, provided);
    }
    for (const [memberName, member] of Object.entries(required.members)) {
      const item = `${name}#${memberName}`;
      if (this.#uses?.has(item) === false) continue;
      const other = own(provided.members, memberName);
      if (other === undefined) {
        this.#note(item, "the provider does not have it", member, null);
      } else {
        this.#members(item, member, other, "out");
      }
    }
  }

  /** Instances of the consumer's own classes: the provider must not ask for a member that they may lack. */
  #implemented(name: string, required: Structure, provided: Structure): void {
    for (const [memberName, other] of Object.entries(provided.members)) {
      const item = `${name}#${memberName}`;
      const member = own(required.members, memberName);
      if (member === undefined) {
        this.#note(item, "the provider asks for it, the interface does not have it", null, other);
      } else {
        this.#members(item, member, other, "in");
      }
    }
  }

  #constructors(name: string, required: ClassItem, provided: Structure): void {
    if (required.construct === null) return;
    const item = `${name}#constructor`;
    if (provided.kind !== "class" || provided.construct === null) {
      this.#note(item, "cannot be constructed from outside", required, provided);
    } else {
      const place = (shape: FunctionShape, at: Place) =>
        ({ kind: "method", place: at, ...shape }) as const;
      const ours = place(required.construct, required.place);
      this.#shapes(item, ours, place(provided.construct, provided.place), "out");
    }
  }

  #members(item: string, required: Member, provided: Member, polarity: "out" | "in"): void {
    if (required.kind !== provided.kind) {
      const message = `is ${article(provided.kind)}, the interface says ${article(required.kind)}`;
      this.#note(item, message, required, provided);
    } else if (required.kind === "method" && provided.kind === "method") {
      this.#shapes(item, required, provided, polarity);
    } else if (required.kind === "property" && provided.kind === "property") {
      const [giver, taker] = polarity === "out" ? [provided, required] : [required, provided];
      if (taker.writable && !giver.writable) {
        const message =
          polarity === "out"
            ? "can only be read, the interface says that it can be written"
            : "must be writable for the provider, the interface says that it is only read";
        this.#note(item, message, required, provided);
      }
      const ways = taker.writable ? "both" : polarity;
      this.#types(item, "", required.type, provided.type, ways, required, provided);
    }
  }

  /** `polarity` says whose function it is: the provider's, to be called by the consumer ("out"), or the reverse. */
  #shapes(
    item: string,
    required: Declaration & FunctionShape,
    provided: Declaration & FunctionShape,
    polarity: "out" | "in",
  ): void {
    const count = Math.max(required.parameters.length, provided.parameters.length);
    for (let index = 0; index < count; index++) {
      const ours = required.parameters[index];
      const theirs = provided.parameters[index];
      const label = `parameter ${index + 1} (\`${(theirs ?? ours)!.name}\`)`;
      // Of the callee, which may have more parameters when they can be left out, and of the caller.
      const [callee, caller] = polarity === "out" ? [theirs, ours] : [ours, theirs];
      if (ours !== undefined && theirs !== undefined) {
        this.#types(item, `${label} `, ours.type, theirs.type, flip(polarity), required, provided);
        if (caller!.optional && !callee!.optional) {
          const message = theirs.optional
            ? `${label} may be left out, the interface says that it is given`
            : `${label} must be given, the interface lets it be left out`;
          this.#note(item, message, required, provided);
        }
      } else if (theirs === undefined && !(polarity === "in" && ours!.optional)) {
        this.#note(item, `${label} is missing, the interface has it`, required, provided);
      } else if (ours === undefined && !(polarity === "out" && theirs!.optional)) {
        this.#note(item, `${label} is not in the interface`, required, provided);
      }
    }
    this.#types(
      item,
      "the result ",
      required.returns,
      provided.returns,
      polarity,
      required,
      provided,
    );
  }

  /** `polarity` says who gives the value. */
  #types(
    item: string,
    label: string,
    required: Type,
    provided: Type,
    polarity: Polarity,
    ours: Declaration,
    theirs: Declaration,
  ): void {
    if (this.#fits(required, provided, polarity)) return;
    const message = `${label}is ${formatType(provided)}, the interface says ${formatType(required)}`;
    this.#note(item, message, ours, theirs);
  }

  /** Whether the types themselves fit; what named types consist of is compared later, and told at its own place. */
  #fits(required: Type, provided: Type, polarity: Polarity): boolean {
    switch (required.kind) {
      case "primitive":
        return provided.kind === "primitive" && provided.name === required.name;
      case "standard":
        return (
          provided.kind === "standard" &&
          provided.name === required.name &&
          nullFits(required.nullable, provided.nullable, polarity) &&
          provided.arguments.length === required.arguments.length &&
          // A generic class can be read from and written to.
          required.arguments.every((argument, index) =>
            this.#fits(argument, provided.arguments[index]!, "both"),
          )
        );
      case "named": {
        const same =
          provided.kind === "named" &&
          provided.name === required.name &&
          provided.interface === required.interface &&
          nullFits(required.nullable, provided.nullable, polarity);
        // A type of a required interface is one and the same for the whole image.
        if (same && required.interface === null) this.#named(required.name, polarity);
        return same;
      }
      case "function":
        return (
          provided.kind === "function" &&
          provided.parameters.length === required.parameters.length &&
          required.parameters.every((parameter, index) =>
            this.#fits(parameter, provided.parameters[index]!, flip(polarity)),
          ) &&
          this.#fits(required.returns, provided.returns, polarity)
        );
    }
  }

  #note(
    item: string,
    message: string,
    required: Declaration | null,
    provided: Declaration | null,
  ): void {
    const side = (declaration: Declaration | null) =>
      declaration && { text: formatDeclaration(item, declaration), place: declaration.place };
    this.differences.push({
      item,
      message,
      required: side(required),
      provided: side(provided),
    });
  }
}

/** Whatever stands in a signature with a place of its own. */
type Declaration = ExportedItem | Member;
type Structure = Extract<ExportedItem, { kind: "class" | "interface" }>;
type ClassItem = Extract<ExportedItem, { kind: "class" }>;

/** A class may stand for an interface; where the consumer implements it, that is refused later. */
function sameKind(required: ExportedItem, provided: ExportedItem): boolean {
  return (
    required.kind === provided.kind || (required.kind === "interface" && provided.kind === "class")
  );
}

function isStructure(item: ExportedItem): item is Structure {
  return item.kind === "class" || item.kind === "interface";
}

function flip(polarity: Polarity): Polarity {
  return polarity === "both" ? "both" : polarity === "out" ? "in" : "out";
}

/** Who gives a value may give less: never null where null is allowed. */
function nullFits(required: boolean, provided: boolean, polarity: Polarity): boolean {
  if (required === provided) return true;
  return polarity === (required ? "out" : "in");
}

function formatDeclaration(item: string, declaration: Declaration): string {
  switch (declaration.kind) {
    case "function":
    case "method":
      return `${item}${formatShape(declaration)}`;
    case "constant":
      return `${item}: ${formatType(declaration.type)}`;
    case "property":
      return `${declaration.writable ? "" : "readonly "}${item}: ${formatType(declaration.type)}`;
    case "class":
    case "interface":
      return `${declaration.kind} ${item.split("#")[0]}`;
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** The record's own value: `constructor` and `toString` are names as any other. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function order(a: Difference, b: Difference): number {
  return compare(a.item, b.item) || compare(a.message, b.message);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
