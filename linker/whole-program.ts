import type { ClassPrototype, Global, Program } from "assemblyscript";
import type { Transform } from "assemblyscript/asc";
import { CommonFlags, ElementKind } from "../registry/compiler.ts";

/**
 * Three things that AssemblyScript 0.28.20 gets wrong for whole programs of ours, put right before it compiles:
 *
 * - A call through an interface goes to those classes only that were met before the call was finished: a class whose
 *   only `new` is in a method that is itself called through an interface came too late, and the call trapped. So every
 *   class is met first.
 * - A runtime of one's own counts as its incremental one, for which all references are kept on a second stack, at the
 *   cost of much of the speed. Ours collects when the stack is empty.
 * - For the same reason arrays and buffers are not filled with zeros, which the incremental runtime does for them: ours, as
 *   the minimal one, leaves in new memory what was in it.
 */
export const wholeProgram: Pick<Transform, "afterInitialize"> = {
  afterInitialize: (program: Program) => {
    program.options.stackSize = 0;
    program.module.useShadowStack = false;
    const runtime = program.elementsByName.get("ASC_RUNTIME") as Global;
    runtime.constantIntegerValue = minimal(runtime.constantIntegerValue);
    for (const element of program.elementsByDeclaration.values()) {
      if ((element.kind as number) !== ElementKind.ClassPrototype) continue;
      if (element.is(CommonFlags.Generic) || element.internalName.startsWith("~lib/")) continue;
      program.resolver.resolveClass(element as ClassPrototype, null);
    }
  },
};

/** AssemblyScript's 64-bit integers, as far as they are needed. */
interface Long {
  sub(value: Long | number): Long;
}

/** The number of AssemblyScript's minimal runtime (std/assembly/shared/runtime.ts), made from another's. */
function minimal(other: unknown): Global["constantIntegerValue"] {
  const zero = (other as Long).sub(other as Long);
  return zero.sub(-1) as unknown as Global["constantIntegerValue"];
}
