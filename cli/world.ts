/** A stream that people or pipes read. */
export interface Output {
  write(content: string | Uint8Array): void;
  /** True when a person watches it. */
  readonly terminal: boolean;
  /** Width in characters; 80 when nobody knows. */
  readonly columns: number;
}

/** What a command line runs in: a process, or what a test makes of one. */
export interface World {
  /** Absolute. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** A secret that the user types, or pipes in; without it, there is nobody to ask. */
  input?(what: string): Promise<string>;
}

/** The world of this process. */
export function processWorld(): World {
  const output = (stream: NodeJS.WriteStream): Output => ({
    write: (content) => void stream.write(content),
    terminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
  });
  return {
    folder: process.cwd(),
    environment: process.env,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    input: readSecret,
  };
}

/** A line from the terminal, not shown while it is typed; or all of what is piped in. */
async function readSecret(what: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    let text = "";
    for await (const chunk of stdin.setEncoding("utf8")) text += chunk as string;
    return text.trim();
  }
  const { createInterface } = await import("node:readline");
  const { Writable } = await import("node:stream");
  stderr.write(`${what}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  const line = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
  });
  lines.close();
  stderr.write("\n");
  return line.trim();
}
