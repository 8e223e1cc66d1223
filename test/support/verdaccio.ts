import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { installProgram } from "./npm-program.ts";
import { freePort, start, testFolder } from "./unipkg.ts";

/** A real Verdaccio, with an account. */
export interface Verdaccio {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/**
 * Starts Verdaccio 6.8, the last one for Node 20.
 */
export async function startVerdaccio(): Promise<Verdaccio> {
  const installed = installProgram("verdaccio");
  const folder = testFolder();
  writeFileSync(
    join(folder, "config.yaml"),
    `storage: ${folder}/storage
auth:
  htpasswd:
    file: ${folder}/htpasswd
    max_users: 10
uplinks: {}
packages:
  '**':
    access: $authenticated
    publish: $authenticated
log: { type: stdout, format: json, level: warn }
security: { api: { jwt: { sign: { expiresIn: 7d } } } }
`,
  );
  const port = await freePort();
  const program = join(installed, "node_modules/verdaccio/bin/verdaccio");
  const words = [program, "--config", join(folder, "config.yaml"), "--listen", `127.0.0.1:${port}`];
  const running = start(process.execPath, words, folder);
  onTestFinished(async () => {
    await running.stop();
  });
  const url = `http://127.0.0.1:${port}/`;
  const user = { name: "ann", password: "correct horse battery" };
  for (;;) {
    const answer = await fetch(`${url}-/user/org.couchdb.user:ann`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ _id: "org.couchdb.user:ann", ...user }),
    }).catch(() => null);
    if (answer?.status === 201)
      return {
        url,
        token: ((await answer.json()) as { token: string }).token,
        stop: async () => void (await running.stop()),
      };
    if (running.child.exitCode !== null) throw new Error(`verdaccio ended:\n${running.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
