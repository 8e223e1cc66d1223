import { program } from "../../cli/program.ts";
import type { Output, World } from "../../cli/world.ts";

export interface Told {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** All of it as one text, for snapshots: the command, the status when it is not 0, both streams. */
  readonly whole: string;
}

export interface Setting {
  readonly environment?: Readonly<Record<string, string>>;
  /** Both streams are terminals. */
  readonly terminal?: boolean;
}

/**
 * Runs a command line in this process. Folders of tests are told as `FOLDER`, and versions of Node and
 * unipkg's own as words, so that snapshots are the same everywhere.
 *
 * @param folder where it runs
 */
export async function runCli(
  folder: string,
  words: readonly string[],
  { environment = {}, terminal = false }: Setting = {},
): Promise<Told> {
  const stdout = collected(terminal);
  const stderr = collected(terminal);
  const world: World = { folder, environment, stdout, stderr };
  const status = await program(words, world);
  const same = (text: string) => (folder === "/" ? text : text.replaceAll(folder, "FOLDER"));
  const [out, err] = [same(stdout.text()), same(stderr.text())];
  const whole = [
    `$ unipkg ${words.join(" ")}${status === 0 ? "" : `   # status ${status}`}`,
    out,
    err === "" ? "" : `--- stderr\n${err}`,
  ].join("\n");
  return { status, stdout: out, stderr: err, whole: whole.replace(/\n{2,}$/, "\n") };
}

function collected(terminal: boolean): Output & { text(): string } {
  const parts: string[] = [];
  return {
    write: (content) =>
      void parts.push(typeof content === "string" ? content : Buffer.from(content).toString()),
    terminal,
    columns: 80,
    text: () => parts.join(""),
  };
}
