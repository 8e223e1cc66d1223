// Imports point one way: cli -> linker -> registry -> solver -> model. A file may import from its own
// layer and from those to the right of it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "./setup.mjs";

const layers = ["cli", "linker", "registry", "solver", "model"];
const wrong = [];
for (const [rank, layer] of layers.entries()) {
  for (const name of readdirSync(join(root, layer), { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    const file = join(layer, name);
    const text = readFileSync(join(root, file), "utf8");
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*)"/g)) {
      const target = normalize(join(dirname(file), specifier)).split("/")[0];
      const targetRank = layers.indexOf(target);
      if (targetRank < rank)
        wrong.push(`${file} imports ${specifier}: ${layer} may not use ${target}`);
    }
  }
}
for (const line of wrong) console.error(line);
console.error(
  `layers: ${wrong.length === 0 ? "every import points one way" : `${wrong.length} wrong`}`,
);
process.exit(wrong.length === 0 ? 0 : 1);
