import {
  type CallExpression,
  type ClassDeclaration,
  type DecoratorNode,
  type Expression,
  type FunctionDeclaration,
  type IdentifierExpression,
  Node,
  type PropertyAccessExpression,
  type Source,
  type VariableStatement,
} from "assemblyscript";
import { CommonFlags, NodeKind } from "./compiler.ts";

/** A node of a syntax tree with the function that it is in, as its author wrote it; empty outside of any. */
export interface SyntaxNode {
  readonly node: Node;
  readonly function: string;
}

/** All nodes of a source in its order, the outer before the inner. */
export function* nodesOf(source: Source): Generator<SyntaxNode> {
  for (const statement of source.statements) yield* walk(statement, "", "");
}

function* walk(node: Node, className: string, functionName: string): Generator<SyntaxNode> {
  let inner = functionName;
  let innerClass = className;
  switch (node.kind as number) {
    case NodeKind.ClassDeclaration:
      innerClass = (node as ClassDeclaration).name.text;
      break;
    case NodeKind.MethodDeclaration: {
      const method = node as FunctionDeclaration;
      inner = `${className}${method.is(CommonFlags.Static) ? "." : "#"}${method.name.text}`;
      break;
    }
    case NodeKind.FunctionDeclaration: {
      const { text } = (node as FunctionDeclaration).name;
      // A function without a name is told as the one around it.
      if (functionName === "" && text !== "") inner = text;
      break;
    }
  }
  yield { node, function: inner };
  const children: Node[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (value instanceof Node) children.push(value);
    else if (Array.isArray(value)) children.push(...value.filter((item) => item instanceof Node));
  }
  children.sort((a, b) => a.range.start - b.range.start);
  for (const child of children) yield* walk(child, innerClass, inner);
}

/** Declarations at the top of a source that have no body of their own here: `declare …`. */
export function ambientDeclarations(source: Source): readonly Node[] {
  return source.statements
    .flatMap((statement): Node[] =>
      (statement.kind as number) === NodeKind.Variable
        ? (statement as VariableStatement).declarations
        : [statement],
    )
    .filter((node) => (((node as { flags?: number }).flags ?? 0) & CommonFlags.Ambient) !== 0);
}

/** Calls that reach memory past the type system. */
const unsafeCalls = new Set([
  "__alloc",
  "__free",
  "__new",
  "__newArray",
  "__newBuffer",
  "__pin",
  "__realloc",
  "__renew",
  "__unpin",
  "changetype",
  "load",
  "store",
  "unchecked",
]);
const unsafeObjects = new Set(["atomic", "heap", "memory"]);
const valueTypes = new Set(["f32", "f64", "i32", "i64", "v128"]);

/**
 * Whether a node reads or writes memory by address: `load`, `memory.copy`, `i32.load8_u`, `changetype`, `unchecked`,
 * an `@unmanaged` class.
 *
 * @param isOwn whether a name is the source's own, and so no built-in
 */
export function isUnsafeMemory(node: Node, isOwn: (name: string) => boolean): boolean {
  switch (node.kind as number) {
    case NodeKind.Call: {
      const name = identifier((node as CallExpression).expression);
      return name !== null && unsafeCalls.has(name) && !isOwn(name);
    }
    case NodeKind.PropertyAccess: {
      const { expression, property } = node as PropertyAccessExpression;
      const name = identifier(expression);
      if (name === null || isOwn(name)) return false;
      return (
        unsafeObjects.has(name) || (valueTypes.has(name) && /^(load|store)/.test(property.text))
      );
    }
    case NodeKind.Decorator: {
      const name = identifier((node as DecoratorNode).name);
      return name === "unmanaged" || name === "unsafe";
    }
    default:
      return false;
  }
}

/** The name that an expression consists of; null when it is any other. */
export function identifier(expression: Expression): string | null {
  return (expression.kind as number) === NodeKind.Identifier
    ? (expression as IdentifierExpression).text
    : null;
}
