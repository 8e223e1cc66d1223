import { log } from "console";
import { Answer, Handler, lookup } from "resolver";
import * as udp from "udp";

/** Looks up what a datagram says: type and name, `1 www.example.org`. */
class Probe implements udp.Handler, Handler {
  onDatagram(socket: udp.Socket, address: Uint8Array, port: u16, data: Uint8Array): void {
    const words = String.UTF8.decode(data.slice().buffer).split(" ");
    lookup(words[1], <u16>I32.parseInt(words[0]), this);
  }

  onAnswer(answer: Answer): void {
    const texts: string[] = [];
    const records = answer.records;
    for (let index = 0; index < records.length; index++) texts.push(hex(records[index]));
    log(
      `${answer.name} ${answer.outcome} ${answer.canonicalName} ${answer.ttl} [${texts.join(",")}]`,
    );
  }
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index++)
    text += bytes[index].toString(16).padStart(2, "0");
  return text;
}

export function main(): void {
  udp.bind(7, new Probe());
}
