import { literal } from "./literal.ts";
import type { ValueType } from "./module.ts";
import { typeInC } from "./operator.ts";
import { Malformed } from "./reader.ts";
import type { SourceLine } from "./source-map.ts";

/** An entry of the operand stack: a C expression without effects, written where it is consumed. */
export interface Operand {
  readonly c: string;
  readonly type: ValueType;
  /** Locals that it reads: it must be computed before one of them changes. */
  readonly locals: readonly number[];
  /** A name or a number, that may be written twice. */
  readonly simple: boolean;
}

/** Expressions longer than this get a name, so that C's nesting stays shallow. */
const longestExpression = 400;

/** The C of one function while it is made: statements under their source lines, and the operand stack. */
export class FunctionCode {
  readonly #lines: string[] = [];
  #statements: string[] = [];
  readonly #stack: Operand[] = [];
  #temporaries = 0;
  /** Line that the next statement comes from. */
  #line: SourceLine;

  constructor(line: SourceLine) {
    this.#line = line;
  }

  /** Everything emitted, under `#line` directives. */
  text(): string {
    this.#flush();
    return this.#lines.join("\n");
  }

  get line(): SourceLine {
    return this.#line;
  }

  set line(line: SourceLine) {
    if (line.line === this.#line.line && line.file === this.#line.file) return;
    this.#flush();
    this.#line = line;
  }

  /** Appends a statement. */
  emit(statement: string): void {
    this.#statements.push(statement);
  }

  get height(): number {
    return this.#stack.length;
  }

  get top(): Operand {
    const operand = this.#stack.at(-1);
    if (operand === undefined) throw new Malformed(0, "operand missing");
    return operand;
  }

  push(operand: Operand): void {
    this.#stack.push(operand);
    if (operand.c.length > longestExpression) this.#name(this.#stack.length - 1);
  }

  pop(): Operand {
    const operand = this.top;
    this.#stack.length--;
    return operand;
  }

  /** Expressions of the topmost operands, the deepest first. */
  popMany(count: number): string[] {
    const operands = Array.from({ length: count }, () => this.pop().c);
    return operands.reverse();
  }

  /** Forgets operands until `height` are left. */
  cut(height: number): void {
    this.#stack.length = height;
  }

  /** Computes an expression here, into a name of its own, and pushes that. */
  compute(type: ValueType, c: string): void {
    this.#stack.push({ c, type, locals: [], simple: false });
    this.#name(this.#stack.length - 1);
  }

  /** Before the topmost operand is written twice. */
  makeSimple(): void {
    if (!this.top.simple) this.#name(this.#stack.length - 1);
  }

  /** Before a local changes; or, with null, before code that may run never or often: any may change there. */
  keepLocals(local: number | null): void {
    this.#stack.forEach(({ locals }, at) => {
      if (local === null ? locals.length > 0 : locals.includes(local)) this.#name(at);
    });
  }

  #name(at: number): void {
    const { c, type } = this.#stack[at]!;
    const name = `t${this.#temporaries++}`;
    this.emit(`${typeInC(type)} ${name} = ${c};`);
    this.#stack[at] = { c: name, type, locals: [], simple: true };
  }

  /** Statements of one source line are one line of C: `#line` counts on from there. */
  #flush(): void {
    if (this.#statements.length === 0) return;
    const { file, line } = this.#line;
    this.#lines.push(`#line ${line} ${literal(file)}`, this.#statements.join(" "));
    this.#statements = [];
  }
}
