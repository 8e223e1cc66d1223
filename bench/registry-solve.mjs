// An application that reaches 500 packages of a registry: solved by unipkg with an empty and with a filled cache, and the
// same graph by `npm install --package-lock-only`, at our registry and at Verdaccio.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";
import { cpuOfChildren, median, time } from "./measure.mjs";

/** Packages that the application reaches. */
export const packages = 500;
const rounds = 3;

/** The package of a number: it requires two others, so that the graph has nine levels. */
export function packageOf(index) {
  const below = [2 * index + 1, 2 * index + 2].filter((other) => other < packages);
  const ranges = Object.fromEntries(below.map((other) => [nameOf(other), "^1.0.0"]));
  return {
    name: nameOf(index),
    unipkg: { kind: "library", module: "src/a.ts", requires: ranges },
    // What npm goes by.
    dependencies: ranges,
    source: `export function f${index}(): i32 {\n  return ${index};\n}\n`,
  };
}

function nameOf(index) {
  return `@graph/p${index}`;
}

/**
 * Milliseconds and seconds of CPU of solves; the median of some rounds.
 *
 * @param isOurs whether unipkg is asked, too: npm alone can speak with others
 */
export function solveTimes(url, token, folder, isOurs) {
  const app = join(folder, "app");
  mkdirSync(join(app, "src"), { recursive: true });
  const top = { [nameOf(0)]: "^1.0.0" };
  writeFileSync(
    join(app, "package.json"),
    JSON.stringify({
      ...{ name: "app", version: "1.0.0", license: "ISC", dependencies: top },
      unipkg: { kind: "app", requires: top },
    }),
  );
  writeFileSync(
    join(app, "src/main.ts"),
    `import { f0 } from "${nameOf(0)}";\nexport function main(): void {\n  f0();\n}\n`,
  );
  const home = join(folder, "home");
  const settings = `@graph:registry=${url}\n${url.slice("http:".length)}:_authToken=${token}\n`;
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, UNIPKG_CONFIG: join(folder, "config") },
    ...{ XDG_CACHE_HOME: join(home, "cache"), XDG_STATE_HOME: join(home, "state") },
    ...{ npm_config_userconfig: join(folder, "config"), npm_config_cache: join(home, "npm") },
    ...{ npm_config_audit: "false", npm_config_fund: "false" },
  };
  writeFileSync(join(folder, "config"), settings);
  const unipkg = [process.execPath, join(root, "dist/cli/main.js"), "solve", "--target", "unix"];
  const npm = ["npm", "install", "--package-lock-only", "--loglevel=error"];
  const results = {};
  for (const [called, command] of [...(isOurs ? [["unipkg", unipkg]] : []), ["npm", npm]]) {
    const cold = [];
    const warm = [];
    for (let round = 0; round < rounds; round++) {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home);
      for (const times of [cold, warm]) {
        for (const made of ["unipkg.lock", "package-lock.json", ".unipkg"]) {
          rmSync(join(app, made), { recursive: true, force: true });
        }
        times.push(timed(command, { cwd: app, env }));
      }
    }
    for (const [cache, times] of Object.entries({ empty: cold, filled: warm })) {
      results[`${called}, ${cache} cache`] = {
        milliseconds: median(times.map(({ milliseconds }) => milliseconds)),
        cpu: median(times.map(({ cpu }) => cpu)),
      };
    }
  }
  return results;
}

/** One run, with the seconds of CPU that it took. */
function timed([command, ...words], options) {
  const before = cpuOfChildren();
  const milliseconds = time(command, words, options);
  return { milliseconds, cpu: cpuOfChildren() - before };
}
