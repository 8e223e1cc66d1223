/**
 * Random WebAssembly modules that stay within what can be compared: bits of NaNs are never looked at,
 * addresses are not below 65536, loops end. All operators, all kinds of control flow, and traps occur.
 */
import binaryen from "assemblyscript/binaryen";
import fc from "fast-check";

type Type = "i32" | "i64" | "f32" | "f64";
type Expression = binaryen.ExpressionRef;
/** An expression to be built into a function: the same one can be built more than once. */
type Build = (scope: Scope) => Expression;

const types: readonly Type[] = ["i32", "i64", "f32", "f64"];
const typeCodes = { i32: binaryen.i32, i64: binaryen.i64, f32: binaryen.f32, f64: binaryen.f64 };
const page = 65536;
/** Calls of one function with different arguments. */
export const argumentSets = 6;
/** Functions of this many at the front call no others, so that no call chain is long. */
const leaves = 8;

/** A function under construction. */
class Scope {
  readonly module: binaryen.Module;
  readonly index: number;
  /** Types of the locals after the parameters. */
  readonly locals: Type[] = [...types];
  /** Labels of blocks without a value that enclose the expression. */
  readonly labels: string[] = [];
  #labels = 0;

  constructor(module: binaryen.Module, index: number) {
    this.module = module;
    this.index = index;
  }

  local(type: Type): number {
    this.locals.push(type);
    return types.length + this.locals.length - 1;
  }

  label(): string {
    return `label${this.#labels++}`;
  }
}

/** Operators by result and operand types, as binaryen's namespaces have them. */
const operators: readonly (readonly [result: Type, operand: Type, names: string, count: 1 | 2])[] =
  [
    ["i32", "i32", "clz ctz popcnt eqz extend8_s extend16_s", 1],
    ["i64", "i64", "clz ctz popcnt extend8_s extend16_s extend32_s", 1],
    ["f32", "f32", "abs neg ceil floor trunc nearest sqrt", 1],
    ["f64", "f64", "abs neg ceil floor trunc nearest sqrt", 1],
    ["i32", "i32", "add sub mul div_s div_u rem_s rem_u and or xor shl shr_u shr_s rotl rotr", 2],
    ["i32", "i32", "eq ne lt_s lt_u le_s le_u gt_s gt_u ge_s ge_u", 2],
    ["i64", "i64", "add sub mul div_s div_u rem_s rem_u and or xor shl shr_u shr_s rotl rotr", 2],
    ["i32", "i64", "eq ne lt_s lt_u le_s le_u gt_s gt_u ge_s ge_u", 2],
    ["f32", "f32", "add sub mul div min max", 2],
    ["f64", "f64", "add sub mul div min max", 2],
    ["i32", "f32", "eq ne lt le gt ge", 2],
    ["i32", "f64", "eq ne lt le gt ge", 2],
    ["i32", "i64", "eqz", 1],
  ];

/** Conversions: name in the result's namespace, and operand type. */
const conversions: readonly (readonly [result: Type, name: string, operand: Type])[] = [
  ["i32", "wrap", "i64"],
  ["i64", "extend_s", "i32"],
  ["i64", "extend_u", "i32"],
  ["f32", "demote", "f64"],
  ["f64", "promote", "f32"],
  ["f32", "reinterpret", "i32"],
  ["f64", "reinterpret", "i64"],
  ...(["i32", "i64"] as const).flatMap((integer) =>
    (["f32", "f64"] as const).flatMap((float) =>
      ["s", "u"].flatMap((sign) => [
        [integer, `trunc_${sign}.${float}`, float] as const,
        [integer, `trunc_${sign}_sat.${float}`, float] as const,
        [float, `convert_${sign}.${integer}`, integer] as const,
      ]),
    ),
  ),
];

/** Binaryen's `module.i32.add`, `module.i32.trunc_s.f64`, by name. */
function make(
  module: binaryen.Module,
  type: Type,
  name: string,
  ...operands: number[]
): Expression {
  let found: unknown = module[type];
  for (const part of name.split(".")) found = (found as Record<string, unknown>)[part];
  return (found as (...operands: number[]) => Expression)(...operands);
}

