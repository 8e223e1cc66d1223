/**
 * Every attack that unipkg's registry and its clients are held against, and the tests that do so: `file: name of the
 * test`, below test/. attacks.test.ts sees to it that each is there.
 */
export interface Attack {
  readonly attack: string;
  /** Null, with the reason: there is nothing on that side that could be attacked so. */
  readonly client: readonly string[] | { readonly none: string };
  readonly server: readonly string[] | { readonly none: string };
}

const archives = "security/archive.test.ts: an archive with %s is refused";
const damaged =
  "security/archive.test.ts: damaged archives are refused or harmless, whatever the damage";
const bombs = "security/archive.test.ts: bombs stop at the limit, not after it";
const registries = "security/registry-client.test.ts: each attack of a registry has its message";
const known =
  "security/registry-trust.test.ts: each attack of a registry that is known has its message";
const publishers =
  "security/registry-server.test.ts: hostile publishers are refused, with a reason";
const documents =
  "security/registry-client.test.ts: readers of strangers' documents never throw anything but a sentence";
const lockfile =
  "security/lockfile.test.ts: an edited lockfile is noticed, and nothing is fetched from where it says";

const fuzz = "security/registry-fuzz.test.ts: documents, archives, names and versions of all kinds";
const policies =
  "e2e/registry-policy.test.ts: an organisation says what is published in its scope, and when it is offered";
const upstreamConfusion =
  "security/registry-upstream.test.ts: what is known here, was known, or ships with unipkg is never asked for at an upstream";
const upstreamReaders =
  "security/registry-upstream.test.ts: nobody has an upstream asked who may not read what comes of it";
const upstreamBytes =
  "security/registry-upstream.test.ts: an upstream's other bytes, other package or endless answer is refused, and nothing of it is kept";
const upstreamInside =
  "security/registry-upstream.test.ts: an upstream leads nowhere but to itself, and its token goes nowhere else";

