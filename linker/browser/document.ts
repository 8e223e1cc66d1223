import type { SizeShare } from "../backend.ts";
import { otherOwners } from "../native/sizes.ts";
import { escapeText, formatSize } from "./markup.ts";
import type { LinkedModule, LinkedModules } from "./modules.ts";
import { modulePicture } from "./picture.ts";

export interface DocumentFacts {
  readonly application: {
    readonly name: string;
    readonly version: string;
    readonly description: string;
    /** Of its web server; null when it has none. */
    readonly port: number | null;
  };
  readonly linked: LinkedModules;
  readonly sizes: readonly SizeShare[];
  readonly wasmBytes: number;
}

/**
 * Only what the site itself has may be loaded, and no code but the scripts of its files and its WebAssembly: nothing inline, nothing made
 * from text. Links to switches may lead anywhere (`unipkg switch`).
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Fills the target's page: `{{NAME}}` stands for a value. */
export function fillDocument(template: string, facts: DocumentFacts): string {
  const { application, linked, sizes, wasmBytes } = facts;
  const bytes = new Map(sizes.map(({ owner, bytes: share }) => [owner, share]));
  const values: Readonly<Record<string, string>> = {
    name: escapeText(application.name),
    version: escapeText(application.version),
    description: escapeText(application.description),
    webServer: application.port === null ? "no" : "yes",
    policy: escapeText(contentSecurityPolicy),
    size: formatSize(wasmBytes),
    count: String(linked.modules.length),
    picture: modulePicture(linked, bytes),
    modules: linked.modules.map((module) => about(module, linked, bytes)).join("\n"),
    sizes: sizes.map((share) => sizeRow(share, sizes[0]!.bytes)).join("\n"),
  };
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function about(
  module: LinkedModule,
  { uses }: LinkedModules,
  bytes: ReadonlyMap<string, number>,
): string {
  const { name, version, kind, description, licence, effects, host } = module;
  const askedBy = uses.filter(({ provider }) => provider === name);
  const asksFor = uses.filter(({ consumer }) => consumer === name);
  const namesOf = (list: typeof uses, end: "consumer" | "provider") =>
    list.map((use) => {
      // A library that is used by its own name.
      const slots = use.slots.filter((slot) => slot !== use.provider).join(", ");
      return `${escapeText(use[end])}${slots === "" ? "" : ` <small>${escapeText(slots)}</small>`}`;
    });
  const rows: [string, string[]][] = [
    ["version", [escapeText(version)]],
    ["kind", [kind]],
    ["licence", [escapeText(licence)]],
    ["size", [bytes.has(name) ? formatSize(bytes.get(name)!) : "none of its own"]],
    ["asked for by", namesOf(askedBy, "consumer")],
    ["uses", namesOf(asksFor, "provider")],
    ["offers", host.map(escapeText)],
    [
      "effects",
      effects.map(
        ({ effect, place }) =>
          `${escapeText(effect)} <small>${escapeText(`${place.file}:${place.line}`)}</small>`,
      ),
    ],
  ];
  const list = rows
    .filter(([, values]) => values.length > 0)
    .map(([term, values]) => {
      const looks = term === "effects" ? ' class="effect"' : "";
      return `<dt>${term}</dt>${values.map((value) => `<dd${looks}>${value}</dd>`).join("")}`;
    });
  return [
    `<article id="about-${escapeText(name)}">`,
    `<h3>${escapeText(name)}</h3>`,
    `<p>${escapeText(description)}</p>`,
    `<dl>${list.join("")}</dl>`,
    "</article>",
  ].join("");
}

/** What owners are that are no package. */
const meanings: Readonly<Record<string, string>> = {
  [otherOwners.standard]: "the language's standard library",
  [otherOwners.constants]: "texts and tables",
  [otherOwners.files]: "files of the settings",
  [otherOwners.format]: "WebAssembly's own tables",
  unipkg: "the program's entry and memory",
};

function sizeRow({ owner, bytes }: SizeShare, most: number): string {
  const meaning = meanings[owner];
  const name = `${escapeText(owner)}${meaning === undefined ? "" : ` <small>${meaning}</small>`}`;
  const meter = `<meter min="0" max="${most}" value="${bytes}" aria-hidden="true"></meter>`;
  return `<tr><th scope="row">${name}</th><td>${meter}</td><td>${formatSize(bytes)}</td></tr>`;
}
