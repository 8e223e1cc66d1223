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
  };
}