const edges32 = [
  0, 1, -1, 2, 31, 32, 33, 255, 256, 65535, 65536, 0x7fffffff, -0x80000000, -0x7fffffff,
];
const edges64 = [
  0n,
  1n,
  -1n,
  63n,
  64n,
  0xffffffffn,
  1n << 32n,
  (1n << 63n) - 1n,
  -(1n << 63n),
  1n << 53n,
];
const edgesFloat = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  0.49999999999999994,
  4503599627370495.5,
  8388609,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  1e-310,
  1e-45,
  3.4e38,
  1e300,
  Infinity,
  -Infinity,
  Number.NaN,
];

const values = {
  i32: fc.oneof(fc.constantFrom(...edges32), fc.integer()),
  i64: fc.oneof(fc.constantFrom(...edges64), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n)),
  f32: fc.oneof(fc.constantFrom(...edgesFloat), fc.float()),
  f64: fc.oneof(fc.constantFrom(...edgesFloat), fc.double()),
};

function constantOf(module: binaryen.Module, type: Type, value: number | bigint): Expression {
  return type === "i64" ? module.i64.const(value as bigint) : module[type].const(value as number);
}

/** The value, with one NaN for all: their bits are the engine's choice. */
function canonical(scope: Scope, type: "f32" | "f64", value: Expression): Expression {
  const { module } = scope;
  const code = typeCodes[type];
  const local = scope.local(type);
  const again = () => module.local.get(local, code);
  const number = module.select(
    module[type].eq(again(), again()),
    again(),
    module[type].const(Number.NaN),
  );
  return module.block(null, [module.local.set(local, value), number], code);
}

/** The value as an i64 that is the same in every engine. */
function inBits(scope: Scope, type: Type, value: Expression): Expression {
  const { i32, i64 } = scope.module;
  if (type === "i64") return value;
  if (type === "i32") return i64.extend_u(value);
  return type === "f64"
    ? i64.reinterpret(canonical(scope, type, value))
    : i64.extend_u(i32.reinterpret(canonical(scope, type, value)));
}

const offsets = fc.oneof(
  { weight: 150, arbitrary: fc.constantFrom(0, 1, 2, 3, 7, 64, 255) },
  { weight: 1, arbitrary: fc.constantFrom(65530, 0x7fffffff, 0xfffffff0) },
);

const { i32, i64, f32, f64, statement } = fc.letrec<Record<Type | "address" | "statement", Build>>(
  (tie) => {
    const list = (type: Type) => valuesOf(type, tie);
    return {
      i32: list("i32"),
      i64: list("i64"),
      f32: list("f32"),
      f64: list("f64"),
      /** Mostly inside the first page that may be touched, sometimes far outside. */
      address: fc.oneof(
        {
          weight: 10,
          arbitrary: tie("i32").map(
            (value): Build =>
              (scope) => {
                const { module } = scope;
                const low = module.i32.and(value(scope), module.i32.const(0x3ff));
                return module.i32.add(low, module.i32.const(page));
              },
          ),
        },
        {
          weight: 1,
          arbitrary: tie("i32").map(
            (value): Build =>
              (scope) => {
                const { module } = scope;
                return module.i32.or(value(scope), module.i32.const(page));
              },
          ),
        },
      ),
      statement: statements(tie),
    };
  },
);

/** The first, with one in sixteen of the second. */
function mostly(first: fc.Arbitrary<Build>, second: fc.Arbitrary<Build>): fc.Arbitrary<Build> {
  return fc.oneof({ weight: 15, arbitrary: first }, { weight: 1, arbitrary: second });
}

type Tie = <K extends Type | "address" | "statement">(key: K) => fc.Arbitrary<Build>;

