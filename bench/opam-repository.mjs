// A repository of opam files with the packages of a document that opam wrote for its solver: the same names, versions, dependencies and conflicts,
// so that opam itself can be asked the same question again.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @returns what the document asks to install, as opam names it */
export function writeRepository(text, folder) {
  const versions = new Map(
    [...text.matchAll(/^#v2v:(.*):(\d+)=(.*)$/gm)].map(([, name, number, version]) => [
      `${name} ${number}`,
      version,
    ]),
  );
  const stanzas = text
    .split("\n\n")
    .map((stanza) => (key) => new RegExp(`^${key}: (.*)$`, "m").exec(stanza)?.[1]);
  const isLate = lateEdges(stanzas);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "repo"), 'opam-version: "2.0"\n');
  for (const value of stanzas) {
    const name = value("opam-name");
    const version = value("opam-version");
    // opam's own: what the switch must always have.
    if (name === undefined || version === "NULL") continue;
    const others = list(value("conflicts")).filter((one) => one !== value("package"));
    const lines = [
      'opam-version: "2.0"',
      'synopsis: "of a bench"',
      'maintainer: "nobody@example.org"',
      `depends: [${formula(
        list(value("depends")).map((clause) => clause.split(" | ")),
        (one) => atom(one, versions, isLate(value("package"), one)),
      )}]`,
      `conflicts: [${others.map((one) => atom(one, versions)).join(" ")}]`,
      ...(value("avoid-version") === "1" ? ["flags: avoid-version"] : []),
    ];
    const path = join(folder, "packages", name, `${name}.${version}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "opam"), `${lines.join("\n")}\n`);
  }
  return list(/^install: (.*)$/m.exec(text)[1]).map(decoded);
}

/**
 * Clauses as they were before opam multiplied them out: `(a & b) | (c & d)`. It takes what a package depends on for a sum of products, and some
 * have products of 2^70.
 */
function formula(clauses, write) {
  const [found] = [...new Set(clauses.flat())]
    .map((literal) => ({ literal, rest: without(literal, clauses) }))
    .sort((a, b) => b.rest.length - a.rest.length);
  if (found === undefined || found.rest.length === 1) {
    return clauses.map((clause) => `(${clause.map(write).join(" | ")})`).join(" & ");
  }
  const same = [...new Set(clauses.flat())].filter(
    (literal) => String(without(literal, clauses)) === String(found.rest),
  );
  const left = clauses.filter((clause) => !same.some((literal) => clause.includes(literal)));
  const all = `(${same.map(write).join(" & ")})`;
  // An empty clause is false.
  const product = found.rest.some((clause) => clause.length === 0)
    ? all
    : `(${all} | (${formula(found.rest, write)}))`;
  return left.length === 0 ? product : `${product} & ${formula(left, write)}`;
}

/** What is left of the clauses that have a literal. */
function without(literal, clauses) {
  return clauses
    .filter((clause) => clause.includes(literal))
    .map((clause) => clause.filter((one) => one !== literal))
    .sort();
}

/**
 * Dependencies between names that close a circle: opam plans in which order to install, and has `post` for them. It counts for its solver like
 * any other.
 */
function lateEdges(stanzas) {
  const needed = new Map();
  for (const value of stanzas) {
    const name = value("package");
    if (name === undefined) continue;
    const all = needed.get(name) ?? new Set();
    for (const one of list(value("depends")).flatMap((clause) => clause.split(" | ")))
      all.add(one.split(" ")[0]);
    needed.set(name, all);
  }
  const late = new Set();
  const state = new Map();
  for (const start of needed.keys()) {
    const path = [];
    const enter = (name) => {
      state.set(name, "open");
      path.push({ name, rest: [...(needed.get(name) ?? [])] });
    };
    if (!state.has(start)) enter(start);
    while (path.length > 0) {
      const { name, rest } = path.at(-1);
      const next = rest.pop();
      if (next === undefined) {
        state.set(name, "done");
        path.pop();
      } else if (state.get(next) === "open") late.add(`${name} ${next}`);
      else if (!state.has(next)) enter(next);
    }
  }
  return (name, needs) => late.has(`${name} ${needs.split(" ")[0]}`);
}

/** `ocaml >= 46` as `"ocaml" {>= "4.07.1"}`. */
function atom(text, versions, isLate = false) {
  const [name, operator, number] = text.split(" ");
  const plain = decoded(name);
  if (operator === undefined) return isLate ? `"${plain}" {post}` : `"${plain}"`;
  const version = versions.get(`${name} ${number}`) ?? versions.get(`${plain} ${number}`);
  if (version === undefined) throw new Error(`no version for ${text}`);
  return `"${plain}" {${isLate ? "post & " : ""}${operator} "${version}"}`;
}

const list = (text) => (text === undefined || text === "" ? [] : text.trim().split(/\s*,\s*/));

/** CUDF writes what its names cannot have as `%5f`. */
const decoded = (name) =>
  name.replace(/%([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
