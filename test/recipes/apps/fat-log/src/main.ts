import { log } from "console";
import * as files from "files";

const FOLDER: string = "Diary";
const FILE: string = "Diary/every start.log";

class Diary implements files.Opener, files.Waiter, files.Asker {
  private volume: files.Volume | null = null;
  private step: i32 = 0;

  onOpen(volume: files.Volume): void {
    this.volume = volume;
    volume.makeFolder(FOLDER, this);
  }

  onRefused(result: i32): void {
    log(`fat-log: refused, ${result}`);
  }

  onDone(result: i32): void {
    const volume = this.volume!;
    const isThere = result == files.DONE || result == files.EXISTS;
    this.step++;
    if (this.step == 1 && isThere) volume.create(FILE, this);
    else if (this.step == 2 && isThere) volume.info(FILE, this);
    else if (this.step == 3 && result == files.DONE) volume.list(FOLDER, this);
    else log(`fat-log: ${result}`);
  }

  onEntries(entries: files.Entry[] | null, result: i32): void {
    if (entries === null) {
      log(`fat-log: ${result}`);
      return;
    }
    const entry = entries[0];
    if (this.step == 2) {
      const line = Uint8Array.wrap(String.UTF8.encode("started\n"));
      this.volume!.write(FILE, entry.size, line, this);
    } else {
      log(`fat-log: ${entry.name} has ${entry.size} bytes`);
    }
  }
}

export function main(): void {
  files.open(new Diary());
}
