#!/usr/bin/env node
// Imports as little as it can: `unipkg --version` should cost what starting Node costs.
import { installedPackage } from "./installation.ts";

const words = process.argv.slice(2);

if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  process.stdout.write(`${installedPackage().version}\n`);
} else {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 74);
  });
  const [{ program }, { processWorld }] = await Promise.all([
    import("./program.ts"),
    import("./world.ts"),
  ]);
  process.exitCode = await program(words, processWorld());
}
