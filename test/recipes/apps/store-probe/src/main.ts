import { log } from "console";
import { beginTransaction, endTransaction, readNode, removeNode, writeNode } from "xenbus";

/** Adds 1 to data/count, and takes data/old away, in one step; answers with the number of tries. */
function count(): i32 {
  for (let tries = 1; tries < 100; tries++) {
    const transaction = beginTransaction();
    if (transaction == 0) return 0;
    const before = readNode("data/count", transaction);
    const next = before === null ? 1 : <i32>I32.parseInt(before) + 1;
    writeNode("data/count", next.toString(), transaction);
    removeNode("data/old", transaction);
    if (endTransaction(transaction, true)) return tries;
  }
  return -1;
}

export function main(): void {
  log(`${count()} tries`);
  const dropped = beginTransaction();
  writeNode("data/count", "0", dropped);
  log(`within: ${readNode("data/count", dropped)!}, outside: ${readNode("data/count")!}`);
  log(`dropped: ${endTransaction(dropped, false)}`);
  log(`left: ${readNode("data/count")!}`);
  log(`ended twice: ${endTransaction(dropped, true)}`);
}