function valuesOf(type: Type, tie: Tie): fc.Arbitrary<Build> {
  const code = typeCodes[type];
  const position = types.indexOf(type);
  const own = tie(type);
  const arbitraries: fc.Arbitrary<Build>[] = [
    values[type].map(
      (value): Build =>
        ({ module }) =>
          constantOf(module, type, value),
    ),
    ...[0, types.length].map((first) =>
      fc.constant<Build>(({ module }) => module.local.get(first + position, code)),
    ),
    fc.constant<Build>(({ module }) => module.global.get(`global_${type}`, code)),
  ];
  for (const [result, operand, names, count] of operators) {
    if (result !== type) continue;
    for (const name of names.split(" ")) {
      const operands = fc.array(tie(operand), { minLength: count, maxLength: count });
      arbitraries.push(
        operands.map(
          (builds): Build =>
            (scope) =>
              make(scope.module, operand, name, ...builds.map((build) => build(scope))),
        ),
      );
      // Most divisors are odd, or most programs would end there.
      if (/^(div|rem)_/.test(name)) {
        const whole = arbitraries.pop()!;
        const odd = operands.map(
          ([a, b]): Build =>
            (scope) => {
              const one = constantOf(scope.module, operand, operand === "i64" ? 1n : 1);
              const divisor = make(scope.module, operand, "or", b!(scope), one);
              return make(scope.module, operand, name, a!(scope), divisor);
            },
        );
        arbitraries.push(mostly(odd, whole));
      }
    }
  }
  for (const [result, name, operand] of conversions) {
    if (result !== type) continue;
    const any = tie(operand).map(
      (build): Build =>
        (scope) =>
          make(scope.module, type, name, build(scope)),
    );
    // Most floats are out of an integer's range.
    const small = tie("i32").map(
      (build): Build =>
        (scope) => {
          const { module } = scope;
          const float = operand === "f32" ? module.f32 : module.f64;
          const half = module.i32.shr_u(build(scope), module.i32.const(1));
          return make(module, type, name, float.mul(float.convert_u.i32(half), float.const(0.25)));
        },
    );
    arbitraries.push(/^trunc_.\./.test(name) ? mostly(small, any) : any);
  }
  if (type === "f32" || type === "f64") {
    arbitraries.push(
      fc.tuple(own, own).map(
        ([a, b]): Build =>
          (scope) =>
            scope.module[type].copysign(a(scope), canonical(scope, type, b(scope))),
      ),
    );
  } else {
    const float = type === "i32" ? "f32" : "f64";
    arbitraries.push(
      tie(float).map(
        (build): Build =>
          (scope) =>
            scope.module[type].reinterpret(canonical(scope, float, build(scope))),
      ),
      fc.constant<Build>(({ module }) =>
        type === "i32" ? module.memory.size() : module.i64.extend_u(module.memory.size()),
      ),
    );
  }
  const widths = {
    i32: ["load", "load8_s", "load8_u", "load16_s", "load16_u"],
    i64: ["load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"],
    f32: ["load"],
    f64: ["load"],
  }[type];
  arbitraries.push(
    ...widths.map((name) =>
      fc.tuple(offsets, tie("address")).map(
        ([offset, address]): Build =>
          (scope) =>
            make(scope.module, type, name, offset, 1, address(scope)),
      ),
    ),
    fc.tuple(tie("i32"), own, own).map(
      ([condition, a, b]): Build =>
        (scope) =>
          scope.module.select(condition(scope), a(scope), b(scope)),
    ),
    fc.tuple(tie("i32"), own, own).map(
      ([condition, a, b]): Build =>
        (scope) =>
          scope.module.if(condition(scope), a(scope), b(scope)),
    ),
    // A block that is left early with a value.
    fc.tuple(tie("statement"), tie("i32"), own, own).map(
      ([first, condition, early, late]): Build =>
        (scope) => {
          const { module } = scope;
          const label = scope.label();
          const leave = module.br(label, condition(scope), early(scope));
          return module.block(label, [first(scope), module.drop(leave), late(scope)], code);
        },
    ),
    fc.tuple(fc.constantFrom(0, types.length), own).map(
      ([first, build]): Build =>
        (scope) =>
          scope.module.local.tee(first + position, build(scope), code),
    ),
    fc.tuple(tie("statement"), own).map(
      ([first, build]): Build =>
        (scope) =>
          scope.module.block(null, [first(scope), build(scope)], code),
    ),
  );
  if (type === "i64") {
    arbitraries.push(
      fc.tuple(fc.nat(leaves - 1), fc.boolean(), tie("i32"), own, tie("f32"), tie("f64")).map(
        ([callee, direct, ...builds]): Build =>
          (scope) => {
            const { module, index } = scope;
            const operands = builds.map((build) => build(scope));
            if (index < leaves) return operands[1]!;
            if (direct) return module.call(`f${callee}`, operands, binaryen.i64);
            // Of eight places of the table, one is empty and one has another type.
            const element = module.i32.and(builds[0]!(scope), module.i32.const(7));
            return module.call_indirect("table", element, operands, signature, binaryen.i64);
          },
      ),
    );
  }
  return fc.oneof({ maxDepth: 5, depthSize: "max", depthIdentifier: "expression" }, ...arbitraries);
}

