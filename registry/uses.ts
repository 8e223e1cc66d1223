import type {
  ClassPrototype,
  DeclaredElement,
  ExportStatement,
  ImportStatement,
  NamedTypeNode,
  Program,
  PropertyAccessExpression,
} from "assemblyscript";
import type { Uses } from "../model/signature.ts";
import { ElementKind, NodeKind } from "./compiler.ts";
import type { ModuleText } from "./module-text.ts";
import { exportsOf } from "./signature-reader.ts";
import { SourceTree, type TreePackage } from "./source-tree.ts";
import { identifier, nodesOf } from "./syntax.ts";

/**
 * What the package uses of each slot that its source imports: what it names in its source, the members that
 * its compiled functions call, and every member of an interface that it implements.
 */
export function usesOf(
  program: Program,
  tree: SourceTree,
  module: ModuleText,
): Readonly<Record<string, Uses>> {
  const slots: [string, Uses][] = [];
  for (const [slot, { filledBy }] of tree.root.slots) {
    const exported = moduleExports(program, filledBy);
    const found = new Set<string>();
    addNamed(program, tree, slot, exported, found);
    addCalled(module, exported, found);
    addImplemented(program, exported, found);
    slots.push([slot, [...found].sort()]);
  }
  return Object.fromEntries(slots.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function moduleExports(
  program: Program,
  filledBy: TreePackage,
): ReadonlyMap<string, DeclaredElement> {
  const { module } = filledBy.source.manifest;
  const file =
    module === null ? undefined : program.filesByName.get(SourceTree.pathOf(filledBy, module));
  return file === undefined ? new Map() : exportsOf(file);
}

/** Names in imports, and behind the name of an `import * as`. */
function addNamed(
  program: Program,
  tree: SourceTree,
  slot: string,
  exported: ReadonlyMap<string, DeclaredElement>,
  found: Set<string>,
): void {
  const filledBy = tree.root.slots.get(slot)!.filledBy;
  const target = SourceTree.pathOf(filledBy, filledBy.source.manifest.module ?? "");
  const add = (name: string) => {
    if (exported.has(name)) found.add(name);
  };
  for (const path of ownPaths(tree)) {
    const source = program.filesByName.get(path)?.source;
    if (source === undefined) continue;
    const spaces = new Set<string>();
    for (const statement of source.statements) {
      if ((statement.kind as number) === NodeKind.Import) {
        const { internalPath, declarations, namespaceName } = statement as ImportStatement;
        if (internalPath !== target) continue;
        for (const declaration of declarations ?? []) add(declaration.foreignName.text);
        if (namespaceName !== null) spaces.add(namespaceName.text);
      } else if ((statement.kind as number) === NodeKind.Export) {
        const { internalPath, members } = statement as ExportStatement;
        if (internalPath !== target) continue;
        for (const name of members?.map((member) => member.localName.text) ?? exported.keys()) {
          add(name);
        }
      }
    }
    if (spaces.size === 0) continue;
    for (const { node } of nodesOf(source)) {
      if ((node.kind as number) === NodeKind.PropertyAccess) {
        const { expression, property } = node as PropertyAccessExpression;
        if (spaces.has(identifier(expression) ?? "")) add(property.text);
      } else if ((node.kind as number) === NodeKind.NamedType) {
        const { name } = node as NamedTypeNode;
        if (spaces.has(name.identifier.text)) add(name.next?.identifier.text ?? "");
      }
    }
  }
}

/** Functions and members that are called, and constants that are read, by compiled code of the package. */
function addCalled(
  module: ModuleText,
  exported: ReadonlyMap<string, DeclaredElement>,
  found: Set<string>,
): void {
  const names = new Map([...exported].map(([name, element]) => [element.internalName, name]));
  for (const { name, references } of module.functions.values()) {
    if (!isOwnFunction(name)) continue;
    for (const reference of references) {
      const [owner = "", member] = reference.name.replace(/@\w+$/, "").split("#");
      const item = names.get(owner);
      if (item === undefined) continue;
      found.add(item);
      if (member !== undefined) found.add(`${item}#${member.replace(/^[gs]et:/, "")}`);
    }
  }
}

/** Interfaces of the slot that classes of the package implement, with all their members. */
function addImplemented(
  program: Program,
  exported: ReadonlyMap<string, DeclaredElement>,
  found: Set<string>,
): void {
  for (const element of program.elementsByName.values()) {
    if (!element.internalName.startsWith("package/")) continue;
    if ((element.kind as number) !== ElementKind.ClassPrototype) continue;
    for (const compiled of (element as ClassPrototype).instances?.values() ?? []) {
      for (const [name, item] of exported) {
        if ((item.kind as number) !== ElementKind.InterfacePrototype) continue;
        for (const wanted of (item as ClassPrototype).instances?.values() ?? []) {
          if (!compiled.implements(wanted)) continue;
          found.add(name);
          for (const member of wanted.members?.keys() ?? []) found.add(`${name}#${member}`);
        }
      }
    }
  }
}

/** Whether a compiled function is of the package under extraction, its top-level code included. */
export function isOwnFunction(name: string): boolean {
  return name.startsWith("package/") || name.startsWith("start:package/");
}

/** Paths of the package's own files in the tree, in the order reached. */
export function ownPaths(tree: SourceTree): readonly string[] {
  return [...tree.files].flatMap(([path, { owner }]) => (owner === tree.root ? [path] : []));
}
