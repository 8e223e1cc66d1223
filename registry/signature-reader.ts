import type {
  Class,
  ClassPrototype,
  Function as CompiledFunction,
  Type as CompilerType,
  DeclaredElement,
  File,
  FunctionDeclaration,
  FunctionPrototype,
  Global,
  Program,
  PropertyPrototype,
  Range,
} from "assemblyscript";
import type { Place } from "../model/place.ts";
import type { Problem } from "../model/problem.ts";
import {
  type ExportedItem,
  type FunctionShape,
  formatType,
  type Member,
  type Parameter,
  type Primitive,
  type Signature,
  type Type,
} from "../model/signature.ts";
import { CommonFlags, ElementKind } from "./compiler.ts";
import { placeAt } from "./source-place.ts";
import { SourceTree, type TreePackage } from "./source-tree.ts";

/** Every export of a module, re-exports followed; the first of a name counts, as in the compiler. */
export function exportsOf(file: File): ReadonlyMap<string, DeclaredElement> {
  const found = new Map<string, DeclaredElement>();
  const seen = new Set<File>();
  const visit = (module: File) => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const [name, element] of module.exports ?? []) {
      if (!found.has(name)) found.set(name, element);
    }
    for (const other of module.exportsStar ?? []) visit(other);
  };
  visit(file);
  return found;
}

/** A package's own place of a compiler's range. */
export function placeOf(
  tree: SourceTree,
  range: Range,
): { owner: TreePackage; place: Place } | null {
  const found = tree.files.get(range.source.internalPath);
  if (found === undefined) return null;
  return { owner: found.owner, place: placeAt(found.text, found.file, range.start) };
}

/**
 * Reads signatures of modules from a program whose names are resolved. What a signature cannot hold is
 * UP402, in `problems`.
 */
export class SignatureReader {
  readonly problems: Problem[] = [];
  readonly #program: Program;
  readonly #tree: SourceTree;

  constructor(program: Program, tree: SourceTree) {
    this.#program = program;
    this.#tree = tree;
  }

  /** Null when there is no such module in the program. */
  read(owner: TreePackage, module: string): Signature | null {
    const file = this.#program.filesByName.get(SourceTree.pathOf(owner, module));
    if (file === undefined) return null;
    const exported = exportsOf(file);
    const names = new Map([...exported].map(([name, element]) => [element, name]));
    const items: [string, ExportedItem][] = [];
    for (const [name, element] of exported) {
      const item = new ItemReader(this, this.#program, this.#tree, owner, names).item(
        name,
        element,
      );
      if (item !== null) items.push([name, item]);
    }
    return { exports: Object.fromEntries(items.sort(([a], [b]) => (a < b ? -1 : 1))) };
  }

  /** Notes UP402, and answers null in place of what could not be read. */
  refuse(element: DeclaredElement, message: string, hint: string): null {
    const found = placeOf(this.#tree, element.identifierNode.range);
    this.problems.push({
      code: "UP402",
      message,
      ...(found === null ? {} : { place: this.#tree.placeIn(found.owner, found.place) }),
      hint,
    });
    return null;
  }
}

/** Reads one module's items, by the names that it exports them under. */
class ItemReader {
  readonly #reader: SignatureReader;
  readonly #program: Program;
  readonly #tree: SourceTree;
  readonly #owner: TreePackage;
  readonly #names: ReadonlyMap<DeclaredElement, string>;
  /** Exact to the last member for an interface; a library's classes may have members for its own use. */
  readonly #strict: boolean;
  #inMember = false;

  constructor(
    reader: SignatureReader,
    program: Program,
    tree: SourceTree,
    owner: TreePackage,
    names: ReadonlyMap<DeclaredElement, string>,
  ) {
    this.#reader = reader;
    this.#program = program;
    this.#tree = tree;
    this.#owner = owner;
    this.#names = names;
    this.#strict = owner.source.manifest.kind === "interface";
  }

  item(name: string, element: DeclaredElement): ExportedItem | null {
    const { resolver } = this.#program;
    if (name === "default") {
      return this.#refuse(element, "a default export has no name", "export it by its name");
    }
    if (element.is(CommonFlags.Generic)) {
      return this.#refuse(
        element,
        `\`${name}\` is generic, an interface has exact types only`,
        "export what other packages need with its types written out",
      );
    }
    const bodiless =
      element.is(CommonFlags.Ambient) ||
      (element.kind as number) === ElementKind.InterfacePrototype;
    if (this.#strict && !bodiless && declarable.has(element.kind)) {
      return this.#refuse(
        element,
        `\`${name}\` is defined here, an interface only declares`,
        "write `export declare …`, and define it in a library that provides the interface",
      );
    }
    switch (element.kind as number) {
      case ElementKind.FunctionPrototype: {
        const compiled = resolver.resolveFunction(element as FunctionPrototype, null);
        const shape = compiled === null ? null : this.#shape(name, compiled);
        return shape && { kind: "function", ...shape, place: this.#place(element) };
      }
      case ElementKind.Global: {
        const { typeNode } = element as Global;
        if (typeNode === null) {
          return this.#refuse(
            element,
            `the type of \`${name}\` is not written`,
            `write it: \`export const ${name}: i32 = …\``,
          );
        }
        const resolved = resolver.resolveType(typeNode, null, element.parent);
        const type = resolved === null ? null : this.#type(name, element, resolved);
        if (this.#strict && type !== null && type.kind !== "primitive") {
          return this.#refuse(
            element,
            `\`${name}\` is a constant of the type ${formatType(type)}; in an interface they are numbers`,
            "declare a function that answers it",
          );
        }
        return type && { kind: "constant", type, place: this.#place(element) };
      }
      case ElementKind.ClassPrototype:
      case ElementKind.InterfacePrototype:
        return this.#structure(name, element as ClassPrototype);
      default:
        return this.#refuse(
          element,
          `\`${name}\` is neither a function, a constant, a class nor an interface`,
          "write constants in place of an enum, and types out in place of an alias",
        );
    }
  }

