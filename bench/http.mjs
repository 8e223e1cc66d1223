// Requests per second on loopback: the unix image of `web`, Node's http and nginx with one worker serve the
// same files; each server has core 0, the load (wrk, 50 connections, keep-alive) has core 1; servers take turns.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median, needs, serve, table } from "./measure.mjs";

const seconds = 4;
const rounds = 3;

function load(url) {
  const { stdout, stderr, status } = spawnSync(
    "taskset",
    ["-c", "1", "wrk", "-t1", "-c50", `-d${seconds}s`, url],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk saw errors at ${url}:\n${stdout}`);
  return Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)[1]);
}

export async function benchHttp(apps) {
  needs({ nginx: "nginx-light", wrk: "wrk" });
  const { site } = apps;
  const folder = join(apps.folder, "http");
  const image = join(folder, "web-unix");
  mkdirSync(folder, { recursive: true });
  const setting = ["--set", "site.port=18081"];
  apps.unipkg("-C", site, "build", "--target", "unix", ...setting, "--output", image);
  writeFileSync(
    join(folder, "nginx.conf"),
    `user root; worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; etag on;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s; include /etc/nginx/mime.types;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:18083; root ${join(site, "public")}; index index.html; }
}\n`,
  );
  writeFileSync(
    join(folder, "node.mjs"),
    `import { createServer } from "node:http"; import { readFileSync } from "node:fs"; import { join } from "node:path";
const files = new Map(["/index.html", "/sample-16k.bin"].map((path) => [path, readFileSync(join(${JSON.stringify(join(site, "public"))}, path))]));
createServer((request, response) => {
  const body = files.get(request.url === "/" ? "/index.html" : request.url);
  if (body === undefined) { response.writeHead(404).end(); return; }
  response.writeHead(200, { "Content-Type": "text/html", "Content-Length": body.length }).end(body);
}).listen(18082, "127.0.0.1");\n`,
  );
  const servers = [
    ["unipkg unix image", 18081, image, []],
    ["Node http", 18082, process.execPath, [join(folder, "node.mjs")]],
    [
      "nginx, one worker",
      18083,
      "/usr/sbin/nginx",
      ["-c", join(folder, "nginx.conf"), "-p", folder],
    ],
  ];
  for (const path of ["/index.html", "/sample-16k.bin"]) {
    const results = servers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, [, port, command, args]] of servers.entries()) {
        const url = `http://127.0.0.1:${port}${path}`;
        const server = await serve("taskset", ["-c", "0", command, ...args], url);
        results[index].push(load(url));
        await server.stop();
      }
    }
    const medians = results.map(median);
    table(
      `HTTP GET ${path}, 50 connections, one core a server (median of ${rounds} x ${seconds} s)`,
      ["server", "requests/s", "unipkg is"],
      servers.map(([name], i) => [
        name,
        Math.round(medians[i]),
        i === 0 ? "" : `${(medians[0] / medians[i]).toFixed(2)}x`,
      ]),
    );
  }
}
