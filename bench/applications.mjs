// The applications that are measured: `hello` and `site`, made from the templates as a user makes them.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export class Applications {
  constructor(root, folder) {
    this.cli = join(root, "dist/cli/main.js");
    this.folder = folder;
    this.hello = join(folder, "hello");
    this.site = join(folder, "site");
    this.unipkg("init", this.site, "--template", "web");
    this.unipkg("init", this.hello, "--template", "hello");
    writeFileSync(join(this.site, "public/sample-16k.bin"), Buffer.alloc(16384, 0x55));
  }

  /** What `unipkg …` prints. Throws when it fails. */
  unipkg(...args) {
    return execFileSync(process.execPath, [this.cli, ...args], {
      cwd: this.folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}
