// Loaded before a program (NODE_OPTIONS=--import): its clock is ahead by as many milliseconds as a file says, which may
// change while it runs.
import { readFileSync } from "node:fs";

const RealDate = Date;
const ahead = () => Number(readFileSync(process.env.UNIPKG_TEST_CLOCK, "utf8"));

globalThis.Date = class extends RealDate {
  constructor(...words) {
    if (words.length === 0) super(RealDate.now() + ahead());
    else super(...words);
  }

  static now() {
    return RealDate.now() + ahead();
  }
};