  /** What a library's own members cannot tell is left out: no interface has a member like it. */
  #refuse(element: DeclaredElement, message: string, hint: string): null {
    if (this.#inMember && !this.#strict) return null;
    return this.#reader.refuse(element, message, hint);
  }

  #structure(name: string, prototype: ClassPrototype): ExportedItem | null {
    const compiled = this.#program.resolver.resolveClass(prototype, null);
    if (compiled === null) return null;
    const members: [string, Member][] = [];
    this.#inMember = true;
    for (const [memberName, member] of compiled.members ?? []) {
      const hidden = CommonFlags.Private | CommonFlags.Protected;
      if (memberName === "constructor" || member.isAny(hidden)) continue;
      const read = this.#member(`${name}#${memberName}`, member);
      if (read !== null) members.push([memberName, read]);
    }
    const common = {
      members: Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1))),
      place: this.#place(prototype),
    };
    const construct = compiled.isInterface ? null : this.#construct(name, compiled);
    this.#inMember = false;
    return compiled.isInterface
      ? { kind: "interface", ...common }
      : { kind: "class", construct, ...common };
  }

  #construct(name: string, compiled: Class): FunctionShape | null {
    const { prototype } = compiled;
    if (prototype.is(CommonFlags.Abstract)) return null;
    for (let base: ClassPrototype | null = prototype; base !== null; base = base.basePrototype) {
      const own = base.constructorPrototype;
      if (own === null) continue;
      if (own.isAny(CommonFlags.Private | CommonFlags.Protected)) return null;
      const compiledOwn = this.#program.resolver.resolveFunction(
        own.isBound ? own : own.toBound(compiled),
        null,
      );
      const shape = compiledOwn && this.#shape(`${name}#constructor`, compiledOwn);
      return shape && { ...shape, returns: { kind: "primitive", name: "void" } };
    }
    // A class that is declared without a constructor has one that is not told; one with a body has the empty one.
    return prototype.is(CommonFlags.Ambient)
      ? null
      : { parameters: [], returns: { kind: "primitive", name: "void" } };
  }

  #member(item: string, member: DeclaredElement): Member | null {
    const { resolver } = this.#program;
    if (member.is(CommonFlags.Generic)) {
      return this.#refuse(member, `\`${item}\` is generic`, "write its types out");
    }
    if ((member.kind as number) === ElementKind.FunctionPrototype) {
      const compiled = resolver.resolveFunction(member as FunctionPrototype, null);
      const shape = compiled === null ? null : this.#shape(item, compiled);
      return shape && { kind: "method", ...shape, place: this.#place(member) };
    }
    if ((member.kind as number) !== ElementKind.PropertyPrototype) return null;
    const prototype = member as PropertyPrototype;
    const property = resolver.resolveProperty(prototype);
    const type = property === null ? null : this.#type(item, member, property.type);
    const settable = prototype.fieldDeclaration !== null || prototype.setterPrototype !== null;
    const writable = settable && !prototype.is(CommonFlags.Readonly);
    return type && { kind: "property", type, writable, place: this.#place(member) };
  }

  #shape(item: string, compiled: CompiledFunction): FunctionShape | null {
    const { signature, prototype } = compiled;
    if (signature.hasRest) {
      return this.#refuse(prototype, `\`${item}\` has a rest parameter`, "take an array");
    }
    const declaration = prototype.declaration as FunctionDeclaration;
    const parameters: Parameter[] = [];
    for (const [index, compilerType] of signature.parameterTypes.entries()) {
      const type = this.#type(item, prototype, compilerType);
      if (type === null) return null;
      const name = declaration.signature.parameters[index]?.name.text ?? `argument${index + 1}`;
      parameters.push({ name, type, optional: index >= signature.requiredParameters });
    }
    const returns = this.#type(item, prototype, signature.returnType);
    return returns && { parameters, returns };
  }

  #type(item: string, at: DeclaredElement, type: CompilerType): Type | null {
    const { signatureReference, classReference } = type;
    const nullable = type.isNullableReference;
    if (signatureReference !== null) {
      const parameters = signatureReference.parameterTypes.map((each) =>
        this.#type(item, at, each),
      );
      const returns = this.#type(item, at, signatureReference.returnType);
      if (returns === null || parameters.includes(null) || nullable) {
        return nullable
          ? this.#refuse(at, `\`${item}\` has a function type or null`, "use an interface")
          : null;
      }
      return { kind: "function", parameters: parameters as Type[], returns };
    }
    if (classReference !== null) return this.#named(item, at, classReference, nullable);
    const name = type.toString();
    if (primitives.has(name)) return { kind: "primitive", name: name as Primitive };
    return this.#refuse(at, `\`${item}\` has the type ${name}`, "use a type of unipkg's ABI");
  }

  #named(item: string, at: DeclaredElement, of: Class, nullable: boolean): Type | null {
    const { prototype } = of;
    if (prototype.internalName.startsWith("~lib/")) {
      const parameters = (of.typeArguments ?? []).map((each) => this.#type(item, at, each));
      if (parameters.includes(null)) return null;
      return {
        kind: "standard",
        name: prototype.name,
        arguments: parameters as Type[],
        nullable,
      };
    }
    const exportedAs = this.#names.get(prototype);
    if (exportedAs !== undefined && !prototype.is(CommonFlags.Generic)) {
      return { kind: "named", interface: null, name: exportedAs, nullable };
    }
    const owner = this.#tree.ownerOf(prototype.internalName);
    const module = owner?.source.manifest.module ?? null;
    if (owner?.folder.startsWith("shared/") && owner !== this.#owner && module !== null) {
      const file = this.#program.filesByName.get(SourceTree.pathOf(owner, module));
      for (const [name, element] of file === undefined ? [] : exportsOf(file)) {
        if (element === prototype) {
          return { kind: "named", interface: owner.source.manifest.name, name, nullable };
        }
      }
    }
    if (!this.#strict) return this.#hidden(of, owner, nullable);
    return this.#refuse(
      at,
      `\`${item}\` names \`${prototype.name}\`, which the module does not export`,
      `export ${prototype.name} too`,
    );
  }

  /**
   * A class that is not exported, or that belongs to one slot's own instance, by a name that no
   * interface exports: it fits nothing, and messages can tell of it.
   */
  #hidden(of: Class, owner: TreePackage | null, nullable: boolean): Type {
    const named = (name: string): Type => ({ kind: "named", interface: null, name, nullable });
    if (owner !== null && owner !== this.#owner) {
      return named(`${owner.folder.slice(owner.folder.lastIndexOf("/") + 1)}.${of.name}`);
    }
    const exported = [...this.#names.values()].includes(of.name);
    const file = of.prototype.file.internalName.slice(this.#owner.folder.length + 1);
    return named(exported ? `${of.name} of ${file}.ts` : of.name);
  }

  #place(element: DeclaredElement): Place {
    const found = placeOf(this.#tree, element.identifierNode.range);
    return found?.place ?? { file: this.#owner.source.manifest.module ?? "", line: 1, column: 1 };
  }
}

const declarable: ReadonlySet<number> = new Set([
  ElementKind.ClassPrototype,
  ElementKind.FunctionPrototype,
  ElementKind.Global,
]);

const primitives: ReadonlySet<string> = new Set<Primitive>([
  "bool",
  "i8",
  "i16",
  "i32",
  "i64",
  "u8",
  "u16",
  "u32",
  "u64",
  "isize",
  "usize",
  "f32",
  "f64",
  "v128",
  "void",
]);
