import type { WasmModule } from "./module.ts";
import type { SourceMap } from "./source-map.ts";

/** A function of the program under its names. */
export interface ProgramSymbol {
  /** In C and in the image's symbol table: `http1_src_server_Server_parse_12`. */
  readonly c: string;
  /** As the author would know it: `http1/src/server/Server#parse`. */
  readonly name: string;
  /** Source file, as the source map has it: `http1/src/server.ts`; null when none is known. */
  readonly file: string | null;
}

/** The symbols of all functions that the module defines, by function index. */
export function programSymbols(
  module: WasmModule,
  map: SourceMap,
): ReadonlyMap<number, ProgramSymbol> {
  const symbols = new Map<number, ProgramSymbol>();
  module.functions.forEach((body, position) => {
    const index = module.imports.length + position;
    const name = module.names.get(index) ?? `function ${index}`;
    // The index keeps names apart that are equal without their punctuation.
    const c = `${name
      .replace(/[^A-Za-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "")
      .slice(-100)}_${index}`;
    // Its first instructions may be another's, put in by the optimiser: the name knows better.
    const file = fileOfName(name, map.files) ?? map.first(body.start, body.end, null)?.file ?? null;
    symbols.set(index, { c: /^[0-9]/.test(c) ? `f${c}` : c, name, file });
  });
  return symbols;
}

/** AssemblyScript's names begin with the path of their module; `start:PATH` are its initialisers. */
function fileOfName(name: string, files: readonly string[]): string | null {
  const path = name.replace(/^(start|export):/, "");
  const matches = (file: string) => {
    const module = file.replace(/\.ts$/, "");
    return path === module || path.startsWith(`${module}/`);
  };
  return files.find(matches) ?? null;
}
