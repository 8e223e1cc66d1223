/** A machine with Xen; bed.mjs says how it is made. */
export class Bed {
  static start(options?: { readonly programs?: readonly string[] }): Promise<Bed>;
  /** The folder that dom0 has as /shared. */
  readonly folder: string;
  run(command: string): Promise<{ readonly status: number; readonly output: string }>;
  do(command: string): Promise<string>;
  put(file: string, name?: string): string;
  putProgram(name: string): string;
  console(guest: string): string;
  log(): string;
  until(
    what: string,
    done: () => boolean | Promise<boolean>,
    seconds?: number,
  ): Promise<void>;
  untilConsole(guest: string, text: string, seconds?: number): Promise<void>;
  stop(): Promise<void>;
}
