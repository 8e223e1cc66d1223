import { log } from "console";
import { Summary } from "statistics";

/** Each line: how many numbers of how many bits above which base, and what is told of them. The test makes the same ones. */
export function main(): void {
  const counts: u32[] = [0, 1, 2, 3, 10, 1000, 50000];
  const widths: u64[] = [0, 1, 4, 16, 32, 47];
  const bases: u64[] = [0, 1000, (<u64>1) << 40, (<u64>1) << 47];
  let state: u64 = 1;
  for (let c = 0; c < counts.length; c++) {
    for (let w = 0; w < widths.length; w++) {
      for (let b = 0; b < bases.length; b++) {
        const summary = new Summary();
        for (let index: u32 = 0; index < counts[c]; index++) {
          state = state * 6364136223846793005 + 1442695040888963407;
          const width = widths[w];
          summary.add(bases[b] + (width == 0 ? 0 : state >> (64 - width)));
        }
        const range = `${summary.count} ${summary.least} ${summary.greatest}`;
        log(`${counts[c]} ${widths[w]} ${bases[b]}: ${range} ${summary.mean} ${summary.deviation}`);
      }
    }
  }
}
