import { interval, patience, times, url } from "config";
import { error, log } from "console";
import { exit } from "event";
import { after, Handler, Timer } from "timer";
import { Fetch, Listener } from "./fetch";
import { Location } from "./location";

/** Called once, at the start. What it has set up goes on by events. */
export function main(): void {
  const location = Location.of(url());
  if (location === null) {
    error(`fetch: "${url()}" is not an address such as http://10.0.0.2:8080/path`);
    exit(1);
  } else {
    new Fetching(location).begin();
  }
}

/** Fetches as often as it is told to; ends the program. */
class Fetching implements Listener, Handler {
  private left: u32 = times();

  constructor(private location: Location) {}

  begin(): void {
    if (this.left == 0) {
      exit(0);
    } else {
      this.left--;
      new Fetch(this.location, this, <u64>patience() * SECOND).begin();
    }
  }

  onDone(fetch: Fetch): void {
    const took = fetch.took / MILLISECOND;
    const sum = fetch.checksum.toString(16).padStart(8, "0");
    log(`fetch: ${fetch.status}, ${fetch.length} bytes in ${took} ms, CRC-32 ${sum}`);
    if (this.left == 0) exit(fetch.status == 200 ? 0 : 1);
    else after(<u64>interval() * MILLISECOND, this);
  }

  onFailed(reason: string): void {
    error(`fetch: ${reason}`);
    exit(1);
  }

  onTimer(timer: Timer): void {
    this.begin();
  }
}

const MILLISECOND: u64 = 1000000;
const SECOND: u64 = 1000000000;
