import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Case {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** As its first line says, `# criteria: LIST`; paranoid otherwise. */
  readonly criteria: string;
}

const folder = fileURLToPath(new URL("./cases", import.meta.url));

/** The hand-made documents of `cases/`, sorted by name. */
export function cases(): readonly Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".cudf"))
    .sort()
    .map((file) => {
      const path = `${folder}/${file}`;
      const text = readFileSync(path, "utf8");
      const [, criteria = "paranoid"] = /^# criteria: (.*)$/m.exec(text) ?? [];
      return { name: file.replace(".cudf", ""), path, text, criteria };
    });
}
