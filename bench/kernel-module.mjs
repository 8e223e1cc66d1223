// A module of Linux against the unix image and nginx, all three in one guest of one emulated processor that has wrk as well: requests a
// second, size, and how long loading takes. Servers take turns; each has the whole guest for its turn but for wrk. About two minutes.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../scripts/setup.mjs";
import { median, needs, table } from "./measure.mjs";

const seconds = 4;
const rounds = 3;
const connections = 16;
const loads = 10;
const paths = ["/index.html", "/sample-16k.bin"];

/** A program of this machine with its libraries, at their places. */
function program(path) {
  const libraries = execFileSync("ldd", [path], { encoding: "utf8" });
  const files = [path, ...libraries.matchAll(/(\/\S+) \(0x/g)].map((found) =>
    typeof found === "string" ? found : found[1],
  );
  return files.map((file) => ({
    path: file.slice(1),
    content: readFileSync(realpathSync(file)),
    executable: true,
  }));
}

const nginxConfiguration = `user root; worker_processes 1; daemon off; pid /tmp/nginx.pid; error_log /tmp/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; etag on;
  open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;
  types { text/html html; }
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server { listen 127.0.0.1:8082; root /www; index index.html; }
}
`;

/** What the guest does while the module serves at 8080. */
function commands(name) {
  const load = (server, port, path) =>
    `echo "RESULT ${server} ${path} $(wrk -t1 -c${connections} -d${seconds}s http://127.0.0.1:${port}${path} | tee /tmp/wrk | sed -n 's/^Requests.sec: *//p') $(grep -c -E 'Non-2xx|Socket errors' /tmp/wrk)"`;
  const each = (port, server) =>
    [
      `until wget -q -O /dev/null http://127.0.0.1:${port}/index.html; do sleep 0.1; done`,
      ...paths.map((path) => load(server, port, path)),
    ].join("\n");
  return `
export PATH=/bin:/usr/bin:/usr/sbin
now() { cut -d' ' -f1 /proc/uptime; }
for round in $(seq ${rounds}); do
${each(8080, "module")}
/bin/site-unix port=8081 >/dev/null & server=$!
${each(8081, "unix")}
kill $server; wait $server
nginx -c /etc/nginx.conf -p /tmp >/dev/null 2>&1 & server=$!
${each(8082, "nginx")}
kill $server; wait $server
done
rmmod ${name}
for round in $(seq ${loads}); do
before=$(now); insmod /modules/${name}.ko; after=$(now)
until wget -q -O /dev/null http://127.0.0.1:8080/index.html; do sleep 0.01; done
rmmod ${name}
echo "LOADED $before $after"
done
poweroff -f
`;
}

export async function benchKernelModule(apps) {
  needs({
    ...{ nginx: "nginx-light", wrk: "wrk", make: "make", busybox: "busybox-static" },
    "qemu-system-x86_64": "qemu-system-x86",
  });
  const { makeGuest } = await import(pathToFileURL(join(root, "dist/linker/guest/guest.js")).href);
  const folder = join(apps.folder, "kernel-module");
  mkdirSync(folder, { recursive: true });
  const [module, unix] = [join(folder, "site.ko"), join(folder, "site-unix")];
  const build = (target, output) =>
    apps.unipkg("-C", apps.site, "build", "--target", target, "--output", output);
  build("kernel-module", module);
  build("unix", unix);
  const site = join(apps.site, "public");
  const files = [
    ...program("/usr/bin/wrk"),
    ...program("/usr/sbin/nginx"),
    ...program(unix).map((file, index) =>
      index === 0 ? { ...file, path: "bin/site-unix" } : file,
    ),
    { path: "etc/nginx.conf", content: nginxConfiguration },
    { path: "etc/passwd", content: "root:x:0:0:root:/:/bin/sh\n" },
    { path: "etc/group", content: "root:x:0:\n" },
    ...readdirSync(site).map((name) => ({
      path: `www/${name}`,
      content: readFileSync(join(site, name)),
    })),
  ];
  const guest = makeGuest({
    ...{ module, network: "sockets", forwards: [], accelerator: "tcg", memory: 768 },
    files: [...new Map(files.map((file) => [file.path, file])).values()],
    commands: commands("site"),
  });
  if (!guest.ok) throw new Error(guest.problems[0].message);
  const { stdout, error } = spawnSync("qemu-system-x86_64", guest.value.arguments, {
    encoding: "latin1",
    timeout: 600_000,
  });
  guest.value.discard();
  if (error) throw error;
  const results = [...stdout.matchAll(/RESULT (\S+) (\S+) ([\d.]+) (\d+)/g)];
  if (results.length !== rounds * paths.length * 3) throw new Error(`the guest said:\n${stdout}`);
  if (results.some(([, , , , errors]) => errors !== "0")) throw new Error(`errors:\n${stdout}`);
  for (const path of paths) {
    const of = (server) =>
      median(results.filter((one) => one[1] === server && one[2] === path).map((one) => +one[3]));
    table(
      `HTTP GET ${path} inside a guest of one emulated processor, ${connections} connections (median of ${rounds} x ${seconds} s)`,
      ["server", "requests/s", "the module is"],
      ["module", "unix", "nginx"].map((server) => [
        { module: "kernel-module, kernel-sockets", unix: "unix image", nginx: "nginx, one worker" }[
          server
        ],
        Math.round(of(server)),
        server === "module" ? "" : `${(of("module") / of(server)).toFixed(2)}x`,
      ]),
    );
  }
  const times = [...stdout.matchAll(/LOADED ([\d.]+) ([\d.]+)/g)].map((one) => one[2] - one[1]);
  table(
    "The module",
    ["what", "value"],
    [
      ["size of the .ko, KB", (statSync(module).size / 1000).toFixed(0)],
      ["size of the unix image, KB", (statSync(unix).size / 1000).toFixed(0)],
      [`insmod, ms (median of ${loads}, to 10 ms)`, Math.round(median(times) * 1000)],
    ],
  );
}