function statements(tie: Tie): fc.Arbitrary<Build> {
  const some = fc.array(tie("statement"), { minLength: 1, maxLength: 3 });
  const store = (type: Type, name: string) =>
    fc.tuple(offsets, tie("address"), tie(type)).map(
      ([offset, address, value]): Build =>
        (scope) => {
          const place = address(scope);
          const built = value(scope);
          const stored = type === "f32" || type === "f64" ? canonical(scope, type, built) : built;
          return make(scope.module, type, name, offset, 1, place, stored);
        },
    );
  const length: fc.Arbitrary<Build> = tie("i32").map(
    (build): Build =>
      (scope) =>
        scope.module.i32.and(build(scope), scope.module.i32.const(0x7f)),
  );
  return fc.oneof(
    { maxDepth: 5, depthSize: "max", depthIdentifier: "expression" },
    fc.constant<Build>(({ module }) => module.nop()),
    ...types.map((type) =>
      fc.tuple(fc.constantFrom(0, types.length), tie(type)).map(
        ([first, build]): Build =>
          (scope) =>
            scope.module.local.set(first + types.indexOf(type), build(scope)),
      ),
    ),
    ...types.map((type) =>
      tie(type).map(
        (build): Build =>
          (scope) =>
            scope.module.global.set(`global_${type}`, build(scope)),
      ),
    ),
    ...types.map((type) =>
      tie(type).map(
        (build): Build =>
          (scope) =>
            scope.module.drop(build(scope)),
      ),
    ),
    ...["store", "store8", "store16"].map((name) => store("i32", name)),
    ...["store", "store8", "store16", "store32"].map((name) => store("i64", name)),
    store("f32", "store"),
    store("f64", "store"),
    fc.tuple(tie("i32"), some, some).map(
      ([condition, a, b]): Build =>
        (scope) => {
          const { module } = scope;
          const arm = (list: Build[]) =>
            module.block(
              null,
              list.map((build) => build(scope)),
            );
          return module.if(condition(scope), arm(a), arm(b));
        },
    ),
    fc.tuple(tie("i32"), tie("statement")).map(
      ([condition, build]): Build =>
        (scope) =>
          scope.module.if(condition(scope), build(scope)),
    ),
    // A block that inner statements may leave.
    some.map(
      (list): Build =>
        (scope) => {
          const label = scope.label();
          scope.labels.push(label);
          const children = list.map((build) => build(scope));
          scope.labels.pop();
          return scope.module.block(label, children);
        },
    ),
    fc.tuple(fc.nat(7), tie("i32")).map(
      ([which, condition]): Build =>
        (scope) => {
          const label = scope.labels[which % Math.max(1, scope.labels.length)];
          const { module } = scope;
          return label === undefined ? module.nop() : module.br(label, condition(scope));
        },
    ),
    tie("i32").map(
      (index): Build =>
        (scope) => {
          const { module, labels } = scope;
          const last = labels.at(-1);
          return last === undefined
            ? module.nop()
            : module.switch([...labels, last], labels[0]!, index(scope));
        },
    ),
    // At most four rounds.
    fc.tuple(fc.integer({ min: 1, max: 4 }), some).map(
      ([rounds, list]): Build =>
        (scope) => {
          const { module } = scope;
          const counter = scope.local("i32");
          const label = scope.label();
          const next = module.i32.add(module.local.get(counter, binaryen.i32), module.i32.const(1));
          return module.block(null, [
            module.local.set(counter, module.i32.const(0)),
            module.loop(
              label,
              module.block(null, [
                ...list.map((build) => build(scope)),
                module.br(
                  label,
                  module.i32.lt_u(
                    module.local.tee(counter, next, binaryen.i32),
                    module.i32.const(rounds),
                  ),
                ),
              ]),
            ),
          ]);
        },
    ),
    fc.tuple(tie("address"), tie("address"), length).map(
      ([to, from, count]): Build =>
        (scope) =>
          scope.module.memory.copy(to(scope), from(scope), count(scope)),
    ),
    fc.tuple(tie("address"), tie("i32"), length).map(
      ([to, value, count]): Build =>
        (scope) =>
          scope.module.memory.fill(to(scope), value(scope), count(scope)),
    ),
    fc.tuple(tie("address"), length, length).map(
      ([to, from, count]): Build =>
        (scope) => {
          const { module } = scope;
          const few = module.i32.and(count(scope), module.i32.const(31));
          return module.memory.init("spare", to(scope), from(scope), few);
        },
    ),
    tie("i32").map(
      (build): Build =>
        (scope) => {
          const { module } = scope;
          const few = module.i32.and(build(scope), module.i32.const(1));
          return module.drop(module.memory.grow(few));
        },
    ),
    tie("i64").map(
      (build): Build =>
        (scope) =>
          scope.module.return(build(scope)),
    ),
    tie("i32").map(
      (condition): Build =>
        (scope) =>
          scope.module.if(
            scope.module.i32.eq(condition(scope), scope.module.i32.const(7)),
            scope.module.unreachable(),
          ),
    ),
  );
}

