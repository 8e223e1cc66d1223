import { relative } from "node:path";
import type { PackagePlace, Place } from "../model/place.ts";
import { type Problem, problemTitles } from "../model/problem.ts";
import { excerpt } from "./excerpt.ts";
import { type ColorChoice, type Style, styleFor } from "./style.ts";
import type { World } from "./world.ts";

/** A source file at hand: where a person finds it, and its text. */
export interface SourceText {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

/**
 * All that the command line says. Results go to standard output; what is said about the work (notes,
 * progress, problems) goes to standard error. Under `--json` there is one document on standard output,
 * printed by `end`, and nothing else.
 */
export class Report {
  /** Style of standard output. */
  readonly style: Style;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Finds the source that a problem points at, for the excerpt; set once the application is known. */
  findSource: (place: Place | PackagePlace) => SourceText | null = () => null;

  readonly #world: World;
  readonly #errorStyle: Style;
  readonly #problems: Problem[] = [];
  readonly #notes: string[] = [];
  #document: Readonly<Record<string, unknown>> | null = null;
  #progressShown = false;

  constructor(world: World, options: ReportOptions) {
    this.#world = world;
    this.json = options.json;
    this.quiet = options.quiet;
    this.style = styleFor(world.stdout, options.color, world.environment);
    this.#errorStyle = styleFor(world.stderr, options.color, world.environment);
  }

  /** A line of the result. */
  line(text = ""): void {
    if (this.json) return;
    this.#clearProgress();
    this.#world.stdout.write(`${text}\n`);
  }

  /** The result as data: the fields of the JSON document. A later call adds to an earlier one. */
  document(fields: Readonly<Record<string, unknown>>): void {
    this.#document = { ...this.#document, ...fields };
  }

  /** Something worth knowing that is not the result. */
  note(text: string): void {
    if (this.json) {
      this.#notes.push(text);
      return;
    }
    if (this.quiet) return;
    this.#errorLine(`${this.#errorStyle.cyan("note:")} ${text}`);
  }

  /** Something that the user must know of, although the command succeeds. */
  warn(text: string): void {
    if (this.json) this.#notes.push(text);
    else this.#errorLine(`${this.#errorStyle.yellow("warning:")} ${text}`);
  }

  /** What is being done now: one line that is rewritten, on terminals only. */
  progress(step: string): void {
    const { stderr, environment } = this.#world;
    if (this.json || this.quiet || !stderr.terminal || environment["TERM"] === "dumb") return;
    const text = `${step} …`.slice(0, stderr.columns - 1);
    stderr.write(`\r\u001b[2K${this.#errorStyle.dim(text)}`);
    this.#progressShown = true;
  }

  /** Takes the progress line away. */
  progressEnds(): void {
    this.#clearProgress();
  }

  /** Says what went wrong. */
  problems(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
    if (this.json) return;
    for (const problem of problems) {
      for (const line of this.#formatProblem(problem)) this.#errorLine(line);
    }
  }

  /** Prints the document under `--json`; does nothing otherwise. */
  end(status: number): void {
    this.#clearProgress();
    if (!this.json) return;
    const document = {
      ok: status === 0,
      ...this.#document,
      ...(this.#notes.length > 0 ? { notes: this.#notes } : {}),
      ...(this.#problems.length > 0
        ? {
            problems: this.#problems.map((problem) => ({
              title: problemTitles[problem.code],
              ...problem,
            })),
          }
        : {}),
    };
    this.#world.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  #formatProblem(problem: Problem): string[] {
    const style = this.#errorStyle;
    const lines = [
      `${style.red(style.bold(`error[${problem.code}]`))}${style.bold(`: ${problem.message}`)}`,
    ];
    if (problem.place !== undefined) lines.push(...this.#formatPlace(problem.place));
    for (const detail of problem.details ?? []) lines.push(detail === "" ? "" : `  ${detail}`);
    const hints = [
      ...(problem.hint === undefined ? [] : [problem.hint]),
      ...(problem.repairs ?? []),
    ];
    for (const hint of hints) {
      lines.push(`${style.cyan("hint:")} ${hint.replace(/`[^`]+`/g, style.bold)}`);
    }
    return lines;
  }

  #formatPlace(place: Place | PackagePlace): string[] {
    const style = this.#errorStyle;
    const source = this.findSource(place);
    const owner =
      "package" in place && place.version !== undefined ? `${place.package}@${place.version} ` : "";
    const path = owner === "" && source !== null ? this.#shown(source.path) : place.file;
    const lines = [`  ${style.blue("-->")} ${owner}${path}:${place.line}:${place.column}`];
    if (source !== null) {
      lines.push(...excerpt(source.text, place, (text) => style.blue(text), style.red));
    }
    return lines;
  }

  /** A path that terminals can open, from the current folder or from the root: the shorter one. */
  #shown(path: string): string {
    const near = relative(this.#world.folder, path);
    return near.length < path.length ? near : path;
  }

  #errorLine(text: string): void {
    this.#clearProgress();
    this.#world.stderr.write(`${text}\n`);
  }

  #clearProgress(): void {
    if (!this.#progressShown) return;
    this.#world.stderr.write("\r\u001b[2K");
    this.#progressShown = false;
  }
}
