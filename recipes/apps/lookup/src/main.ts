import { name } from "config";
import { error, log } from "console";
import { exit } from "event";
import { Answer, FAILED, FOUND, Handler, lookup } from "resolver";

/** Called once, at the start. What it has set up goes on by events. */
export function main(): void {
  lookup(name, A, new Teller());
}

/** Tells the answer; ends the program. */
class Teller implements Handler {
  onAnswer(answer: Answer): void {
    if (answer.outcome == FOUND) {
      for (let index = 0; index < answer.records.length; index++) {
        log(`lookup: ${name} is ${dotted(answer.records[index])}`);
      }
      exit(0);
    } else {
      const isFailure = answer.outcome == FAILED;
      error(`lookup: ${isFailure ? "no server answers for" : "there is no address of"} ${name}`);
      exit(1);
    }
  }
}

/** An address of four octets as people write it. */
function dotted(address: Uint8Array): string {
  return `${address[0]}.${address[1]}.${address[2]}.${address[3]}`;
}

/** Type of a record: an address of IPv4 (RFC 1035, 3.4.1). */
const A: u16 = 1;
