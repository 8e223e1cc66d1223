import { name } from "config";
import { log } from "console";

/** Called once, at the start. The program ends when nothing is left to wait for. */
export function main(): void {
  log(`Hello, ${name}!`);
}
