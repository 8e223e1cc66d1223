/** Where an expression comes from: a path in the source tree, without `.ts`. */
export interface DebugPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** What one function of a compiled module does, as far as uses and effects need it. */
export interface ModuleFunction {
  /** Internal name: `package/src/tcp/Connection#write`. */
  readonly name: string;
  /** Functions called and globals read, with the place of the package's own code that does it. */
  readonly references: readonly { readonly name: string; readonly place: DebugPlace | null }[];
  /** The first floating-point instruction, parameter or local; undefined when there is none. */
  readonly float: { readonly place: DebugPlace | null } | undefined;
}

/** A compiled module, read from its text. */
export interface ModuleText {
  /** Internal name -> what is imported. */
  readonly imports: ReadonlyMap<string, { readonly module: string; readonly float: boolean }>;
  readonly functions: ReadonlyMap<string, ModuleFunction>;
}

/**
 * Reads a module's unoptimised text as binaryen writes it: one expression a line, `;;@ FILE:LINE:COLUMN`
 * (the column from 0) before the expressions of a source place.
 *
 * @param isOwn whether a path is of the package under extraction: an expression that was inlined from elsewhere
 *   belongs to the last place of the package before it
 */
export function readModuleText(text: string, isOwn: (path: string) => boolean): ModuleText {
  const imports = new Map<string, { module: string; float: boolean }>();
  const functions = new Map<string, ModuleFunction>();
  let current: Building | null = null;
  let place: DebugPlace | null = null;
  for (const line of text.split("\n")) {
    const imported = /^ \(import "([^"]*)" "[^"]*" \((?:func|global) \$(\S+?)\)*(?: |$)/.exec(line);
    if (imported !== null) {
      imports.set(imported[2]!, { module: imported[1]!, float: isFloat(line) });
      continue;
    }
    const begun = /^ \(func \$(\S+)/.exec(line);
    if (begun !== null) {
      current = { name: begun[1]!, references: [], float: undefined };
      functions.set(current.name, current);
      place = null;
    }
    if (current === null) continue;
    if (line === " )") {
      current = null;
      continue;
    }
    const located = /^ *;;@ (.+)\.ts:(\d+):(\d+)$/.exec(line);
    if (located !== null) {
      const [, path = "", at, column] = located;
      if (isOwn(path)) place = { path, line: Number(at), column: Number(column) + 1 };
      continue;
    }
    const reference = /^ +\((?:call|global\.get) \$([^\s()]+)/.exec(line);
    if (reference !== null) current.references.push({ name: reference[1]!, place });
    const { float } = current;
    if ((float === undefined || float.place === null) && isFloat(line)) current.float = { place };
  }
  return { imports, functions };
}

interface Building extends ModuleFunction {
  readonly references: { name: string; place: DebugPlace | null }[];
  float: { readonly place: DebugPlace | null } | undefined;
}

/** Whether an instruction or a type of the line is floating-point; names are not looked at. */
function isFloat(line: string): boolean {
  return /f(32|64)/.test(line) && /f(32|64)/.test(line.replaceAll(/\$\S+|"[^"]*"/g, ""));
}
