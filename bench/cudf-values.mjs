// The value of each criterion for a solution that some solver wrote, by the built tool's own definitions.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export async function load(dist) {
  const of = (file) => import(pathToFileURL(join(dist, "solver/cudf", file)).href);
  return { ...(await of("criteria.js")), ...(await of("parse.js")), ...(await of("measure.js")) };
}

/** @returns `0, 1113, 1113`, or FAIL */
export function valuesOf(
  { parseCriteria, propertiesOf, parseDocument, measure },
  path,
  list,
  solution,
) {
  const text = readFileSync(solution, "latin1");
  if (/^FAIL$/m.test(text)) return "FAIL";
  const { criteria } = parseCriteria(list);
  const { document } = parseDocument(readFileSync(path), propertiesOf(criteria));
  const { universe } = document;
  const chosen = new Set(
    [...text.matchAll(/^package: (.*)\nversion: (.*)$/gm)].map(
      ([, of, version]) => `${of} ${version}`,
    ),
  );
  const packages = universe.name.flatMap((name, index) =>
    chosen.has(`${universe.names.text(name)} ${universe.version[index]}`) ? [index] : [],
  );
  if (packages.length !== chosen.size) throw new Error("a package that is not in the universe");
  return measure(document, criteria, packages).join(", ");
}
