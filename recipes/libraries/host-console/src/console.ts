import { write as hostWrite } from "./host/console";

/** Writes `text` and a line end to the output. */
export function log(text: string): void {
  send(OUTPUT, `${text}\n`);
}

/** Writes `text` and a line end to the error output, where the target has one. */
export function error(text: string): void {
  send(ERRORS, `${text}\n`);
}

/** Writes `text` as it is, without a line end. */
export function write(text: string): void {
  send(OUTPUT, text);
}

const OUTPUT: i32 = 1;
const ERRORS: i32 = 2;

/** One call of the host for a text, so that lines stay whole. */
function send(stream: i32, text: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE));
  hostWrite(stream, bytes.dataStart, bytes.length);
}