const signature = binaryen.createType([binaryen.i32, binaryen.i64, binaryen.f32, binaryen.f64]);

/** The body of one test function: some statements and a value of each type. */
const functions = fc.tuple(fc.array(statement, { minLength: 1, maxLength: 4 }), i32, i64, f32, f64);

export interface RandomModule {
  readonly wasm: Uint8Array;
  readonly functionCount: number;
  /** Text of function `index`, for a failure. */
  readonly text: (index: number) => string;
}

/**
 * A module whose `start(n)` runs test function `n / argumentSets` on arguments `n % argumentSets`, from
 * the same memory and globals each time, and gives a number made of its result and of what it left.
 */
export function randomModule(
  seed: number,
  functionCount: number,
  optimised: boolean,
): RandomModule {
  const module = new binaryen.Module();
  const features = binaryen.Features;
  module.setFeatures(
    features.MutableGlobals |
      features.NontrappingFPToInt |
      features.BulkMemory |
      features.BulkMemoryOpt |
      features.SignExt,
  );
  for (const type of types) {
    module.addGlobal(
      `global_${type}`,
      typeCodes[type],
      true,
      constantOf(module, type, type === "i64" ? 0n : 0),
    );
  }
  addMemory(module, seed);
  module.addTable("table", 8 + functionCount, 8 + functionCount);
  const bodies = fc.sample(functions, { seed, numRuns: functionCount });
  bodies.forEach(([list, ...results], index) => {
    const scope = new Scope(module, index);
    const statements = list.map((build) => build(scope));
    const values = results.map((build, at) => inBits(scope, types[at]!, build(scope)));
    for (const [at, type] of [...types, ...types].entries()) {
      values.push(inBits(scope, type, module.local.get(at, typeCodes[type])));
    }
    const value = values.reduce((sum, part) =>
      module.i64.add(module.i64.rotl(sum, module.i64.const(7n)), part),
    );
    const locals = scope.locals.map((type) => typeCodes[type]);
    const body = module.block(null, [...statements, value], binaryen.i64);
    module.addFunction(`f${index}`, signature, binaryen.i64, locals, body);
  });
  addFrame(module, functionCount);
  if (!module.validate()) throw new Error("the generated module is not valid");
  if (optimised) module.optimize();
  return {
    wasm: module.emitBinary(),
    functionCount,
    text: (index) =>
      binaryen.emitText(binaryen.getFunctionInfo(module.getFunction(`f${index}`)!).body),
  };
}

