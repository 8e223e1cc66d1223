import type { Result } from "../model/problem.ts";
import type { NetworkMode } from "../registry/client/remote-documents.ts";
import type { Report } from "./report.ts";
import type { World } from "./world.ts";

/** What the shell offers for a value. */
export type Completion = "package" | "target" | "file" | "folder" | readonly string[];

/** One option, declared once: for the parser, the help and the shells' completion. */
export interface Option {
  /** Long name, without the two dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Placeholder of its value, e.g. `T[,T]`; without one it is a switch. */
  readonly value?: string;
  /** The value may be left out: `--upgrade [PKG]`. Only for commands without operands. */
  readonly valueOptional?: true;
  readonly doc: string;
  /** A list of words is also the list of all values that are accepted. */
  readonly complete?: Completion;
}

/** A word after the command's name. */
export interface Operand {
  /** As in the help: `PKG`. */
  readonly name: string;
  readonly doc: string;
  readonly optional?: true;
  /** One or more; zero or more when optional. The last one only. */
  readonly repeat?: true;
  readonly complete?: Completion;
}

export interface Example {
  readonly line: string;
  readonly doc: string;
}

/** What a command needs to do its work. */
export interface Context {
  readonly world: World;
  readonly report: Report;
  /** Where it works: the current folder, or that of `-C`. Absolute. */
  readonly folder: string;
  /** Folders of `--catalog`. Absolute. */
  readonly catalogs: readonly string[];
  /** Files of `--policy`. Absolute. */
  readonly policies: readonly string[];
  /** How far registries are asked. */
  readonly network: NetworkMode;
  /** Has something done when the command has ended, well or not. */
  atEnd(cleanUp: () => Promise<void>): void;
}

/** A command: what it is called with, and what it does. */
export interface Command {
  readonly name: string;
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** Paragraphs for its own help. */
  readonly description: readonly string[];
  readonly operands: readonly Operand[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** False when its output is not a document, so that `--json` makes no sense. */
  readonly json: boolean;
  /**
   * True when it runs a program or a long search in this process, whose speed V8 should work for. Other
   * commands run wasm for the compiler alone, which is done before optimising it has paid.
   */
  readonly runsLong?: true;
  /** True when registries are asked for what is new; otherwise what is known of them on this machine will do. */
  readonly asksRegistries?: true;
  /** Does it, and answers with the exit status, or with the problems to be told. All results go to the report. */
  run(words: Arguments, context: Context): Promise<Result<number>>;
}

/** The words of a command line, sorted out. */
export interface Arguments {
  readonly operands: readonly string[];
  /** Whether the option was given. */
  has(name: string): boolean;
  /** The option's value, the last one when it was given several times. */
  one(name: string): string | undefined;
  /** All values of the option. */
  all(name: string): readonly string[];
  /** All values, those with commas taken apart, sorted, without repeats. */
  list(name: string): readonly string[];
}

/** Options that every command takes, before or after its name. */
export const globalOptions: readonly Option[] = [
  {
    name: "directory",
    short: "C",
    value: "DIR",
    doc: "work in DIR instead of the current folder",
    complete: "folder",
  },
  {
    name: "catalog",
    value: "DIR",
    doc: "also take packages from the folders in DIR (may be repeated)",
    complete: "folder",
  },
  {
    name: "policy",
    value: "FILE",
    doc: "also hold to the policies of FILE (may be repeated; docs/policies.md)",
    complete: "file",
  },
  { name: "offline", doc: "use of registries what is on this machine, and nothing else" },
  { name: "prefer-offline", doc: "ask registries only for what is not on this machine" },
  { name: "json", doc: "print one JSON document instead of text" },
  {
    name: "color",
    value: "WHEN",
    doc: "auto, always or never; NO_COLOR and FORCE_COLOR are respected",
    complete: ["auto", "always", "never"],
  },
  { name: "quiet", short: "q", doc: "print results and errors only" },
  { name: "help", short: "h", doc: "show this help" },
  { name: "version", short: "V", doc: "print the version" },
];

/** `--target T[,T]`, as many commands take it. */
export function targetOption(doc: string): Option {
  return { name: "target", short: "t", value: "T[,T]", doc, complete: "target" };
}