export const attacks: readonly Attack[] = [
  {
    attack: "paths, links and devices in archives",
    client: [
      archives,
      damaged,
      "security/archive.test.ts: a folder that is a link elsewhere is not written through",
    ],
    server: [publishers],
  },
  { attack: "bombs: little that unpacks to much", client: [bombs], server: [publishers] },
  {
    attack: "slow and endless data",
    client: [registries],
    server: [
      "security/registry-server.test.ts: whoever drips bytes is cut off, and who sends too many is told",
    ],
  },
  {
    attack: "dependency confusion: a stranger's package of the same name",
    client: [
      "security/registry-client.test.ts: a scope's registry alone is asked, whatever it answers",
    ],
    server: [publishers, upstreamConfusion],
  },
  {
    attack: "names that look like others",
    client: { none: "names are compared where they are given out" },
    server: [publishers],
  },
  {
    attack: "manifest confusion: an index that says something else than the archive",
    client: [registries],
    server: [publishers],
  },
  {
    attack: "weak or missing digests",
    client: [registries, lockfile],
    server: [publishers],
  },
  {
    attack: "tokens that go where they should not: redirects, plain http",
    client: [
      "security/registry-client.test.ts: a token goes to its own address and nowhere else",
      "security/registry-client.test.ts: no token goes over plain http to another machine",
    ],
    server: [upstreamInside],
  },
  {
    attack: "archives on a foreign host",
    client: ["security/registry-client.test.ts: an archive on another host is not fetched"],
    server: [upstreamInside],
  },
  {
    attack: "a project's file that names tokens, programs or other registries",
    client: [
      "security/registry-client.test.ts: a project's file names registries, and nothing else",
    ],
    server: { none: "it reads no project's files" },
  },
  {
    attack: "a version that is replaced",
    client: [registries, lockfile],
    server: [
      publishers,
      "security/registry-server.test.ts: a version that was taken back never comes back with other bytes",
    ],
  },
  {
    attack: "an edited lockfile",
    client: [lockfile],
    server: { none: "it reads no lockfiles" },
  },
  {
    attack: "rollback, freeze, split view, versions that are in no log",
    client: [
      known,
      "security/registry-trust.test.ts: two processes that are shown different histories notice it",
      "security/registry-trust.test.ts: a state that is damaged is told, not forgotten",
    ],
    server: [
      "security/registry-data.test.ts: a registry that lost what it signed does not start",
      "security/registry-data.test.ts: what was changed in the folder is found",
    ],
  },
  {
    attack: "stolen, new and expired keys",
    client: [
      known,
      "security/registry-trust.test.ts: a new key is taken when the log vouches for it, and an old one keeps what it signed",
      "security/registry-client.test.ts: a foreign registry's keys are pinned, and new ones vouched for by nobody are not believed",
    ],
    server: ["e2e/registry-npm.test.ts: npm: from login to logout"],
  },
  {
    attack: "provenance of something else, or of somebody else",
    client: [
      "security/registry-trust.test.ts: provenance is believed when a key of the policy signed it, and is about this archive",
    ],
    server: [publishers],
  },
  {
    attack: "__proto__ and other names that every object has",
    client: [
      documents,
      "security/registry-client.test.ts: names of what every object has are names like others",
      lockfile,
    ],
    server: [publishers],
  },
  {
    attack: "ranges and versions that take time",
    client: [
      registries,
      "security/time.test.ts: readers take time in proportion to what they read",
    ],
    server: [publishers],
  },
  {
    attack: "a member, or a stolen token, that publishes what the organisation does not allow",
    client: { none: "what is not published reaches no client" },
    server: [policies, "registry/organisation-policy.test.ts: what a policy has against a version"],
  },
  {
    attack: "huge and deep documents",
    client: [registries, documents],
    server: [publishers, fuzz],
  },
  {
    attack: "a malicious release that is minutes old",
    client: [
      "security/registry-trust.test.ts: a version that is too young is left out, and the user told",
    ],
    server: [policies],
  },
  {
    attack: "install scripts",
    client: ["security/registry-data.test.ts: scripts of packages are told, and never run"],
    server: ["security/registry-data.test.ts: scripts of packages are told, and never run"],
  },
  {
    attack: "texts that move a terminal's cursor",
    client: ["security/registry-client.test.ts: what strangers write moves no cursor", registries],
    server: { none: "its log is JSON, which has no control characters" },
  },
  {
    attack: "requests into a network that is not the attacker's (SSRF)",
    client: [registries, "security/registry-client.test.ts: how far inside an address leads"],
    server: [upstreamInside],
  },
  {
    attack: "private answers in caches of others",
    client: [
      "security/registry-client.test.ts: what was fetched with one token is not shown to another",
    ],
    server: [
      "security/registry-server.test.ts: no answer is anything but data to a browser, and none is for a cache that others use",
    ],
  },
  {
    attack: "a cache poisoned by an upstream: other bytes, other packages",
    client: { none: "it has no upstream but the registry" },
    server: [upstreamBytes, "registry/upstream.test.ts: what changes there changes here"],
  },
  {
    attack: "scripts in pages (XSS)",
    client: { none: "it has no pages" },
    server: [
      "security/registry-server.test.ts: no answer is anything but data to a browser, and none is for a cache that others use",
      "registry/pages.test.ts: %s",
    ],
  },
  {
    attack: "guessed passwords and tokens",
    client: { none: "it has nothing to log in to" },
    server: [
      "security/registry-server.test.ts: guessing passwords is slowed down",
      "security/registry-server.test.ts: tokens end when they should, and none makes a greater one",
    ],
  },
  {
    attack: "rights that outlast a membership, and teams that reach into other organisations",
    client: { none: "it grants nothing" },
    server: [
      "e2e/registry-teams.test.ts: npm team and access, unipkg registry team, and what members may",
      "registry/teams.test.ts: rights follow from the log as the documents say, at once and for every token",
    ],
  },
  {
    attack: "names of private packages that leak",
    client: { none: "it knows no others' names" },
    server: [
      "e2e/registry.test.ts: an organisation's packages, from publishing to an image",
      "security/registry-server.test.ts: the log's hashes tell no names, and its entries only those who may read",
      upstreamReaders,
    ],
  },
];
