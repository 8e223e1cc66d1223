import { failed, ok, type Result } from "../../model/problem.ts";
import type { Arguments, Command, Context } from "../command.ts";
import { exit } from "../exit.ts";
import { installationFolder, installedPackage } from "../installation.ts";
import { migrate, storageIn, storageOptions, verifyData } from "../registry-storage.ts";
import { upstreamOptions } from "../registry-upstreams.ts";

const actions = [
  ...["serve", "org", "member", "account", "advisory", "rotate-key"],
  ...["approval", "staged", "approve", "reject", "policy", "upstream", "team"],
  ...["verify", "migrate", "key", "forget"],
];

export const command: Command = {
  name: "registry",
  summary: "run a registry, or look after one",
  description: [
    "`serve` runs a registry for an organisation on this machine: docs/registry.md has its ten minutes. The first start prints the token of its administrator, once.",
    "For administrators of a registry, with the token of `unipkg login`: `org NAME` makes an organisation, `member ORG ACCOUNT` lets an account into it, `account NAME` makes an account, `advisory FILE` tells users of versions that should not be used, `rotate-key` takes a new key for signing versions, `approval ORG on` has versions wait for a second member, `policy set ORG FILE` says what may be published (docs/policies.md), `policy show ORG` and `policy remove ORG` go with it.",
    "`team create ORG:TEAM`, `destroy`, `add ORG:TEAM ACCOUNT`, `rm`, `grant ORG:TEAM publish PKG`, `revoke ORG:TEAM PKG` and `list ORG` are about teams: members who may do more with some packages than their own role lets them. `npm team` and `npm access` do the same.",
    "`upstream add NAME URL --for @SCOPE` has the registry ask another one for packages of a scope, and keep what it gets; `upstream list`, `upstream remove NAME`, and `upstream drop PKG` to forget what is kept of a package.",
    "For members who may publish: `staged` lists what waits, `approve PKG@VERSION` publishes what somebody else sent, `reject PKG@VERSION` refuses it.",
    "`verify` looks through a registry, or a backup of one, and changes nothing. `migrate` copies a folder's registry to a database and an object store, with --back the other way. `key` prints the key of a registry's log, `forget URL` has this machine forget what it knows of a registry.",
  ],
  operands: [
    {
      name: "ACTION",
      doc: "serve, or another of those above",
      complete: actions,
    },
    {
      name: "NAME",
      doc: "of the organisation, the account, the file or the package; the address to forget",
      optional: true,
      repeat: true,
    },
  ],
  options: [
    ...storageOptions,
    {
      name: "listen",
      value: "HOST:PORT",
      doc: "serve: address to listen on (default 127.0.0.1:4873)",
    },
    { name: "url", value: "URL", doc: "serve: address that users have, when a proxy is in front" },
    { name: "trust-proxy", doc: "serve: believe X-Forwarded-For, which that proxy sets" },
    { name: "anonymous", doc: "serve: give public packages to those without a token" },
    { name: "open-registration", doc: "serve: let anybody make an account" },
    { name: "log", doc: "serve: print a line of JSON for each request" },
    {
      name: "role",
      value: "ROLE",
      doc: "member: read, publish, admin, member (only what teams may) or none",
      complete: ["read", "publish", "admin", "member", "none"],
    },
    ...upstreamOptions,
    { name: "withdraw", doc: "advisory: take the advisories of the file back" },
    { name: "back", doc: "migrate: from the database and the object store to the folder" },
    { name: "registry", value: "URL", doc: "the registry to look after" },
  ],
  examples: [
    { line: "unipkg registry serve --data /var/lib/unipkg", doc: "until SIGTERM" },
    { line: "unipkg registry org acme", doc: "the organisation that owns the scope @acme" },
    {
      line: "unipkg registry member acme ann --role publish",
      doc: "ann may publish @acme packages",
    },
    {
      line: "unipkg registry team grant acme:firewall publish @acme/firewall",
      doc: "the team's members may publish it",
    },
    { line: "unipkg registry policy set acme acme.policy", doc: "what may be published in @acme" },
    {
      line: "unipkg registry upstream add partner https://npm.partner.example --for @partner",
      doc: "@partner packages come from there, through this registry",
    },
    { line: "unipkg registry verify --data /backup/unipkg", doc: "is the backup whole?" },
  ],
  json: true,
  async run(words, context) {
    const [action, ...names] = words.operands;
    if (action === "serve") return serveRegistry(words, context);
    if (action === "verify") return verifyData(words, context);
    if (action === "migrate") return migrate(words, context);
    if (action === "team") {
      const { manageTeams } = await import("../registry-teams.ts");
      return manageTeams(names, words, context);
    }
    if (action === "upstream") {
      const { manageUpstreams } = await import("../registry-upstreams.ts");
      return manageUpstreams(names, words, context);
    }
    if (action === "key" || action === "forget") {
      const { forget, tellKey } = await import("../registry-trust.ts");
      return action === "key" ? tellKey(words, context) : forget(names, context);
    }
    if (
      action === "approval" ||
      action === "staged" ||
      action === "approve" ||
      action === "reject"
    ) {
      const { decide, listStaged, setApproval } = await import("../registry-staging.ts");
      if (action === "approval") return setApproval(names, words, context);
      if (action === "staged") return listStaged(words, context);
      return decide(action, names, words, context);
    }
    if (action === "policy") {
      const { administerPolicy } = await import("../registry-policy.ts");
      return administerPolicy(names, words, context);
    }
    const { administer } = await import("../registry-administration.ts");
    return administer(action!, names, words, context);
  },
};

async function serveRegistry(words: Arguments, context: Context): Promise<Result<number>> {
  const { report } = context;
  const listen = words.one("listen") ?? "127.0.0.1:4873";
  const [, host, port] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(listen) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65535) {
    return failed({
      code: "UP702",
      message: `\`--listen ${listen}\` is not HOST:PORT`,
      hint: "write it as in `--listen 127.0.0.1:4873`, or `0.0.0.0:4873` for all networks",
    });
  }
  const url = words.one("url");
  if (url !== undefined && !/^https?:\/\/[^/]+\//.test(`${url}/`)) {
    return failed({ code: "UP702", message: `\`--url ${url}\` is not an http address` });
  }
  const { serve } = await import("../../registry/server/serve.ts");
  const { defaultPolicy } = await import("../../registry/server/registry.ts");
  const started = await serve({
    ...storageIn(words, context),
    ...{ host, port: Number(port) },
    url: url === undefined ? null : `${url.replace(/\/$/, "")}/`,
    trustProxy: words.has("trust-proxy"),
    log: words.has("log") ? (line) => report.line(line) : null,
    policy: {
      ...defaultPolicy,
      anonymous: words.has("anonymous"),
      openRegistration: words.has("open-registration"),
    },
    installation: installationFolder(),
    version: installedPackage().version,
  });
  if (!started.ok) return started;
  const { port: taken, firstToken, stop } = started.value;
  if (firstToken !== null) {
    report.line("The registry is new. This is its administrator's token; it is not shown again:");
    report.line(firstToken);
  }
  const name = host.includes(":") ? `[${host}]` : host;
  report.line(`listening on http://${name}:${taken}/`);
  const signal = await new Promise<string>((resolve) => {
    for (const each of ["SIGINT", "SIGTERM"] as const) process.once(each, () => resolve(each));
  });
  report.note(`${signal}: finishing what is under way`);
  await stop();
  return ok(exit.ok);
}
