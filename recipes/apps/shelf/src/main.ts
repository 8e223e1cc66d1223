import { port } from "config";
import { error, log } from "console";
import { exit } from "event";
import { serve } from "http";
import * as kv from "kv";
import { Shelf } from "./shelf";

/** Serves once the store is there, with all that it has kept. */
class Start implements kv.Opener {
  onOpen(store: kv.Store): void {
    if (serve(port(), new Shelf(store))) {
      log(`shelf: ${store.size} kept, http://localhost:${port()}/`);
    } else {
      error(`shelf: port ${port()} is taken or not allowed`);
      exit(1);
    }
  }

  onRefused(result: i32): void {
    if (result == kv.FOREIGN) error("shelf: the disk holds something else; it was left as it is");
    else if (result == kv.FULL) error("shelf: the disk is too small");
    else error("shelf: there is no disk, or it failed");
    exit(1);
  }
}

export function main(): void {
  kv.open(new Start());
}
