import { interval, patience, times, url } from "config";
import { error, log } from "console";
import { exit } from "event";
import { Summary } from "statistics";
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
  private times: Summary = new Summary();

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
    this.times.add(fetch.took / MICROSECOND);
    if (this.left == 0) this.end(fetch.status);
    else after(<u64>interval() * MILLISECOND, this);
  }

  private end(status: i32): void {
    const all = this.times;
    if (all.count > 1) {
      const range = `${all.least} to ${all.greatest} us`;
      log(`fetch: ${all.count} answers in ${range}, mean ${all.mean}, deviation ${all.deviation}`);
    }
    exit(status == 200 ? 0 : 1);
  }

  onFailed(reason: string): void {
    error(`fetch: ${reason}`);
    exit(1);
  }

  onTimer(timer: Timer): void {
    this.begin();
  }
}

const MICROSECOND: u64 = 1000;
const MILLISECOND: u64 = 1000000;
const SECOND: u64 = 1000000000;