/** The memory, and what it is filled with before each case: arguments, then a pattern. */
function addMemory(module: binaryen.Module, seed: number): void {
  const sets = fc.sample(fc.tuple(values.i32, values.i64, values.f32, values.f64), {
    seed: seed + 1,
    numRuns: argumentSets,
  });
  const data = new DataView(new ArrayBuffer(1024));
  for (let at = 0; at < 1024; at++) data.setUint8(at, (at * 167 + seed) & 255);
  sets.forEach(([a, b, c, d], index) => {
    data.setInt32(index * 32, a, true);
    data.setBigInt64(index * 32 + 8, b, true);
    data.setFloat32(index * 32 + 16, c, true);
    data.setFloat64(index * 32 + 24, d, true);
  });
  const bytes = new Uint8Array(data.buffer);
  // The types of binaryen do not know that segments have names.
  const segment = (name: string, data: Uint8Array): binaryen.MemorySegment =>
    ({ name, passive: true, offset: 0, data }) as binaryen.MemorySegment;
  const segments = [segment("pattern", bytes), segment("spare", bytes.slice(0, 100))];
  module.setMemory(2, 4, "memory", segments);
}

/** The table, and the exports of docs/abi.md. */
function addFrame(module: binaryen.Module, functionCount: number): void {
  const zero = module.i32.const(0);
  module.addFunction("other", binaryen.none, binaryen.none, [], module.nop());
  const names = Array.from({ length: functionCount }, (_, index) => `f${index}`);
  module.addActiveElementSegment("table", "own", names, module.i32.const(8));
  // Places 0 to 5 have functions, 6 another type, 7 nothing.
  module.addActiveElementSegment("table", "few", [...names.slice(0, 6), "other"], zero);

  const { i32, i64, memory, local, global } = module;
  const number = () => i32.wrap(local.get(0, binaryen.i64));
  const set = () => local.get(1, binaryen.i32);
  const at = (type: Type, offset: number) => make(module, type, "load", offset, 1, set());
  const cursor = () => local.get(2, binaryen.i32);
  const sum = () => local.get(3, binaryen.i64);
  const mixed = (value: Expression) => local.set(3, i64.add(i64.mul(sum(), i64.const(31n)), value));
  module.addFunction(
    "start",
    binaryen.i64,
    binaryen.i64,
    [binaryen.i32, binaryen.i32, binaryen.i64],
    module.block(
      null,
      [
        memory.fill(i32.const(page), zero, i32.const(page)),
        memory.init("pattern", i32.const(page), zero, i32.const(1024)),
        ...types.map((type) =>
          global.set(`global_${type}`, constantOf(module, type, type === "i64" ? 5n : 5)),
        ),
        local.set(
          1,
          i32.add(
            i32.const(page),
            i32.mul(i32.rem_u(number(), i32.const(argumentSets)), i32.const(32)),
          ),
        ),
        local.set(
          3,
          module.call_indirect(
            "table",
            i32.add(i32.div_u(number(), i32.const(argumentSets)), i32.const(8)),
            [at("i32", 0), at("i64", 8), at("f32", 16), at("f64", 24)],
            signature,
            binaryen.i64,
          ),
        ),
        local.set(2, i32.const(page)),
        module.loop(
          "sum",
          module.block(null, [
            mixed(i64.load(0, 1, cursor())),
            module.br(
              "sum",
              i32.lt_u(
                local.tee(2, i32.add(cursor(), i32.const(8)), binaryen.i32),
                i32.const(2 * page),
              ),
            ),
          ]),
        ),
        mixed(i64.extend_u(global.get("global_i32", binaryen.i32))),
        mixed(global.get("global_i64", binaryen.i64)),
        sum(),
      ],
      binaryen.i64,
    ),
  );
  module.addFunction(
    "poll",
    binaryen.createType([binaryen.i64, binaryen.i32]),
    binaryen.i64,
    [],
    i64.const(-1n),
  );
  module.addFunction("records", binaryen.none, binaryen.i32, [], i32.const(page));
  for (const name of ["start", "poll", "records"]) module.addFunctionExport(name, name);
}
