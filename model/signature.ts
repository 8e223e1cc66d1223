import type { Place } from "./place.ts";

/** The types that AssemblyScript computes with, at their exact widths. */
export type Primitive =
  | "bool"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "isize"
  | "usize"
  | "f32"
  | "f64"
  | "v128"
  | "void";

/** A resolved type as it stands in a signature. */
export type Type =
  | { readonly kind: "primitive"; readonly name: Primitive }
  /** A class of AssemblyScript's standard library: `String`, `Array<…>`, `Uint8Array`. */
  | {
      readonly kind: "standard";
      readonly name: string;
      readonly arguments: readonly Type[];
      readonly nullable: boolean;
    }
  /**
   * A class or interface that a module exports. `interface` is the name of the interface package that
   * declares it when it comes from a required interface, and null when it is this module's own.
   */
  | {
      readonly kind: "named";
      readonly interface: string | null;
      readonly name: string;
      readonly nullable: boolean;
    }
  | { readonly kind: "function"; readonly parameters: readonly Type[]; readonly returns: Type };

export interface Parameter {
  readonly name: string;
  readonly type: Type;
  /** True when it has a default value, so that a caller may leave it out. */
  readonly optional: boolean;
}

/** What a function or method takes and gives. */
export interface FunctionShape {
  readonly parameters: readonly Parameter[];
  readonly returns: Type;
}

/** A public instance member of a class or interface. */
export type Member =
  | ({ readonly kind: "method"; readonly place: Place } & FunctionShape)
  | {
      readonly kind: "property";
      readonly type: Type;
      readonly writable: boolean;
      readonly place: Place;
    };

/** One export of a module. */
export type ExportedItem =
  | ({ readonly kind: "function"; readonly place: Place } & FunctionShape)
  | { readonly kind: "constant"; readonly type: Type; readonly place: Place }
  | {
      readonly kind: "class";
      /** Null when the class cannot be constructed from outside. */
      readonly construct: FunctionShape | null;
      readonly members: Readonly<Record<string, Member>>;
      readonly place: Place;
    }
  | {
      readonly kind: "interface";
      readonly members: Readonly<Record<string, Member>>;
      readonly place: Place;
    };

/**
 * The exact exported types of a module, extracted from its source and stored as data beside the
 * package, so that the solver never loads a compiler. Keys are sorted.
 */
export interface Signature {
  readonly exports: Readonly<Record<string, ExportedItem>>;
}

/**
 * What a consumer uses of one slot: `listen` (function, constant), `Connection` (a class or interface
 * that it names), `Connection#write` (a member that it calls, or an interface's member that it
 * implements), `Connection#constructor`. Sorted, without repeats.
 */
export type Uses = readonly string[];

/** `u16`, `Array<Uint8Array>`, `Connection | null`, `tcp.Connection`: as an author would write it. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "standard": {
      const list =
        type.arguments.length === 0 ? "" : `<${type.arguments.map(formatType).join(", ")}>`;
      return `${type.name === "String" ? "string" : type.name}${list}${type.nullable ? " | null" : ""}`;
    }
    case "named": {
      const name = type.interface === null ? type.name : `${type.interface}.${type.name}`;
      return type.nullable ? `${name} | null` : name;
    }
    case "function":
      return `(${type.parameters.map(formatType).join(", ")}) => ${formatType(type.returns)}`;
  }
}

/** `(port: u16, acceptor: Acceptor): Listener | null`. */
export function formatShape(shape: FunctionShape): string {
  const parameters = shape.parameters.map(
    (parameter) =>
      `${parameter.name}${parameter.optional ? "?" : ""}: ${formatType(parameter.type)}`,
  );
  return `(${parameters.join(", ")}): ${formatType(shape.returns)}`;
}
